using System.Globalization;
using EfficientNetSharp.Files;
using EfficientNetSharp.Graphs;

namespace EfficientNetSharp.Architectures;

/// <summary>
/// What is to be otherwise than in a registered table: what the network ends in, the step of its first convolution, its function, and
/// whether it has squeeze-excites. As text it stands behind a name: <c>efficientnet_b0:head=gdc,stem=1,activation=relu,se=off</c>.
/// </summary>
/// <remarks>Whatever is not given stays as the table has it.</remarks>
public sealed record ArchitectureOptions
{
    // EfficientNet's share (Tan and Le 2019; MnasNet), for networks that have no squeeze-excite by themselves.
    private const double StandardSqueezeExcite = 0.25;

    private const char NameEnd = ':';

    private static readonly (string Word, EmbeddingKind? Kind)[] Heads =
    [
        ("gdc", EmbeddingKind.GlobalDepthwise), ("pooled", EmbeddingKind.Pooled), ("flatten", EmbeddingKind.Flattened), ("classifier", null),
    ];

    private static readonly (string Word, ActivationKind Kind)[] Activations =
    [
        ("silu", ActivationKind.Silu), ("relu", ActivationKind.Relu), ("relu6", ActivationKind.Relu6), ("prelu", ActivationKind.PRelu),
        ("hardswish", ActivationKind.HardSwish),
    ];

    /// <summary>How the embedding is made; <see langword="null"/> for the table's end, or a classifier (<see cref="Classifier"/>).</summary>
    public EmbeddingKind? Head { get; init; }

    /// <summary>Whether the network is to end in a classifier; default false.</summary>
    public bool Classifier { get; init; }

    /// <summary>Length of the embedding; <see langword="null"/> for the table's, or 512.</summary>
    public int? Features { get; init; }

    /// <summary>
    /// <see cref="EmbeddingHead.Rank"/> of the embedding's linear layer, above 0 and below 1; 1 for a full one; <see langword="null"/> for
    /// the table's.
    /// </summary>
    public double? Rank { get; init; }

    /// <summary>Step of the first convolution: 1 for images of half the size, such as 112 pixels, else 2.</summary>
    public int? StemStride { get; init; }

    /// <summary>Function of all normalised convolutions. Squeeze-excites have ReLU inside where it is the parametric one.</summary>
    public ActivationKind? Activation { get; init; }

    /// <summary>
    /// Whether there are squeeze-excites. Off leaves all out; on leaves those that there are, and gives a network that has none a share of
    /// 0.25 in each inverted bottleneck.
    /// </summary>
    public bool? SqueezeExcite { get; init; }

    /// <summary>Cuts a text into the name or file and what stands behind it.</summary>
    /// <param name="given">For example <c>efficientnet_b0:head=gdc</c>.</param>
    /// <returns>The name, and the options, which are empty where the text has none.</returns>
    /// <exception cref="InvalidInputException">The options have an unknown word, or one twice.</exception>
    public static (string Name, ArchitectureOptions Options) Split(string given)
    {
        ArgumentNullException.ThrowIfNull(given);
        int end = EndOfName(given);
        return end < 0 ? (given, new ArchitectureOptions()) : (given[..end], Parse(given[(end + 1)..]));
    }

    /// <summary>The name or file alone, whatever stands behind it.</summary>
    /// <param name="given">For example <c>efficientnet_b0:head=gdc</c>.</param>
    internal static string NameOf(string given) => EndOfName(given) is >= 0 and var end ? given[..end] : given;

    /// <summary>Reads options as <see cref="ToString"/> writes them: <c>head=gdc,stem=1</c>.</summary>
    /// <param name="text">Words with values, with commas between them.</param>
    /// <exception cref="InvalidInputException">A word is unknown or stands twice, or a value is none of its word's.</exception>
    public static ArchitectureOptions Parse(string text)
    {
        ArgumentNullException.ThrowIfNull(text);
        var options = new ArchitectureOptions();
        var seen = new HashSet<string>(StringComparer.Ordinal);
        foreach (string part in text.Split(','))
        {
            var (word, value) = part.IndexOf('=') is > 0 and var at ? (Clean(part[..at]), Clean(part[(at + 1)..])) : (Clean(part), "");
            options = options.With(word, value);
            if (!seen.Add(word)) throw new InvalidInputException($"The network's option '{word}' is given twice; give it once.");
        }

        return options;
    }

    /// <summary>The options as text, in one order; empty where nothing is given.</summary>
    public override string ToString()
    {
        var parts = new List<string>();
        if (Classifier) parts.Add("head=classifier");
        if (Head is { } head) parts.Add($"head={Heads.First(row => row.Kind == head).Word}");
        if (Features is { } features) parts.Add(string.Create(CultureInfo.InvariantCulture, $"features={features}"));
        if (Rank is { } rank) parts.Add(string.Create(CultureInfo.InvariantCulture, $"rank={rank:R}"));
        if (StemStride is { } stride) parts.Add(string.Create(CultureInfo.InvariantCulture, $"stem={stride}"));
        if (Activation is { } activation) parts.Add($"activation={Activations.First(row => row.Kind == activation).Word}");
        if (SqueezeExcite is { } has) parts.Add(has ? "se=on" : "se=off");
        return string.Join(',', parts);
    }

    /// <summary>The changed network; its name tells what was changed.</summary>
    /// <param name="architecture">The table.</param>
    /// <exception cref="InvalidInputException">The network cannot have what is asked for.</exception>
    public Architecture Apply(Architecture architecture)
    {
        ArgumentNullException.ThrowIfNull(architecture);
        if (this == new ArchitectureOptions()) return architecture;
        var changed = SqueezeExcite is { } has ? WithSqueezeExcite(architecture, has) : architecture;
        if (Activation is { } activation) changed = WithActivation(changed, activation);
        if (StemStride is { } stride) changed = changed with { Stem = changed.Stem with { Stride = stride } };
        var embedding = Classifier ? null : EmbeddingOf(architecture);
        // An embedding takes the place of all that a classifier stands on.
        return changed with
        {
            Name = NameWith(architecture.Name), Embedding = embedding, HiddenFeatures = embedding is null ? changed.HiddenFeatures : 0,
        };
    }

    // A colon behind which a word and '=' follow, so that a drive's does not count.
    private static int EndOfName(string given)
    {
        for (int at = given.IndexOf(NameEnd); at >= 0; at = given.IndexOf(NameEnd, at + 1))
        {
            int word = at + 1;
            while (word < given.Length && char.IsAsciiLetter(given[word])) word++;
            if (at > 0 && word > at + 1 && (word < given.Length ? given[word] is '=' or ',' : !given.AsSpan(at).ContainsAny('/', '\\')))
                return at;
        }

        return -1;
    }

    private static string Clean(string text) => text.Trim().ToLowerInvariant();

    private ArchitectureOptions With(string word, string value) => word switch
    {
        "head" => Heads.FirstOrDefault(row => row.Word == value) is { Word: not null } row
            ? this with { Head = row.Kind, Classifier = row.Kind is null }
            : throw Unfit(word, value, string.Join(", ", Heads.Select(row => row.Word))),
        "features" => NumberText.TryParse(value, out int features) && features >= 1
            ? this with { Features = features }
            : throw Unfit(word, value, "the embedding's length, such as 512"),
        "rank" => NumberText.TryParse(value, out double rank) && rank is > 0 and <= 1
            ? this with { Rank = rank }
            : throw Unfit(word, value, "a share above 0 up to 1"),
        "stem" => value is "1" or "2" ? this with { StemStride = value[0] - '0' } : throw Unfit(word, value, "1 or 2"),
        "activation" => Activations.FirstOrDefault(row => row.Word == value.Replace("_", "", StringComparison.Ordinal)) is
            { Word: not null } row
            ? this with { Activation = row.Kind }
            : throw Unfit(word, value, string.Join(", ", Activations.Select(row => row.Word))),
        "se" => value is "on" or "off" ? this with { SqueezeExcite = value == "on" } : throw Unfit(word, value, "on or off"),
        _ => throw new InvalidInputException(
            $"A network has no option {OneLine.Quote(word)}; expected some of head, features, rank, stem, activation and se, as in efficientnet_b0:head=gdc,stem=1."),
    };

    private static InvalidInputException Unfit(string word, string value, string expected) => new(
        $"The network's option {word}: expected {expected}, found {(value.Length == 0 ? "nothing" : OneLine.Quote(value))}.");

    private static Architecture WithSqueezeExcite(Architecture architecture, bool has)
    {
        if (!has) return architecture with { Stages = [.. architecture.Stages.Select(stage => stage with { SqueezeExcite = 0 })] };
        if (architecture.Stages.Any(stage => stage.SqueezeExcite > 0)) return architecture;
        return architecture.Stages.Any(stage => stage.Block == BlockKind.MBConv)
            ? architecture with
            {
                Stages = [.. architecture.Stages.Select(stage =>
                    stage.Block == BlockKind.MBConv ? stage with { SqueezeExcite = StandardSqueezeExcite } : stage)],
            }
            : throw new InvalidInputException(
                $"'{architecture.Name}' has no inverted bottlenecks, which alone can have squeeze-excites; leave se=on out.");
    }

    private static Architecture WithActivation(Architecture architecture, ActivationKind activation) => architecture with
    {
        Activation = activation,
        Stages = [.. architecture.Stages.Select(stage => stage with { Activation = null })],
        // A slope for each squeezed channel is nothing that anybody trains; insightface's too have a ReLU here.
        SqueezeExcite = architecture.SqueezeExcite with { Activation = activation == ActivationKind.PRelu ? ActivationKind.Relu : null },
    };

    private EmbeddingHead? EmbeddingOf(Architecture architecture)
    {
        var embedding = Head is { } kind
            ? architecture.Embedding is { } own ? own with { Kind = kind, HasBias = null } : new EmbeddingHead(kind)
            : architecture.Embedding;
        if (embedding is null)
        {
            return Features is null && Rank is null ? null : throw new InvalidInputException(
                $"'{architecture.Name}' ends in a classifier, and {(Features is null ? "rank" : "features")} is an embedding's; add head=gdc, head=pooled or head=flatten.");
        }

        return embedding with { Features = Features ?? embedding.Features, Rank = Rank is { } rank ? rank == 1 ? 0 : rank : embedding.Rank };
    }

    // What a file's network was changed by before is named once.
    private string NameWith(string name)
    {
        var (plain, before) = EndOfName(name) < 0 ? (name, new ArchitectureOptions()) : Split(name);
        bool isAnew = Classifier || Head is not null;
        return $"{plain}{NameEnd}" + new ArchitectureOptions
        {
            Head = isAnew ? Head : before.Head, Classifier = isAnew ? Classifier : before.Classifier,
            Features = Features ?? (Classifier ? null : before.Features), Rank = Rank ?? (Classifier ? null : before.Rank),
            StemStride = StemStride ?? before.StemStride, Activation = Activation ?? before.Activation,
            SqueezeExcite = SqueezeExcite ?? before.SqueezeExcite,
        };
    }
}
