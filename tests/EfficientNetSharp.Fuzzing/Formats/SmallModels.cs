using System.Collections.Immutable;
using EfficientNetSharp.Architectures;
using EfficientNetSharp.Graphs;
using EfficientNetSharp.Models;

namespace EfficientNetSharp.Fuzzing.Formats;

/// <summary>Models of a few kilobytes, one of each padding.</summary>
internal static class SmallModels
{
    private static readonly Architecture Tiny = new()
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

    /// <summary>The models.</summary>
    public static IEnumerable<Model> All =>
        new[] { PaddingStyle.Symmetric, PaddingStyle.Same }.Select(padding => Make(Tiny with { Padding = padding }));

    /// <summary>What a model's card says.</summary>
    public static ModelCard Card { get; } = new()
    {
        Classes = ["cat", "dog", "bird"],
        Preprocessing = Preprocessing.ForSize(32),
        Provenance = ImmutableSortedDictionary<string, string>.Empty.Add("recipe", "none"),
    };

    private static Model Make(Architecture architecture)
    {
        var model = Model.Of(architecture, Card, new WeightSet([]));
        return model with { Weights = WeightInitializer.Initialize(model.BuildGraph(), 1) };
    }
}
