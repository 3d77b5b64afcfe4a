using EfficientNetSharp.Data.Loading;

namespace EfficientNetSharp.Training.Steps;

/// <summary>What a step learns from: pictures with their classes, or mixtures of two pictures with both classes.</summary>
internal readonly ref struct TrainingBatch
{
    /// <summary>[N,C,H,W], row-major.</summary>
    public required ReadOnlySpan<float> Pictures { get; init; }

    /// <summary>[N].</summary>
    public required ReadOnlySpan<int> Labels { get; init; }

    /// <summary>The second classes of mixtures [N]; empty where nothing is mixed.</summary>
    public ReadOnlySpan<int> SecondLabels { get; init; }

    /// <summary>The first classes' shares of mixtures [N], 0…1; empty where nothing is mixed.</summary>
    public ReadOnlySpan<float> FirstShares { get; init; }

    /// <summary>The pictures' places in the batch of all processes [N]; empty where they are 0, 1, ….</summary>
    public ReadOnlySpan<int> Rows { get; init; }

    /// <summary>N.</summary>
    public int Count => Labels.Length;

    /// <summary>A loader's batch.</summary>
    public static TrainingBatch Of(Batch batch) => new()
    {
        Pictures = batch.Pictures.Span, Labels = batch.Labels, Rows = batch.Rows, SecondLabels = batch.SecondLabels, FirstShares = batch.FirstShares,
    };

    /// <summary>Some of its rows.</summary>
    public TrainingBatch Part(int first, int count)
    {
        int picture = Pictures.Length / Count;
        return new TrainingBatch
        {
            Pictures = Pictures.Slice(first * picture, count * picture),
            Labels = Labels.Slice(first, count),
            SecondLabels = SecondLabels.IsEmpty ? default : SecondLabels.Slice(first, count),
            Rows = Rows.IsEmpty ? default : Rows.Slice(first, count),
            FirstShares = FirstShares.IsEmpty ? default : FirstShares.Slice(first, count),
        };
    }
}
