using System.Collections.Immutable;
using System.CommandLine;
using EfficientNetSharp.Architectures;
using EfficientNetSharp.Architectures.Scaling;
using EfficientNetSharp.Cli.Quickstart;
using EfficientNetSharp.Cli.Support.Paths;
using EfficientNetSharp.Cli.Support.Words;
using EfficientNetSharp.Costs;
using EfficientNetSharp.Data;
using EfficientNetSharp.Data.Formats;
using EfficientNetSharp.Files;
using EfficientNetSharp.Models;
using EfficientNetSharp.Studies;
using EfficientNetSharp.Studies.Replacement;
using EfficientNetSharp.Studies.Search;
using EfficientNetSharp.Studies.Strategies;
using EfficientNetSharp.Studies.Trials;
using EfficientNetSharp.Training.Recipes;

namespace EfficientNetSharp.Cli.Support.Studies;

/// <summary>The words of a kind of study.</summary>
internal sealed class StudyWords
{
    // With a quarter of the channels, a network at 64 pixels can be made about twice and four times as costly along each axis, and a trial
    // on digits takes half a minute.
    private const int StandardPixels = 64, StandardEpochs = 12;

    private const double StandardWidth = 0.25;

    private const string OtherRecipe = "small_data", EmbeddingRecipe = "arcface";

    // What faces are aligned to, and the product's size.
    private const int EmbeddingPixels = 112;

    private readonly StudyKind _kind;

    public StudyWords(StudyKind kind)
    {
        _kind = kind;
        IsReplacement = kind == StudyKind.Replace;
        Seeds = SharedOptions.Ranged(
            new Option<int>("--seeds") { Description = "How often each network is trained.", DefaultValueFactory = _ => IsReplacement ? 1 : 3 }, 1, 1000);
        Budgets = SharedOptions.Ranged(
            new Option<int>("--budgets")
            {
                Description = "How often the study is done, each time with half the epochs; an order of networks is settled by two at least.",
                DefaultValueFactory = _ => IsReplacement ? 1 : 2,
            }, 1, 8);
        Epochs = SharedOptions.Ranged(
            new Option<int?>("--epochs")
            {
                Description = $"Passes over the training images; {(IsReplacement ? "the recipe's" : $"{StandardEpochs}")} if not given.",
            }, 1, 100_000);
        Resolution = SharedOptions.Ranged(
            new Option<int>("--resolution")
            {
                Description = IsReplacement ? "Side of the images in pixels." : "Side of the baseline's input in pixels.",
                DefaultValueFactory = _ => IsReplacement ? EmbeddingPixels : StandardPixels,
            }, 8, 4096);
        Recipe = new InputOption("--recipe", InputKind.File)
        {
            Description = "A recipe's name or .json file; if not given, " + (IsReplacement ? $"{EmbeddingRecipe}. Seed, and epochs and steps if given, are the study's."
                : $"that of the quickstart for digits and {OtherRecipe} for others. Epochs and seed are the study's."),
        };
        Data = new InputArgument<string?>("DATA", InputKind.Images)
        {
            Arity = ArgumentArity.ZeroOrOne,
            Description = IsReplacement
                ? "A folder with a folder of images for each identity, or another set of labelled images; identities are held out of it."
                : "Labelled images, as 'effnet train' takes them.",
        };
        Output = new OutputOption("--output", "-o")
        {
            Kind = OutputKind.OwnFolder,
            Description = "The study's folder: table, page, plots. A study that is in it goes on; several processes may share it.",
            Standard = Path.Combine("runs", $"study-{Name}"),
        };
    }

    public string Name => _kind.ToString().ToLowerInvariant();

    public InputArgument<string?> Data { get; }

    public Option<ProxySet?> Proxy { get; } = Choices.Of<ProxySet>("--proxy", "Images that the tool brings, instead of DATA");

    public OutputOption Output { get; }

    public Option<bool> DryRun { get; } = new("--dry-run") { Description = "Show the trials and how long they will take, and train nothing." };

    public Option<bool> Json { get; } = SharedOptions.Json();

    public Option<int> Processes { get; } = SharedOptions.Ranged(
        new Option<int>("--processes")
        {
            Description = "Processes that train beside each other; more may be started by hand, on other machines too.",
            DefaultValueFactory = _ => 1,
        }, 1, 256);

    public Option<Shard?> Share { get; } = new("--shard")
    {
        HelpName = "N/COUNT",
        Description = "Keep to a share of the trials, such as 2/8. Without it processes take what nobody has, so that it is seldom needed.",
        CustomParser = result =>
        {
            try
            {
                return Shard.Parse(result.Tokens.Count == 0 ? "" : result.Tokens[0].Value);
            }
            catch (InvalidInputException e)
            {
                result.AddError($"--shard: {e.Message}");
                return null;
            }
        },
    };

    /// <summary>Trains nothing that others have and says nothing of its own: what one process starts others with.</summary>
    public Option<bool> Worker { get; } = new("--worker") { Description = "Be silent, and end where others have all that is left." };

    private bool IsReplacement { get; }

    private Option<int> Seeds { get; }

    private Option<ulong> Seed { get; } = SharedOptions.Ranged(
        new Option<ulong>("--seed") { Description = "The first seed.", DefaultValueFactory = _ => 0 }, SharedOptions.Seeds);

    private Option<int> Budgets { get; }

    private Option<int?> Epochs { get; }

    private InputOption Recipe { get; }

    private InputOption Baseline { get; } = new InputOption("--baseline", InputKind.File)
    {
        Description = SharedOptions.ArchitectureDescription + "; the paper's if not given.",
    }.WithNetworks();

    private Option<int> Resolution { get; }

    private Option<double> WidthScale { get; } = SharedOptions.Ranged(
        new Option<double>("--width-scale") { Description = "Multiplier of the baseline's channels, to make it small enough.", DefaultValueFactory = _ => StandardWidth }, 0.01, 10);

    private Option<double> DepthScale { get; } = SharedOptions.Ranged(
        new Option<double>("--depth-scale") { Description = "Multiplier of the baseline's blocks.", DefaultValueFactory = _ => 1 }, 0.01, 10);

    private Option<double?> CropFraction { get; } = PreprocessingOptions.CropFraction();

    private Option<int> Threads { get; } = SharedOptions.Ranged(
        new Option<int>("--threads")
        {
            Description = "Threads that a trial computes with; its last digits depend on them. Several processes are quicker than several threads.",
            DefaultValueFactory = _ => 1,
        }, 1, 1024);

    private Option<string> Device { get; } =
        new("--device") { Description = "Where to compute: cpu, cuda, or cuda:1 for the second card.", DefaultValueFactory = _ => "cpu" };

    private Option<double> Step { get; } = SharedOptions.Ranged(
        new Option<double>("--step") { Description = "Distance of neighbours in the grid.", DefaultValueFactory = _ => 0.1 }, 0.02, 1);

    private SearchWords Search { get; } = new();

    private ReplacementWords Replacement { get; } = new();

    private StrategyWords Strategies { get; } = new();

    public IEnumerable<Option> All => IsReplacement
        ? [
            Output, .. Replacement.All, Seeds, Seed, Budgets, Epochs, Recipe, Resolution, CropFraction, Threads, Device, Processes, Share, Worker, DryRun, Json,
        ]
        : [
        Proxy, Output, Seeds, Seed, Budgets, Epochs, Recipe, .. _kind is StudyKind.Tables or StudyKind.Search ? [] : new Option[] { Baseline },
        Resolution, WidthScale, DepthScale, CropFraction, .. _kind == StudyKind.Grid ? [Step] : Array.Empty<Option>(),
        .. _kind == StudyKind.Search ? Search.All : [], .. _kind == StudyKind.Strategies ? Strategies.All : [], Threads, Device, Processes, Share, Worker, DryRun, Json,
    ];

    /// <summary>The images.</summary>
    public StudyData DataIn(ParseResult parsed, Terminal terminal)
    {
        string? folder = parsed.GetValue(Data);
        if (IsReplacement) return EmbeddingDataIn(folder, terminal);
        bool isProxy = parsed.GetValue(Proxy) is not null;
        if (folder is null == !isProxy)
        {
            throw new InvalidInputException(
                $"'effnet study {Name}' expects a folder of images or --proxy digits, found {(isProxy ? "both; leave one out" : "neither; name one")}.");
        }

        if (isProxy) return new StudyData(Digits.InMemory(seed: 0), "digits");
        var splits = Datasets.OpenForTraining(folder!);
        LeftOutView.Note(terminal, splits.Warnings);
        return new StudyData(splits, folder!);
    }

    // Of the identities some judge, others choose the best epoch, and the rest is learned.
    private StudyData EmbeddingDataIn(string? folder, Terminal terminal)
    {
        const double chooses = 0.1;
        if (folder is null)
            throw new InvalidInputException($"'effnet study {Name}' expects a folder with a folder of images for each identity, found none; name one.");
        var splits = Datasets.OpenForTraining(folder, new DatasetOptions { HoldsOutClasses = true, MinivalFraction = chooses });
        LeftOutView.Note(terminal, splits.Warnings);
        return new StudyData(splits, folder);
    }

    /// <summary>Trained weights that networks start from.</summary>
    public ImmutableArray<StartWeights> StartsIn(ParseResult parsed, Terminal terminal) => IsReplacement
        ? Replacement.StartsIn(parsed, terminal, parsed.GetValue(Worker) ? _ => { } : terminal.Note) : [];

    /// <summary>What tells the time of networks, where the study goes by it.</summary>
    public ILatencyModel? LatencyIn(ParseResult parsed, CancellationToken cancellationToken) =>
        _kind == StudyKind.Search ? Search.LatencyIn(parsed, cancellationToken) : null;

    /// <summary>What the study follows from.</summary>
    /// <param name="parsed">The words.</param>
    /// <param name="data">The images.</param>
    /// <param name="starts">The weights that networks may start from.</param>
    /// <param name="folder">The study's folder.</param>
    /// <param name="terminal">Where is said what takes time.</param>
    public StudySettings SettingsIn(
        ParseResult parsed, StudyDataInfo data, ImmutableArray<StartWeights> starts, StudyFolder folder, Terminal terminal)
    {
        if (IsReplacement) return ReplacementIn(parsed, data, starts, terminal);
        bool isProxy = parsed.GetValue(Proxy) is not null;
        int pixels = parsed.GetValue(Resolution);
        var preprocessing = isProxy ? Preprocessing.ForSize(pixels, cropFraction: 1) : Preprocessing.ForSize(pixels);
        if (parsed.GetValue(CropFraction) is { } fraction) preprocessing = preprocessing.WithCropFraction(fraction);
        var baselines = BaselinesIn(parsed, pixels);
        return new StudySettings
        {
            Kind = _kind,
            Baselines = baselines,
            Recipe = RecipeIn(parsed, isProxy) with { Epochs = parsed.GetValue(Epochs) ?? StandardEpochs, Seed = parsed.GetValue(Seed) },
            Preprocessing = preprocessing,
            Data = data,
            Seeds = parsed.GetValue(Seeds),
            Budgets = parsed.GetValue(Budgets),
            GridStep = _kind == StudyKind.Grid ? parsed.GetValue(Step) : StudySettings.StandardGridStep,
            Search = _kind == StudyKind.Search ? Search.Get(parsed) : new SearchSettings(),
            Strategies = _kind == StudyKind.Strategies
                ? Strategies.Get(parsed, folder, baselines[0], data.Classes, terminal) : new StrategySettings(),
            Threads = parsed.GetValue(Threads),
            Device = parsed.GetRequiredValue(Device),
        };
    }

    private StudySettings ReplacementIn(
        ParseResult parsed, StudyDataInfo data, ImmutableArray<StartWeights> starts, Terminal terminal)
    {
        int pixels = parsed.GetValue(Resolution);
        // Aligned images are seen whole.
        var preprocessing = Preprocessing.ForSize(pixels, parsed.GetValue(CropFraction) ?? 1);
        var recipe = RecipeOptions.Library.Get(parsed.GetValue(Recipe) ?? EmbeddingRecipe);
        var (networks, products) = Replacement.NetworksIn(parsed, pixels);
        var replacement = Replacement.Get(parsed, networks, products, preprocessing, starts);
        string[] drawn = [.. networks.Select(network => network.Name).Except(replacement.Starts.Select(start => start.Network))];
        if (recipe.FixedStatistics && drawn.Length > 0 && !parsed.GetValue(Worker))
        {
            terminal.Note(
                $"note: The recipe is for trained weights, and no --from fits {string.Join(", ", drawn)}: normalisations measure their batches " +
                "there, and all layers learn at the same rate.");
        }

        return new StudySettings
        {
            Kind = _kind,
            Baselines = networks,
            Recipe = recipe with
            {
                Epochs = parsed.GetValue(Epochs) ?? recipe.Epochs, MinSteps = Replacement.StepsIn(parsed) ?? recipe.MinSteps, Seed = parsed.GetValue(Seed),
            },
            Preprocessing = preprocessing,
            Data = data,
            Seeds = parsed.GetValue(Seeds),
            Budgets = parsed.GetValue(Budgets),
            Replacement = replacement,
            Threads = parsed.GetValue(Threads),
            Device = parsed.GetRequiredValue(Device),
        };
    }

    private TrainingRecipe RecipeIn(ParseResult parsed, bool isProxy)
    {
        if (parsed.GetValue(Recipe) is not { } named) return isProxy ? Digits.Recipe : RecipeOptions.Library.Get(OtherRecipe);
        var recipe = RecipeOptions.Library.Get(named);
        return !recipe.FixedStatistics ? recipe : throw new InvalidInputException(
            $"The recipe '{named}' has normalisations keep the statistics of trained weights (fixedStatistics), and 'effnet study {Name}' " +
            $"draws all weights, which have none; name a recipe for training from scratch, such as {OtherRecipe}.");
    }

    private ImmutableArray<Architecture> BaselinesIn(ParseResult parsed, int pixels)
    {
        var by = new ScalingCoefficients(parsed.GetValue(DepthScale), parsed.GetValue(WidthScale), 1);
        string? named = _kind is StudyKind.Tables or StudyKind.Search ? null : parsed.GetValue(Baseline);
        IEnumerable<Architecture> networks = named is null ? Study.PaperBaselines(_kind).Select(ArchitectureRegistry.Get) : [ArchitectureFile.Get(named)];
        return [.. networks.Select(network => by.Apply(network, pixels))];
    }
}
