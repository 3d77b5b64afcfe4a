using System.Collections.Immutable;
using System.CommandLine;
using EfficientNetSharp.Models;

namespace EfficientNetSharp.Cli.Support;

/// <summary>Options that change what is done to images before a network.</summary>
internal sealed class PreprocessingOptions
{
    private const string ImageNet = "imagenet", Inception = "inception", Lite = "lite";

    private readonly Option<int?> _resolution = SharedOptions.Ranged(
        new Option<int?>("--resolution") { Description = "Side of the square input in pixels; the source's own if not given." }, 1, 65_536);

    private readonly Option<double?> _cropFraction = SharedOptions.Ranged(
        new Option<double?>("--crop-pct") { Description = "The crop's share of the resized image, as timm gives it; 0.875 for example." }, 0.01, 1);

    private readonly Option<Interpolation?> _interpolation = new("--interpolation") { Description = "Filter of the resampler." };

    private readonly Option<string?> _normalization = new("--normalization")
    {
        Description = "Mean and deviation: imagenet, inception (−1 to 1, AdvProp too) or lite (127 and 128 of 255).",
    };

    public PreprocessingOptions() => _normalization.AcceptOnlyFromAmong(ImageNet, Inception, Lite);

    public void AddTo(Command command)
    {
        foreach (var option in new Option[] { _resolution, _cropFraction, _interpolation, _normalization }) command.Add(option);
    }

    /// <summary>The preprocessing with what was given in place of its own.</summary>
    public Preprocessing Apply(Preprocessing standard, ParseResult parsed)
    {
        var changed = standard;
        if (parsed.GetValue(_resolution) is { } size) changed = changed.At(size);
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
