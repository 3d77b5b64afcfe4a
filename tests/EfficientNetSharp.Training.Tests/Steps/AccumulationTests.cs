using EfficientNetSharp.Randomness;
using EfficientNetSharp.Training.Recipes;
using EfficientNetSharp.Training.Steps;
using EfficientNetSharp.Training.Tasks;

namespace EfficientNetSharp.Training.Tests.Steps;

public sealed class AccumulationTests
{
    [Theory]
    [InlineData(2)]
    [InlineData(3)]
    [InlineData(6)]
    public void Gradients_in_parts_are_those_of_the_whole_batch(int parts)
    {
        // Dropout and stochastic depth are on: an image's chance must not depend on the part that it is in. Statistics are fixed, as
        // those of a part are not those of the batch.
        var (whole, wholeLoss) = Gradients(1);
        var (summed, summedLoss) = Gradients(parts);
        Assert.Equal(wholeLoss, summedLoss, 1e-5);
        double difference = Math.Sqrt(whole.Zip(summed, (a, b) => Math.Pow(a - b, 2)).Sum()),
            length = Math.Sqrt(whole.Sum(a => (double)a * a));
        Assert.InRange(difference / length, 0, 1e-5);
    }

    private static (float[] Gradients, double Loss) Gradients(int parts)
    {
        var job = SmallJobs.In("unused") with
        {
            Recipe = SmallJobs.Recipe with { BatchSize = 13, Accumulation = parts, FixedStatistics = true },
        };
        using var session = new TrainingSession(job, stepsPerEpoch: 2);
        session.Enter(EpochPlan.Of(job.Recipe, job.Preprocessing, 0));
        var random = new SeededRandom(3);
        var images = new float[13 * 3 * 24 * 24];
        foreach (ref float value in images.AsSpan()) value = (float)random.NextGaussian();
        int[] labels = [.. Enumerable.Range(0, 13).Select(i => i % 3)];
        var (loss, _) = session.RunPasses(new TrainingBatch { Images = images, Labels = labels }, new BatchShare(13, 13, Stops: false),
            step: 4);
        return (session.Gradients.ToArray(), loss);
    }
}
