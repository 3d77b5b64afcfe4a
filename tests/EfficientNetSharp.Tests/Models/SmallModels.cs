using System.Collections.Immutable;
using System.Globalization;
using EfficientNetSharp.Architectures;
using EfficientNetSharp.Graphs;
using EfficientNetSharp.Models;

namespace EfficientNetSharp.Tests.Models;

/// <summary>Models of a few kilobytes.</summary>
internal static class SmallModels
{
    /// <summary>Two blocks of a few channels.</summary>
    public static Architecture Architecture { get; } = new()
    {
        Name = "tiny",
        Family = "Test",
        Resolution = 32,
        Stem = new Stem(4),
        Stages = [new Stage(BlockKind.MBConv, Kernel: 3, Stride: 1, Expansion: 1, Channels: 4, Repeats: 1, SqueezeExcite: 0.25),
        new Stage(BlockKind.MBConv, Kernel: 3, Stride: 2, Expansion: 2, Channels: 8, Repeats: 1, SqueezeExcite: 0.25)],
        HeadChannels = 8,
        Padding = PaddingStyle.Symmetric,
        Normalization = new Normalization(1e-5, 0.1),
        Dropout = 0.2,
    };

    /// <summary>A card of so many classes.</summary>
    public static ModelCard Card(int classes) => new()
    {
        Classes = [.. Enumerable.Range(0, classes).Select(i => string.Create(CultureInfo.InvariantCulture, $"class {i}"))],
        Preprocessing = Preprocessing.ForSize(32),
        Provenance = ImmutableSortedDictionary<string, string>.Empty.Add("recipe", "none").Add("Z", "1").Add("a", "2"),
    };

    /// <summary>A model with fresh weights.</summary>
    public static Model Make(Architecture architecture, ulong seed, ModelCard? card = null)
    {
        var model = Model.Of(architecture, card ?? Card(3), new WeightSet([]));
        return model with { Weights = WeightInitializer.Initialize(model.BuildGraph(), seed) };
    }
}
