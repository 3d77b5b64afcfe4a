using System.Text.Json;
using EfficientNetSharp.Files;
using EfficientNetSharp.Formats;
using EfficientNetSharp.Weights.Formats;

namespace EfficientNetSharp.Weights.Importing.Keras;

/// <summary>
/// The layers of a Keras model that an image passes on its way to the network's first convolution, as the model's configuration has them:
/// through models within models, augmentation and rescaling in front.
/// </summary>
internal static class KerasInput
{
    /// <summary>keras.applications' name of the first convolution.</summary>
    private const string Stem = "stem_conv";

    /// <summary>
    /// The layers in order, models within taken apart; <see langword="null"/> where the configuration does not tell them (a model of a class
    /// of its own) or has no such convolution.
    /// </summary>
    /// <param name="path">The file.</param>
    /// <param name="configuration">The model's configuration, JSON.</param>
    /// <exception cref="InvalidInputException">It is no JSON, or images reach the convolution by several ways.</exception>
    public static IReadOnlyList<KerasLayer>? Layers(string path, string configuration)
    {
        try
        {
            // Its elements outlive the document only as a copy.
            using var document = JsonDocument.Parse(configuration, new JsonDocumentOptions { MaxDepth = 256 });
            return To(path, new KerasLayer(document.RootElement.Clone()));
        }
        catch (JsonException e)
        {
            throw WeightErrors.Damaged(path, "its configuration of the model is no JSON", e);
        }
    }

    private static List<KerasLayer>? To(string path, KerasLayer model)
    {
        var way = new List<KerasLayer>();
        foreach (var layer in model.Layers)
        {
            var inner = layer.Layers.Count > 0 ? To(path, layer) : null;
            if (inner is null && layer.Name != Stem) continue;
            way.AddRange(model.IsSequential ? Flat(model.Layers.TakeWhile(before => before != layer)) : Back(path, model, layer));
            if (inner is not null) way.AddRange(inner);
            return way;
        }

        return null;
    }

    // The layers before one, by where each has its input from.
    private static List<KerasLayer> Back(string path, KerasLayer model, KerasLayer to)
    {
        var way = new List<KerasLayer>();
        for (var layer = to; layer.Sources() is { Count: > 0 } sources;)
        {
            if (sources.Count > 1)
                throw WeightErrors.Unusable(path, $"its layer {OneLine.Quote(layer.Name)} in front of the network joins several inputs",
                    "save the network without what is in front of it");
            layer = model.Layers.FirstOrDefault(candidate => candidate.Name == sources[0])
                ?? throw WeightErrors.Damaged(path, $"its configuration lacks the layer {OneLine.Quote(sources[0])}");
            if (way.Contains(layer)) throw WeightErrors.Damaged(path, "the layers of its configuration form a circle");
            way.Add(layer);
        }

        way.Reverse();
        return Flat(way);
    }

    private static List<KerasLayer> Flat(IEnumerable<KerasLayer> layers) =>
        [.. layers.SelectMany(layer => layer.Layers.Count > 0 ? Flat(layer.Layers) : [layer])];
}
