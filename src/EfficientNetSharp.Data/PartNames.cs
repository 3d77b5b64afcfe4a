using System.Collections.Immutable;
using System.Text.RegularExpressions;

namespace EfficientNetSharp.Data;

/// <summary>
/// What the parts of a dataset are called, here and on disk: the one list of words for folders, files, shards and the cells of a list.
/// </summary>
/// <remarks>
/// Case does not matter. A cell is called by one of the words as a whole; the name of a folder or of a list may have words beside it that
/// say no more than that it is a part (<c>training_set</c>, <c>TestImages</c>, <c>val_labels.csv</c>); the name of a shard
/// (<c>imagenet-val-000003.tar</c>) has one of them among its words. Class folders may be called by these words too, as in <c>valid</c> and
/// <c>invalid</c>, or images of a <c>train</c>; where folders are parts and where they are classes is decided by what lies beside and in
/// them, not by their names alone (<see cref="Formats.Datasets"/>).
/// </remarks>
public static partial class PartNames
{
    /// <summary>The part that is trained on. On disk: <c>train</c>, <c>training</c>.</summary>
    public const string Train = "train";

    /// <summary>
    /// The part that progress is measured on. On disk: <c>val</c>, <c>valid</c>, <c>validation</c>, <c>dev</c>, <c>eval</c>,
    /// <c>evaluation</c>.
    /// </summary>
    public const string Validation = "val";

    /// <summary>The part that is measured once at the end. On disk: <c>test</c>, <c>testing</c>,
    /// <c>holdout</c>.</summary>
    public const string Test = "test";

    /// <summary>All images of a dataset that has no parts.</summary>
    public const string All = "all";

    private static readonly ImmutableArray<string> TrainWords = [Train, "training"];
    private static readonly ImmutableArray<string> ValidationWords = [Validation, "valid", "validation", "dev", "eval", "evaluation"];
    private static readonly ImmutableArray<string> TestWords = [Test, "testing", "holdout"];

    /// <summary>
    /// The parts in the order in which a model is evaluated on them if none is asked for: <c>val</c>, <c>test</c>, <c>train</c>.
    /// </summary>
    public static ImmutableArray<string> ForEvaluation { get; } = [Validation, Test, Train];

    // Words in the names of folders and lists that say nothing of what is in them.
    private static readonly HashSet<string> Fillers = new(StringComparer.Ordinal)
    {
        "annotation", "annotations", "class", "classes", "cls", "data", "dataset", "datasets", "dir", "file", "files", "final", "folder",
        "full", "image", "images", "img", "imgs", "label", "labelled", "labeled", "labels", "list", "meta", "metadata", "new", "part",
        "photo", "photos", "pic", "pics", "picture", "pictures", "raw", "resized", "sample", "samples", "set", "sets", "split", "splits", "subset",
    };

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
    /// The part that a folder or a list is called by: one word that means a part, beside words that say nothing of what is in it, in any
    /// spelling (<c>training_set</c>, <c>Train Images</c>, <c>testSet</c>, <c>train2017</c>); <see langword="null"/> for other names.
    /// </summary>
    internal static string? OfName(string name) => Read(name) is { Part: { } part, Others: "" } ? part : null;

    /// <summary>
    /// The only part among the words of a name, and the words beside it that say something (<c>seg_train</c>: <c>train</c>, <c>seg</c>).
    /// </summary>
    internal static (string? Part, string Others) Read(string name)
    {
        var parts = new List<string>();
        var rest = new List<string>();
        foreach (Match match in Words().Matches(name))
        {
            string word = match.Value.ToLowerInvariant();
            if ((OfWord(word) ?? OfWord(WithoutFiller(word))) is { } part) parts.Add(part);
            else if (!Fillers.Contains(word)) rest.Add(word);
        }

        // hold-out, hold_out
        if (rest is [.., "hold", "out"])
        {
            parts.Add(Test);
            rest.RemoveRange(rest.Count - 2, 2);
        }

        return parts.Count == 1 ? (parts[0], string.Join(' ', rest)) : (null, string.Join(' ', rest));
    }

    private static string WithoutFiller(string word)
    {
        foreach (string filler in Fillers)
        {
            if (word.EndsWith(filler, StringComparison.Ordinal)) return word[..^filler.Length];
        }

        return word;
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

    // testSet and TEST_set have two words each; numbers are none.
    [GeneratedRegex(@"\p{Lu}?\p{Ll}+|\p{Lu}+(?!\p{Ll})|[\p{Lo}\p{Lt}\p{Lm}]+")]
    private static partial Regex Words();
}
