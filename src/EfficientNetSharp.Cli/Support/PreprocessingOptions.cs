using System.Collections.Immutable;
using System.CommandLine;
using EfficientNetSharp.Cli.Support.Paths;
using EfficientNetSharp.Cli.Support.Words;
using EfficientNetSharp.Graphs;
using EfficientNetSharp.Models;

namespace EfficientNetSharp.Cli.Support;

/// <summary>Options that change what is done to images before a network.</summary>
internal sealed class PreprocessingOptions
{
    private const string ImageNet = "imagenet", Inception = "inception", Lite = "lite";

    private readonly Option<InputSize?> _size = SharedOptions.Size();

    private readonly InputOption _named = new("--preprocessing", InputKind.File)
    {
        Description = "What is done to images, for files that do not say it: "
            + $"{string.Join(", ", NamedPreprocessing.All.Select(named => $"{named.Word} ({named.Meaning})"))}; or a JSON file.",
    };

    private readonly Option<double?> _cropFraction = CropFraction();

    private readonly Option<Interpolation?> _interpolation = Choices.Of<Interpolation>("--interpolation", "Filter of the resampler");

    private readonly Option<string?> _normalization = new("--normalization")
    {
        Description = "Mean and deviation: imagenet, inception (−1 to 1, AdvProp too) or lite (127 and 128 of 255).",
    };

    public PreprocessingOptions() => _normalization.Among(ImageNet, Inception, Lite);

    /// <summary>The crop's share, for verbs that take only some of these.</summary>
    public static Option<double?> CropFraction() => SharedOptions.Ranged(
        new Option<double?>("--crop-pct") { Description = "The crop's share of the resized image, as timm gives it, such as 0.875; the model's own if not given." }, 0.01, 1);

    public void AddTo(Command command)
    {
        foreach (var option in new Option[] { _named, _size, _cropFraction, _interpolation, _normalization }) command.Add(option);
    }

    /// <summary>The size that was given.</summary>
    public InputSize? Size(ParseResult parsed) => parsed.GetValue(_size);

    /// <summary>The preprocessing that was named instead of the file's; <see langword="null"/> where none was.</summary>
    public Preprocessing? Named(ParseResult parsed) => parsed.GetValue(_named) is { } given ? NamedPreprocessing.Get(given) : null;

    /// <summary>Whether mean and deviation were given.</summary>
    public bool GivesScale(ParseResult parsed) => parsed.GetValue(_named) is not null || parsed.GetValue(_normalization) is not null;

    /// <summary>The preprocessing at the size that was given, with what was given besides in place of its own.</summary>
    public Preprocessing Apply(Preprocessing standard, ParseResult parsed)
    {
        if (Named(parsed) is { } named) standard = named.At(standard.Height, standard.Width);
        return Adjust(parsed.GetValue(_size) is { } size ? standard.At(size.Height, size.Width) : standard, parsed);
    }

    /// <summary>The preprocessing with what was given besides the size in place of its own.</summary>
    public Preprocessing Adjust(Preprocessing sized, ParseResult parsed)
    {
        var changed = sized;
        if (parsed.GetValue(_cropFraction) is { } fraction) changed = changed.WithCropFraction(fraction);
        if (parsed.GetValue(_interpolation) is { } interpolation) changed = changed with { Interpolation = interpolation };
        return parsed.GetValue(_normalization) switch
        {
            ImageNet => changed with { Mean = Preprocessing.ImageNetMean, StandardDeviation = Preprocessing.ImageNetStandardDeviation },
            Inception => changed with { Mean = Three(0.5f), StandardDeviation = Three(0.5f) },
            Lite => changed with { Mean = Three(127f / 255), StandardDeviation = Three(128f / 255) },
            _ => changed,
        };

        static ImmutableArray<float> Three(float value) => [value, value, value];
    }
}
