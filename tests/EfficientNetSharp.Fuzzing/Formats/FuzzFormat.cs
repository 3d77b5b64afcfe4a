using EfficientNetSharp.Testing.Hostile;

namespace EfficientNetSharp.Fuzzing.Formats;

/// <summary>A kind of file that is read from outside, and what a reader may take for one of so many bytes.</summary>
public sealed record FuzzFormat
{
    /// <summary>Its name on the command line and of its folder in the corpus.</summary>
    public required string Name { get; init; }

    /// <summary>Makes the valid inputs.</summary>
    public required Func<IEnumerable<Specimen>> Seeds { get; init; }

    /// <summary>Changes them.</summary>
    public Mutator Mutator { get; init; } = Mutator.Blind;

    /// <summary>
    /// Reads an input as the product does, through a public door where there is one, and all of it: names, shapes and values.
    /// </summary>
    public required Action<string> Read { get; init; }

    /// <summary>Whether an exception is one that the door's contract names, besides <see cref="InvalidInputException"/>.</summary>
    public Func<Exception, bool> IsAgreed { get; init; } = _ => false;

    /// <summary>What reading may take.</summary>
    public Limits Limits { get; init; } = new();
}

/// <summary>What reading an input may take; docs/security.md states the same numbers.</summary>
public sealed record Limits
{
    /// <summary>Managed memory allocated whatever the input's length, dead or alive.</summary>
    public long ManagedBytes { get; init; } = 64L << 20;

    /// <summary>Managed memory allocated besides for each byte of the input.</summary>
    public long ManagedPerByte { get; init; } = 256;

    /// <summary>Growth of the process whatever the input's length.</summary>
    public long ResidentBytes { get; init; } = 160L << 20;

    /// <summary>Growth of the process besides for each byte of the input.</summary>
    public long ResidentPerByte { get; init; } = 256;

    /// <summary>Seconds of processor time; a reader that takes more has no bound.</summary>
    public double Seconds { get; init; } = 10;
}
