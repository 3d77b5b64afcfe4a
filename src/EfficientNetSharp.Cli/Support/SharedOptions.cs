using System.CommandLine;
using System.CommandLine.Parsing;
using System.Numerics;
using EfficientNetSharp.Cli.Support.Paths;
using EfficientNetSharp.Cli.Support.Words;
using EfficientNetSharp.Files;
using EfficientNetSharp.Graphs;
using EfficientNetSharp.Prediction;
using EfficientNetSharp.Running;

namespace EfficientNetSharp.Cli.Support;

/// <summary>Options that several verbs have.</summary>
internal static class SharedOptions
{
    public const string ArchitectureDescription =
        "An architecture's name ('effnet list' shows all) or a .json file that 'effnet scale -o' wrote, and behind "
        + "either what is to be otherwise, as in efficientnet_b0:head=gdc,stem=1";

    /// <summary>Most classes that a network is made for; ImageNet-21k has 21,843, and a longer list is a slip.</summary>
    public const int MaxClasses = 10_000_000;

    /// <summary>What names a run or draws: any whole number from 0 that 64 bits hold.</summary>
    public static NumberRange Seeds { get; } = new(0, ulong.MaxValue);

    public static InputArgument<string> Model() => new InputArgument<string>("MODEL", InputKind.Model)
    {
        Description =
            "A model: a file (.safetensors, .onnx, or weights that 'effnet import' reads), the folder of a run, or the name of published "
            + "weights such as efficientnet_b0 or tf_efficientnetv2_b0.in1k ('effnet download --list'), which are fetched once.",
    }.WithWeights();

    /// <summary>Where a verb reads images from.</summary>
    public static InputArgument<string[]> Images() => new("IMAGE", InputKind.Images)
    {
        Description = "Image files or folders of them.",
        Arity = ArgumentArity.OneOrMore,
    };

    /// <summary>The folder for what is fetched.</summary>
    public static OutputOption Cache(string what) => new("--cache")
    {
        Kind = OutputKind.Folder,
        Description = $"Folder for {what}; $EFFNET_CACHE or ~/.cache/effnet if not given.",
    };

    /// <summary><c>--report FILE</c>: a page of what was measured.</summary>
    public static OutputOption HtmlReport() => new("--report")
    {
        Kind = OutputKind.File,
        Endings = _ => [".html", ".htm"],
        Description = "HTML report to write.",
    };

    /// <summary>Where to fetch from instead of the published addresses.</summary>
    public static InputOption Mirror(string description) => new("--from", InputKind.Folder) { Description = description };

    public static Option<bool> Json() => new("--json") { Description = "Print JSON for programs instead of a table." };

    public static Option<string?> Backend()
    {
        var option = new Option<string?>("--backend")
        {
            Description = "What runs the network: the engine if not given, or ONNX Runtime for an .onnx file that only it can run.",
        };
        option.Among(Host.BackendNames);
        return option;
    }

    public static Option<int> Threads() =>
        Ranged(
        new Option<int>("--threads") { Description = "Threads to compute with; 0 for all cores.", DefaultValueFactory = _ => 0 }, 0,
        RunnerOptions.MaxThreads);

    public static Option<int?> Workers() =>
        Ranged(new Option<int?>("--workers") { Description = "Threads that decode images; all cores if not given." }, 1,
        RunnerOptions.MaxThreads);

    public static Option<int> BatchSize(int standard) => Ranged(
        new Option<int>("--batch-size") { Description = "Images of a batch.", DefaultValueFactory = _ => standard }, 1, 65_536);

    /// <summary>The input's size where it has to be square.</summary>
    public static Option<int?> Resolution() => Ranged(
        new Option<int?>("--resolution") { Description = "Side of the square input in pixels; the network's own if not given." }, 1,
        TensorShape.MaxSide);

    /// <summary>As <see cref="Resolution"/>, for sizes that need not be square.</summary>
    public static Option<InputSize?> Size() => new("--resolution")
    {
        HelpName = "SIZE",
        Description = "Size of the input in pixels: 224 for a square, 224x160 for rows x columns; the network's own if not given.",
        CustomParser = result =>
        {
            string given = Given(result);
            if (InputSize.TryParse(given, out var size)) return size;
            result.AddError(
                $"--resolution: expected pixels from 1 to {TensorShape.MaxSide} such as 224, or 224x160 for rows x columns, " +
                $"found {OneLine.Quote(given)}.");
            return null;
        },
    };

    public static Option<FeatureSelection?> Features() => new("--features")
    {
        HelpName = "STRIDES",
        Description = "Yield feature maps instead of the result, by their strides (4,8,16,32), or 'pooled' for what the classifier takes.",
        CustomParser = result =>
        {
            string given = Given(result);
            if (FeatureSelection.TryParse(given, out var features)) return features;
            result.AddError($"--features: expected strides such as 4,8,16,32 or 'pooled', found {OneLine.Quote(given)}.");
            return null;
        },
    };

    /// <summary>An option of numbers within a range, both ends included.</summary>
    public static Option<T> Ranged<T>(Option<T> option, double min, double max)
        where T : struct, INumber<T> => Ranged(option, new NumberRange(min, max));

    /// <inheritdoc cref="Ranged{T}(Option{T}, double, double)" />
    public static Option<T?> Ranged<T>(Option<T?> option, double min, double max)
        where T : struct, INumber<T> => Ranged(option, new NumberRange(min, max));

    /// <summary>An option of numbers within a range, which is checked and shown by the help.</summary>
    public static Option<T> Ranged<T>(Option<T> option, NumberRange range)
        where T : struct, INumber<T>
    {
        option.CustomParser = result => Parse<T>(result, range, option.Name) ?? default;
        Describe(option, range);
        return option;
    }

    /// <inheritdoc cref="Ranged{T}(Option{T}, NumberRange)" />
    public static Option<T?> Ranged<T>(Option<T?> option, NumberRange range)
        where T : struct, INumber<T>
    {
        option.CustomParser = result => Parse<T>(result, range, option.Name);
        Describe(option, range);
        return option;
    }

    // The parser's own way of reading numbers takes thousands separators and blanks.
    private static T? Parse<T>(ArgumentResult result, NumberRange range, string name)
        where T : struct, INumber<T>
    {
        string given = Given(result);
        if (NumberText.TryParse(given, out T value) && range.Contains(double.CreateChecked(value))) return value;
        result.AddError(NumberText.Refusal<T>(given, range, name));
        return null;
    }

    private static void Describe(Option option, NumberRange range)
    {
        // Whoever asks for help wants to know bounds that can be met, not that a seed is below 2^64.
        if (range.Max is <= int.MaxValue or double.PositiveInfinity) option.Description = $"{option.Description?.TrimEnd('.')} ({range}).";
    }

    private static string Given(ArgumentResult result) => result.Tokens.Count == 0 ? "" : result.Tokens[0].Value;
}
