using System.Collections.Immutable;

namespace EfficientNetSharp.Evaluation;

/// <summary>What came of one picture: either <see cref="Predictions"/> or <see cref="Error"/>.</summary>
public sealed record PictureResult
{
    private PictureResult(string path, ImmutableArray<Prediction> predictions, string? error) =>
        (Path, Predictions, Error) = (path, predictions, error);

    /// <summary>The picture's path, as it was given.</summary>
    public string Path { get; }

    /// <summary>The best classes, best first; empty where there is an error.</summary>
    public ImmutableArray<Prediction> Predictions { get; }

    /// <summary>One line that says why there are no predictions; <see langword="null"/> where there are.</summary>
    public string? Error { get; }

    internal static PictureResult Success(string path, ImmutableArray<Prediction> predictions) => new(path, predictions, null);

    internal static PictureResult Failure(string path, string error) => new(path, [], error);
}
