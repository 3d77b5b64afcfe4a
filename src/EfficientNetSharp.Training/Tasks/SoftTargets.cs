namespace EfficientNetSharp.Training.Tasks;

/// <summary>Targets that are spread over classes.</summary>
internal static class SoftTargets
{
    /// <summary>
    /// For each image (1 − s)·(share·first + (1 − share)·second) + s/K: mixtures of two classes (Zhang et al. 2018), smoothed.
    /// </summary>
    /// <param name="batch">The classes and shares of N images.</param>
    /// <param name="classes">K.</param>
    /// <param name="smoothing">s, the share that is spread over all classes.</param>
    /// <returns>[N,K], each row adding up to 1.</returns>
    public static float[] Of(in TrainingBatch batch, int classes, double smoothing)
    {
        var targets = new float[batch.Count * classes];
        targets.AsSpan().Fill((float)(smoothing / classes));
        for (int i = 0; i < batch.Count; i++)
        {
            double first = batch.FirstShares.IsEmpty ? 1 : batch.FirstShares[i];
            targets[(i * classes) + batch.Labels[i]] += (float)((1 - smoothing) * first);
            if (!batch.SecondLabels.IsEmpty) targets[(i * classes) + batch.SecondLabels[i]] += (float)((1 - smoothing) * (1 - first));
        }

        return targets;
    }
}
