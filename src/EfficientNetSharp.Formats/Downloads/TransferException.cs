namespace EfficientNetSharp.Formats.Downloads;

/// <summary>What ended an attempt to transfer a file.</summary>
internal enum TransferErrorKind
{
    /// <summary>Another attempt may succeed: a dropped connection, a busy server.</summary>
    Transient,

    /// <summary>The server could not be reached at all.</summary>
    Unreachable,

    /// <summary>The server does not have the file.</summary>
    NotFound,

    /// <summary>Another attempt would end the same way.</summary>
    Final,
}

/// <summary>An attempt to transfer a file ended early.</summary>
internal sealed class TransferException(TransferErrorKind kind, string message, TimeSpan? retryAfter = null, Exception? inner = null)
    : Exception(message, inner)
{
    internal TransferErrorKind Kind { get; } = kind;

    /// <summary>The pause that the server asks for.</summary>
    internal TimeSpan? RetryAfter { get; } = retryAfter;
}
