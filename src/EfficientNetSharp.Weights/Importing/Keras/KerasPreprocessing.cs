using System.Collections.Immutable;
using System.Globalization;
using System.Text.Json;
using EfficientNetSharp.Files;
using EfficientNetSharp.Formats;
using EfficientNetSharp.Models;
using EfficientNetSharp.Weights.Formats;
using EfficientNetSharp.Weights.NameMaps;

namespace EfficientNetSharp.Weights.Importing.Keras;

/// <summary>
/// What a Keras file says is done to an image: its layers Rescaling and Normalization where it has the model's configuration, else the
/// constants of its Normalization layers, which keras.applications puts behind a division by 255.
/// </summary>
/// <param name="file">The file.</param>
/// <param name="tensors">Its tensors.</param>
/// <param name="standard">What is done in the source's own networks.</param>
/// <param name="family">The network's family.</param>
internal sealed class KerasPreprocessing(WeightFile file, SourceTensors tensors, Preprocessing standard, string family)
{
    // keras.applications.efficientnet, IMAGENET_STDDEV_RGB: its weights hold the deviations as variances, and a Rescaling by their roots,
    // which only models with these weights have, divides by them again.
    private const double Close = 1e-3;

    private readonly List<string> _remarks = [];

    /// <summary>What was found, a sentence each.</summary>
    public IReadOnlyList<string> Remarks => _remarks;

    /// <summary>The preprocessing that the file states; the source's where it states none.</summary>
    /// <exception cref="InvalidInputException">It states one that cannot be said in mean and deviation, or in two ways.</exception>
    public Preprocessing Read() =>
        file.Metadata.TryGetValue("model_config", out string? configuration) && KerasInput.Layers(file.Path, configuration) is { } layers
            ? OfLayers(layers)
            : OfConstants();

    private Preprocessing OfLayers(IReadOnlyList<KerasLayer> layers)
    {
        var sized = layers.Aggregate(standard, Sized);
        var scale = PixelScale.Identity(standard.Mean.Length);
        bool isScaled = false;
        foreach (var layer in layers)
        {
            if (IsPassive(layer)) continue;
            isScaled = true;
            scale = Apply(layer, scale) ?? throw Unsayable(layer, "has other numbers than one for each channel");
        }

        if (!isScaled) return Unscaled(sized);
        var stated = scale.ApplyTo(sized) ?? throw WeightErrors.Unusable(file.Path,
            "its layers in front of the network multiply pixels by something not above 0", "save it with layers that scale them");
        Tell(stated, "as the file's layers say");
        return stated;
    }

    // keras.applications' V2 networks without preprocessing take −1…1, by their documentation; those of EfficientNet always have it, and
    // qubvel's never.
    private Preprocessing Unscaled(Preprocessing sized)
    {
        bool isV2 = family == "EfficientNetV2";
        _remarks.Add($"The file's layers do nothing to pixels; images are prepared as {(isV2 ? "Keras documents for such networks, as −1…1" : "qubvel/efficientnet does for its networks")}.");
        return isV2 ? sized with { Mean = Halves(), StandardDeviation = Halves() } : sized;
    }

    // What an image of any kind passes unchanged, when the network is run and not trained.
    private static bool IsPassive(KerasLayer layer) => layer.ClassName is "InputLayer" or "ZeroPadding2D" or "Dropout" or "GaussianNoise"
        or "GaussianDropout" or "SpatialDropout2D" or "Identity" or "ActivityRegularization" or "Resizing" or "Cast"
        || layer.ClassName.StartsWith("Random", StringComparison.Ordinal)
        || (layer.ClassName == "TFOpLambda" && layer.TextOf("function") == "cast");

    private PixelScale? Apply(KerasLayer layer, PixelScale scale) => layer.ClassName switch
    {
        "Rescaling" => scale.Then(layer.Values("scale") ?? [1], layer.Values("offset") ?? [0]),
        "Normalization" => Normalize(layer, scale),
        "TrueDivide" or "Divide" => Operate("truediv", layer, scale),
        "Multiply" => Operate("multiply", layer, scale),
        "Subtract" => Operate("subtract", layer, scale),
        "Add" => Operate("add", layer, scale),
        "TFOpLambda" => Operate(layer.TextOf("function").Split('.')[^1], layer, scale),
        _ => throw Unsayable(layer, "does something to images that mean and deviation cannot say"),
    };

    private PixelScale? Operate(string operation, KerasLayer layer, PixelScale scale)
    {
        var numbers = layer.Numbers();
        if (numbers.Count == 0) throw Unsayable(layer, "works on more than an image and a number");
        return operation switch
        {
            "truediv" => scale.Then([.. numbers.Select(number => 1 / number)], [0]),
            "multiply" => scale.Then(numbers, [0]),
            "subtract" => scale.Then([1], [.. numbers.Select(number => -number)]),
            "add" => scale.Then([1], numbers),
            _ => throw Unsayable(layer, "does something to images that mean and deviation cannot say"),
        };
    }

    private PixelScale? Normalize(KerasLayer layer, PixelScale scale)
    {
        var (mean, variance) = layer.Values("mean") is { } fixedMean && layer.Values("variance") is { } fixedVariance
            ? (fixedMean, fixedVariance)
            : Constants().FirstOrDefault(constants => constants.Layer == layer.Name) is { Layer: not null } own ? (own.Mean, own.Variance)
            // Version 3 numbers layers by class, and one alone is the one that is meant.
            : Constants() is [var only] ? (only.Mean, only.Variance)
            : throw Unsayable(layer, "has a mean and variance that the file's weights lack");
        return layer.IsSet("invert")
            ? scale.Then([.. variance.Select(Math.Sqrt)], mean)
            : scale.ThenNormalized(mean, variance);
    }

    private Preprocessing OfConstants()
    {
        // A layer of mean 0 and variance 1 changes nothing; one at least says that nothing is done but the division.
        var all = Constants();
        if (all.Count == 0) return standard;
        var working = all.Where(constants => !IsIdentity(constants.Mean, constants.Variance)).ToList();
        if (working.Count > 1) throw WeightErrors.Unusable(file.Path,
            $"its weights have two layers that normalise images, {OneLine.Quote(working[0].Layer)} and {OneLine.Quote(working[1].Layer)}, and do not say in which order",
            "save the whole model, whose configuration does (model.save), or say it by --preprocessing");
        var (layer, mean, variance) = working.Count == 1 ? working[0] : all[0];
        // Of pixels divided by 255, a mean lies in 0…1.
        if (mean.Any(value => value is < 0 or > 1) || variance.Any(value => value > 1)) throw WeightErrors.Unusable(file.Path,
            string.Create(CultureInfo.InvariantCulture,
                $"its layer {OneLine.Quote(layer)} has the mean {mean[0]:0.###} and variance {variance[0]:0.###}, which are not those of pixels divided by 255, and its weights do not say what stands before it"),
            "save the whole model, whose configuration does (model.save), or say it by --preprocessing");
        bool twice = variance.Count == 3 && variance.Zip(Preprocessing.ImageNetStandardDeviation)
            .All(pair => Math.Abs(pair.First - pair.Second) < Close);
        var scale = PixelScale.Identity(standard.Mean.Length).Then([1 / 255.0], [0])?.ThenNormalized(mean, variance);
        if (twice) scale = scale?.Then([.. variance.Select(value => 1 / Math.Sqrt(value))], [0]);
        var stated = scale?.ApplyTo(standard) ?? throw WeightErrors.Unusable(file.Path,
            $"its layer {OneLine.Quote(layer)} normalises {mean.Count} channels, expected {standard.Mean.Length}", "save the whole model");
        Tell(stated, $"as the file's layer {OneLine.Quote(layer)} says, behind the division by 255 that keras.applications puts before it");
        return stated;
    }

    private void Tell(Preprocessing stated, string why)
    {
        if (!stated.Mean.SequenceEqual(standard.Mean) || !stated.StandardDeviation.SequenceEqual(standard.StandardDeviation))
            _remarks.Add(string.Create(CultureInfo.InvariantCulture,
                $"Of pixels 0…1, the mean is {Text(stated.Mean)} and the deviation {Text(stated.StandardDeviation)}, {why}."));
    }

    private static string Text(ImmutableArray<float> values) =>
        string.Join(' ', values.Select(value => value.ToString("0.####", CultureInfo.InvariantCulture)));

    // The size that an input or a layer has; images are resized by the tool and not by the network.
    private Preprocessing Sized(Preprocessing before, KerasLayer layer)
    {
        if (layer.ClassName == "Resizing")
        {
            if (layer.Values("height") is not [var height] || layer.Values("width") is not [var width]) return before;
            string filter = layer.TextOf("interpolation");
            if (filter is not ("" or "bilinear" or "bicubic"))
                throw Unsayable(layer, $"resizes by {OneLine.Quote(filter)}, which is none of this tool's filters");
            _remarks.Add($"The file's network resizes images itself, to {height}×{width}; that is done beforehand here, with a filter that reads all pixels.");
            bool isCropped = layer.IsSet("crop_to_aspect_ratio");
            return before with
            {
                Height = (int)height, Width = (int)width, ResizeTo = (int)Math.Max(height, width),
                Crop = isCropped ? CropRule.CenterCropThenResize : CropRule.StretchResize,
                Interpolation = filter == "bicubic" ? Interpolation.Bicubic : Interpolation.Bilinear,
            };
        }

        var shape = layer.Config.ValueKind != JsonValueKind.Object ? default
            : layer.Config.TryGetProperty("batch_input_shape", out var old) ? old
            : layer.Config.TryGetProperty("batch_shape", out var current) ? current : default;
        return layer.ClassName == "InputLayer" && shape.ValueKind == JsonValueKind.Array && shape.GetArrayLength() == 4
            && Side(shape[1]) is { } rows && Side(shape[2]) is { } columns && (rows, columns) != (before.Height, before.Width)
            ? before.At(rows, columns)
            : before;

        static int? Side(JsonElement side) => side.ValueKind == JsonValueKind.Number && side.TryGetInt32(out int value) && value > 0 ? value : null;
    }

    // Mean and variance of each Normalization layer in the weights.
    private List<(string Layer, IReadOnlyList<double> Mean, IReadOnlyList<double> Variance)> Constants() =>
        [.. KerasNameMap.Normalizations(tensors.Names)
            .Select(found => (found.Layer, Numbers(found.Mean), Numbers(found.Variance)))];

    private IReadOnlyList<double> Numbers(string name) => [.. tensors.Read(name).Values.Select(value => (double)value)];

    private static bool IsIdentity(IReadOnlyList<double> mean, IReadOnlyList<double> variance) =>
        mean.All(value => value == 0) && variance.All(value => value == 1);

    private ImmutableArray<float> Halves() => [.. standard.Mean.Select(_ => 0.5f)];

    private InvalidInputException Unsayable(KerasLayer layer, string what) => WeightErrors.Unusable(file.Path,
        $"its layer {OneLine.Quote(layer.Name)} ({OneLine.Clean(layer.ClassName)}) in front of the network {what}",
        "save the network without it, or say by --preprocessing what is done to images");
}
