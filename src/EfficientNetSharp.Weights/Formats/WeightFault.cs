using EfficientNetSharp.Files;

namespace EfficientNetSharp.Weights.Formats;

/// <summary>Messages about foreign weight files that cannot be used.</summary>
internal static class WeightFault
{
    /// <summary>What the files are called in messages.</summary>
    public const string Kind = "weight file";

    /// <inheritdoc cref="FileFault.Damaged" />
    public static InvalidInputException Damaged(string path, string what, Exception? inner = null) => FileFault.Damaged(Kind, path, what, inner);

    /// <inheritdoc cref="FileFault.Unusable" />
    public static InvalidInputException Unusable(string path, string what, string advice, Exception? inner = null) =>
        FileFault.Unusable(Kind, path, what, advice, inner);
}
