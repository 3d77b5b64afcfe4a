using EfficientNetSharp.Formats;

namespace EfficientNetSharp.Weights.Formats;

/// <summary>Messages about foreign weight files that cannot be used.</summary>
internal static class WeightErrors
{
    /// <summary>What the files are called in messages.</summary>
    public const string Kind = "weight file";

    /// <inheritdoc cref="FileErrors.Damaged" />
    public static InvalidInputException Damaged(string path, string what, Exception? inner = null) =>
        FileErrors.Damaged(Kind, path, what, inner);

    /// <inheritdoc cref="FileErrors.Unusable" />
    public static InvalidInputException Unusable(string path, string what, string advice, Exception? inner = null) =>
        FileErrors.Unusable(Kind, path, what, advice, inner);
}
