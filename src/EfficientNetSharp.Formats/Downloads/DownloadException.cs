namespace EfficientNetSharp.Formats.Downloads;

/// <summary>A download failed. The message is one line that says what happened and what to do.</summary>
public sealed class DownloadException : Exception
{
    /// <summary>Creates the exception with its one-line message.</summary>
    public DownloadException(string message) : base(message)
    {
    }

    /// <summary>Creates the exception with its one-line message and the failure behind it.</summary>
    public DownloadException(string message, Exception innerException) : base(message, innerException)
    {
    }
}
