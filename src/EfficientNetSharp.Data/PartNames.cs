using System.Collections.Immutable;
using System.Text.RegularExpressions;

namespace EfficientNetSharp.Data;

/// <summary>
/// What the parts of a dataset are called, here and on disk: the one list of words for folders, files, shards and the cells of a list.
/// </summary>
/// <remarks>
/// Case does not matter. A folder, a list (<c>val.csv</c>) or a cell is called by one of the words as a whole; the name of a shard
/// (<c>imagenet-val-000003.tar</c>) has one of them among its words. Class folders may be called by these words too, as in <c>valid</c> and
/// <c>invalid</c>, or images of a <c>train</c>; where folders are parts and where they are classes is decided by what lies beside and in
/// them, not by their names alone (<see cref="Formats.Datasets"/>).
/// </remarks>
public static partial class PartNames
{
    /// <summary>The part that is trained on. On disk: <c>train</c>, <c>training</c>.</summary>
    public const string Train = "train";

    /// <summary>
    /// The part that progress is measured on. On disk: <c>val</c>, <c>valid</c>, <c>validation</c>, <c>dev</c>, <c>eval</c>.
    /// </summary>
    public const string Validation = "val";

    /// <summary>The part that is measured once at the end. On disk: <c>test</c>, <c>testing</c>.</summary>
    public const string Test = "test";

    /// <summary>All images of a dataset that has no parts.</summary>
    public const string All = "all";

    private static readonly ImmutableArray<string> TrainWords = [Train, "training"];
    private static readonly ImmutableArray<string> ValidationWords = [Validation, "valid", "validation", "dev", "eval"];
    private static readonly ImmutableArray<string> TestWords = [Test, "testing"];

    /// <summary>
    /// The parts in the order in which a model is evaluated on them if none is asked for: <c>val</c>, <c>test</c>, <c>train</c>.
    /// </summary>
    public static ImmutableArray<string> ForEvaluation { get; } = [Validation, Test, Train];

    /// <summary>The words that mean a part on disk.</summary>
    /// <param name="part"><see cref="Train"/>, <see cref="Validation"/> or <see cref="Test"/>.</param>
    internal static ImmutableArray<string> WordsOf(string part) => part switch
    {
        Train => TrainWords,
        Validation => ValidationWords,
        Test => TestWords,
        _ => throw new ArgumentOutOfRangeException(nameof(part), part, "There is no such part."),
    };

    /// <summary>The part that a word means; <see langword="null"/> where it is no part's.</summary>
    internal static string? OfWord(string word)
    {
        foreach (string part in ForEvaluation)
        {
            if (WordsOf(part).Contains(word, StringComparer.OrdinalIgnoreCase)) return part;
        }

        return null;
    }

    /// <summary>
    /// The part that a shard belongs to by the words of its file name. Validation goes first, as in <c>train-val-split-000.tar</c>; a name
    /// without any such word belongs to the training part.
    /// </summary>
    internal static string OfShard(string fileName)
    {
        string[] words = NonLetters().Split(fileName);
        foreach (string part in ForEvaluation)
        {
            if (words.Any(word => OfWord(word) == part)) return part;
        }

        return Train;
    }

    [GeneratedRegex("[^A-Za-z]+")]
    private static partial Regex NonLetters();
}
