using EfficientNetSharp.Training.Torch;

namespace EfficientNetSharp.Training.Rounding;

/// <summary>What goes together with training in integers.</summary>
internal static class RoundingRules
{
    /// <summary>Checks a job that has a plan.</summary>
    /// <exception cref="InvalidInputException">Something does not go together; the message says what to leave out.</exception>
    public static void Check(TrainingJob job)
    {
        if (job.Quantization is null) return;
        if (job.StartWeights is null)
            throw new InvalidInputException("A network learns to be of integers from trained weights; start from the quantized model.");
        if (job.Recipe.Precision != Precision.Fp32)
            throw new InvalidInputException($"Integers are imitated in 32 bits, and the recipe computes in {job.Recipe.Precision}; leave the precision out.");
        if (job.Recipe.Probe is not null || job.Recipe.ProbeEpochs > 0)
            throw new InvalidInputException("A quantized network keeps its classifier, and the recipe fits one first; leave the probe out (--no-probe).");
        if (job.Recipe.PreciseStatisticsBatches > 0)
            throw new InvalidInputException("A quantized network has no running statistics to measure anew; leave preciseStatisticsBatches out.");
    }
}
