using System.Collections.Immutable;

namespace EfficientNetSharp.Prediction;

/// <summary>What came of one image: either <see cref="Predictions"/> or <see cref="Error"/>.</summary>
public sealed record ImageResult
{
    private ImageResult(string path, ImmutableArray<ClassPrediction> predictions, string? error) =>
        (Path, Predictions, Error) = (path, predictions, error);

    /// <summary>The image's path, as it was given.</summary>
    public string Path { get; }

    /// <summary>The best classes, best first; empty where there is an error.</summary>
    public ImmutableArray<ClassPrediction> Predictions { get; }

    /// <summary>One line that says why there are no predictions; <see langword="null"/> where there are.</summary>
    public string? Error { get; }

    internal static ImageResult Success(string path, ImmutableArray<ClassPrediction> predictions) => new(path, predictions, null);

    internal static ImageResult Failure(string path, string error) => new(path, [], error);
}
