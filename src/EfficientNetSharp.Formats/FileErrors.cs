namespace EfficientNetSharp.Formats;

/// <summary>Messages about files of others that cannot be used.</summary>
internal static class FileErrors
{
    /// <summary>The file is not as its format says.</summary>
    /// <param name="kind">What the file was to be, such as <c>weight file</c>.</param>
    /// <param name="path">The file.</param>
    /// <param name="what">What is wrong.</param>
    /// <param name="inner">The failure behind it.</param>
    public static InvalidInputException Damaged(string kind, string path, string what, Exception? inner = null) =>
        Unusable(kind, path, what, "fetch or make it again", inner);

    /// <summary>The file cannot be used, with what to do instead.</summary>
    public static InvalidInputException Unusable(string kind, string path, string what, string advice, Exception? inner = null)
    {
        string message = $"'{path}' is not a usable {kind}: {what}; {advice}.";
        return inner is null ? new InvalidInputException(message) : new InvalidInputException(message, inner);
    }
}
