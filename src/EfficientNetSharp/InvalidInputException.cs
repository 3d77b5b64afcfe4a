namespace EfficientNetSharp;

/// <summary>
/// Something that a person gave (a file, a name, a setting) is not usable. The message is one line that says what was
/// expected, what was found and what to do; the command line prints it as it is.
/// </summary>
public sealed class InvalidInputException : Exception
{
    /// <summary>Creates the exception with its one-line message.</summary>
    public InvalidInputException(string message) : base(message)
    {
    }

    /// <summary>Creates the exception with its one-line message and the failure behind it.</summary>
    public InvalidInputException(string message, Exception innerException) : base(message, innerException)
    {
    }

    /// <summary>
    /// The operator that a reader or a backend lacks, where that is all that is wrong: the network is sound, and another backend may run
    /// it. <see langword="null"/> where the input itself is at fault.
    /// </summary>
    public string? UnsupportedOperator { get; init; }

    /// <summary>
    /// Whether it is a training that diverged: all that was given is sound by itself, and the losses left the finite numbers. Default false.
    /// </summary>
    public bool IsDivergence { get; init; }
}
