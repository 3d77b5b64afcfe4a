using EfficientNetSharp.Formats;

namespace EfficientNetSharp.Data;

/// <summary>Messages about files of datasets that cannot be used.</summary>
internal static class DatasetErrors
{
    /// <summary>What the files are called in messages.</summary>
    public const string Kind = "dataset file";

    /// <inheritdoc cref="FileErrors.Damaged" />
    public static InvalidInputException Damaged(string path, string what, Exception? inner = null) =>
        FileErrors.Damaged(Kind, path, what, inner);

    /// <inheritdoc cref="FileErrors.Unusable" />
    public static InvalidInputException Unusable(string path, string what, string advice, Exception? inner = null) =>
        FileErrors.Unusable(Kind, path, what, advice, inner);
}
