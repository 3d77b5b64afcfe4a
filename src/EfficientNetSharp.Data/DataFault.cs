using EfficientNetSharp.Files;

namespace EfficientNetSharp.Data;

/// <summary>Messages about files of datasets that cannot be used.</summary>
internal static class DataFault
{
    /// <summary>What the files are called in messages.</summary>
    public const string Kind = "dataset file";

    /// <inheritdoc cref="FileFault.Damaged" />
    public static InvalidInputException Damaged(string path, string what, Exception? inner = null) => FileFault.Damaged(Kind, path, what, inner);

    /// <inheritdoc cref="FileFault.Unusable" />
    public static InvalidInputException Unusable(string path, string what, string advice) => FileFault.Unusable(Kind, path, what, advice);
}
