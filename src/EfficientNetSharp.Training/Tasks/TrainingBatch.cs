using EfficientNetSharp.Data.Loading;

namespace EfficientNetSharp.Training.Tasks;

/// <summary>What a step learns from: images with their classes, or mixtures of two images with both classes.</summary>
internal readonly ref struct TrainingBatch
{
    /// <summary>[N,C,H,W], row-major.</summary>
    public required ReadOnlySpan<float> Images { get; init; }

    /// <summary>[N].</summary>
    public required ReadOnlySpan<int> Labels { get; init; }

    /// <summary>The second classes of mixtures [N]; empty where nothing is mixed.</summary>
    public ReadOnlySpan<int> SecondLabels { get; init; }

    /// <summary>The first classes' shares of mixtures [N], 0…1; empty where nothing is mixed.</summary>
    public ReadOnlySpan<float> FirstShares { get; init; }

    /// <summary>The images' places in the batch of all processes [N]; empty where they are 0, 1, ….</summary>
    public ReadOnlySpan<int> Rows { get; init; }

    /// <summary>N.</summary>
    public int Count => Labels.Length;

    /// <summary>A loader's batch.</summary>
    public static TrainingBatch Of(Batch batch) => new()
    {
        Images = batch.Images.Span, Labels = batch.Labels, Rows = batch.Rows, SecondLabels = batch.SecondLabels,
            FirstShares = batch.FirstShares,
    };

    /// <summary>Some of its rows.</summary>
    public TrainingBatch Part(int first, int count)
    {
        int image = Images.Length / Count;
        return new TrainingBatch
        {
            Images = Images.Slice(first * image, count * image),
            Labels = Labels.Slice(first, count),
            SecondLabels = SecondLabels.IsEmpty ? default : SecondLabels.Slice(first, count),
            Rows = Rows.IsEmpty ? default : Rows.Slice(first, count),
            FirstShares = FirstShares.IsEmpty ? default : FirstShares.Slice(first, count),
        };
    }
}
