using EfficientNetSharp.Files;

namespace EfficientNetSharp.Studies.Trials;

/// <summary>
/// A share of a study's trials that a process keeps to: every <paramref name="Count"/>-th, as <c>2/8</c> for the second of eight.
/// </summary>
/// <param name="Number">Which share, from 1.</param>
/// <param name="Count">Of how many.</param>
public sealed record Shard(int Number, int Count)
{
    /// <summary>All trials.</summary>
    public static Shard Whole { get; } = new(1, 1);

    /// <summary>Reads a share.</summary>
    /// <param name="text">Two numbers, such as <c>2/8</c>.</param>
    /// <exception cref="InvalidInputException">The text is none, or the share's number is above their count.</exception>
    public static Shard Parse(string text)
    {
        ArgumentNullException.ThrowIfNull(text);
        string[] parts = text.Split('/');
        return parts.Length == 2 && NumberText.TryParseDigits(parts[0], out int number) && NumberText.TryParseDigits(parts[1], out int count)
            && number >= 1 && number <= count
            ? new Shard(number, count)
            : throw new InvalidInputException($"Expected a share such as 2/8, the second of eight, found {OneLine.Quote(text)}.");
    }

    /// <summary>Whether a trial is in it.</summary>
    /// <param name="trial">The trial's place in the study, from 0.</param>
    public bool Holds(int trial) => trial % Count == Number - 1;
}
