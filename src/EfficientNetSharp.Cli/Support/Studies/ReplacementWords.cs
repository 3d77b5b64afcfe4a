using System.Collections.Immutable;
using System.CommandLine;
using EfficientNetSharp.Architectures;
using EfficientNetSharp.Cli.Support.Devices;
using EfficientNetSharp.Cli.Support.Paths;
using EfficientNetSharp.Cli.Support.Words;
using EfficientNetSharp.Files;
using EfficientNetSharp.Models;
using EfficientNetSharp.Studies.Replacement;

namespace EfficientNetSharp.Cli.Support.Studies;

/// <summary>The words of a replacement study.</summary>
internal sealed class ReplacementWords
{
    private static readonly PrecisionSettings Standard = new();

    private static readonly ReplacementLimits StandardLimits = new();

    private readonly InputOptions _products = new InputOptions("--product", InputKind.File)
    {
        Description = "A network of the product; may be given several times. Losses are counted from the first, which also teaches. If not given, "
            + $"{string.Join(" and ", ReplacementNetworks.Products)}.",
    }.WithNetworks();

    private readonly InputOptions _candidates = new InputOptions("--candidate", InputKind.File)
    {
        Description = "A network that may take its place, such as efficientnet_b0:head=gdc; may be given several times. If not given, "
            + "EfficientNet-B0 to B3 with flattened, gdc and pooled heads, Lite0 and V2-B0.",
    }.WithNetworks();

    private readonly Option<bool> _few = new("--few")
    {
        Description = $"For a few cores: only {ReplacementNetworks.Products[0]} and {string.Join(", ", ReplacementNetworks.FewCandidates)}, "
            + "where none are named.",
    };

    private readonly Option<bool> _distill = new("--distill")
    {
        Description = "Train each candidate once more with the first product's trained network as its teacher.",
    };

    private readonly InputOptions _from = new InputOptions("--from", InputKind.File)
    {
        Description = "Trained weights, as 'effnet train --from' takes them; may be given several times. Each network starts from the first that "
            + "fit its body, the others from scratch.",
    }.WithWeights();

    private readonly Option<bool> _keepModels = new("--keep-models")
    {
        Description = "Keep all trained networks in the study's folder, not only those that teach.",
    };

    private readonly Option<ImmutableArray<StudyPrecision>> _precisions = new("--precisions")
    {
        HelpName = "WORDS",
        Description = "Precisions that trained networks are judged in, with commas between them; float,int8,int16,mixed if not given. Mixed "
            + "takes the longest.",
        CustomParser = result =>
        {
            string given = result.Tokens.Count == 0 ? "" : result.Tokens[0].Value;
            var all = Enum.GetValues<StudyPrecision>();
            var found = new SortedSet<StudyPrecision> { StudyPrecision.Floats };
            foreach (string word in given.Split(','))
            {
                int at = Array.FindIndex(all, precision => StudyPrecisions.WordOf(precision) == word);
                if (at < 0)
                {
                    string words = string.Join(", ", all.Select(StudyPrecisions.WordOf));
                    result.AddError($"--precisions: expected some of {words} with commas between them, found {OneLine.Quote(word)}.");
                    return [];
                }

                found.Add(all[at]);
            }

            return [.. found];
        },
    };

    private readonly Option<int> _images = SharedOptions.Ranged(
        new Option<int>("--calibration-images")
        {
            Description = "Most training images that ranges of integers are found on.",
            DefaultValueFactory = _ => Standard.CalibrationImages,
        }, 2, 100_000);

    private readonly Option<double> _mixedDrop = SharedOptions.Ranged(
        new Option<double>("--mixed-drop")
        {
            Description = "What mixed plans may lose of the cosine to the embeddings in floats, in points of 100.",
            DefaultValueFactory = _ => Standard.MaxCosineDrop,
        }, 0, 100);

    private readonly Option<int> _deviceResolution = SharedOptions.Ranged(
        new Option<int>("--device-resolution")
        {
            Description = "Side of the images on the device in pixels, for predicted times.",
            DefaultValueFactory = _ => Standard.DeviceResolution,
        }, 8, 4096);

    private readonly Option<LatencyLimit?> _limit = LatencyLimit.Option(
        "--limit", $"The longest predicted time of a replacement: 15ms on {Standard.Device}, or 15ms@board.json for a device of your own; "
            + "15ms if not given.");

    private readonly Option<double?> _minAccuracy = SharedOptions.Ranged(
        new Option<double?>("--min-accuracy")
        {
            Description = "The lowest accuracy of a replacement in per cent; none if not given.",
        }, 0, 100);

    private readonly Option<double> _maxDrop = SharedOptions.Ranged(
        new Option<double>("--max-drop")
        {
            Description = "What a replacement may lose to the first product in floats, in points of 100.",
            DefaultValueFactory = _ => StandardLimits.MaxDrop,
        }, 0, 100);

    private readonly Option<int?> _steps = SharedOptions.Ranged(
        new Option<int?>("--steps")
        {
            Description = "Steps that each training has at least: epochs pass over the images as often as that needs. The recipe's if not given.",
        }, 0, 100_000_000);

    public IEnumerable<Option> All =>
    [
        _products, _candidates, _few, _distill, _from, _keepModels, _precisions, _images, _mixedDrop, _deviceResolution, _limit,
        _minAccuracy, _maxDrop, _steps,
    ];

    /// <summary>Steps that each training has at least; <see langword="null"/> for the recipe's.</summary>
    public int? StepsIn(ParseResult parsed) => parsed.GetValue(_steps);

    /// <summary>The weights to start from.</summary>
    public ImmutableArray<StartWeights> StartsIn(ParseResult parsed, Terminal terminal, Action<string> note) =>
    [
        .. (parsed.GetValue(_from) ?? []).Select(given => new StartWeights(
            TrainingRequest.ReadStart(ModelLocation.Find(terminal, given, note), null, note),
            Path.GetFileName(Path.TrimEndingDirectorySeparator(given)))),
    ];

    /// <summary>The product's networks, then the candidates, at a size of images; and how many are the product's.</summary>
    public (ImmutableArray<Architecture> Networks, int Products) NetworksIn(ParseResult parsed, int pixels)
    {
        bool few = parsed.GetValue(_few);
        string[] products = parsed.GetValue(_products) is { Length: > 0 } named ? named
            : few ? [ReplacementNetworks.Products[0]] : [.. ReplacementNetworks.Products];
        string[] candidates = parsed.GetValue(_candidates) is { Length: > 0 } given ? given
            : [.. few ? ReplacementNetworks.FewCandidates : ReplacementNetworks.Candidates];
        return ([.. products.Concat(candidates).Select(name => ArchitectureFile.Get(name) with { Resolution = pixels })], products.Length);
    }

    /// <summary>All that is not a network.</summary>
    public ReplacementSettings Get(
        ParseResult parsed, ImmutableArray<Architecture> networks, int products, Preprocessing preprocessing,
        ImmutableArray<StartWeights> starts)
    {
        var limit = parsed.GetValue(_limit);
        if (limit?.Type is { } type)
        {
            throw new InvalidInputException(
                $"--limit expects a time and perhaps a device, found the type {OneLine.Quote(type)} too; a study judges all types, leave it out.");
        }

        return new ReplacementSettings
        {
            Products = products,
            Distills = parsed.GetValue(_distill),
            Starts = [.. StartWeights.Fit(networks, preprocessing, starts)],
            KeepsModels = parsed.GetValue(_keepModels),
            Precision = new PrecisionSettings
            {
                Precisions = parsed.GetValue(_precisions) is { IsDefaultOrEmpty: false } named ? named : Standard.Precisions,
                CalibrationImages = parsed.GetValue(_images),
                MaxCosineDrop = parsed.GetValue(_mixedDrop),
                Device = limit?.Device ?? Standard.Device,
                DeviceResolution = parsed.GetValue(_deviceResolution),
            },
            Limits = new ReplacementLimits
            {
                MaxMs = limit?.Ms ?? StandardLimits.MaxMs,
                MinAccuracy = parsed.GetValue(_minAccuracy) / 100,
                MaxDrop = parsed.GetValue(_maxDrop),
            },
        };
    }
}
