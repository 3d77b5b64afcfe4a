using System.Collections.Immutable;
using EfficientNetSharp.Architectures;
using EfficientNetSharp.Graphs;
using EfficientNetSharp.Models;
using EfficientNetSharp.Testing;

namespace EfficientNetSharp.Onnx.Tests;

/// <summary>A model of a few thousand weights whose card has nothing at its default.</summary>
internal static class SmallModel
{
    public static Architecture Architecture { get; } = ArchitectureRegistry.Get("efficientnet_b0") with
    {
        Name = "small",
        Family = "Test",
        Resolution = 32,
        Stem = new Stem(8),
        Stages = [new Stage(BlockKind.MBConv, Kernel: 3, Stride: 1, Expansion: 1, Channels: 8, Repeats: 2, SqueezeExcite: 0.25),
        new Stage(BlockKind.MBConv, Kernel: 5, Stride: 2, Expansion: 4, Channels: 16, Repeats: 2, SqueezeExcite: 0.5)],
        HeadChannels = 24,
    };

    public static ModelCard Card { get; } = new()
    {
        Classes = ["cat", "naïve \"dog\"", "鳥\n<&>", ""],
        Preprocessing = new Preprocessing
        {
            Height = 32,
            Width = 40,
            ResizeTo = 48,
            Crop = CropRule.CenterCropThenResize,
            Interpolation = Interpolation.Lanczos,
            Mean = [0.5f, 0.1f],
            StandardDeviation = [0.25f, 1f / 3],
            Channels = ChannelOrder.Bgr,
        },
        Provenance = new Dictionary<string, string> { ["recipe"] = "none", ["top-1"] = "0.25" }.ToImmutableSortedDictionary(),
    };

    public static Model Create(Architecture? architecture = null, ModelCard? card = null)
    {
        var model = Model.Of(architecture ?? Architecture, card ?? Card, new WeightSet([]));
        return model with { Weights = SyntheticWeights.For(model.BuildGraph(), gain: 4) };
    }

    public static float[] Run(IModelRunner runner, float[] images, int batch)
    {
        var output = new float[batch * runner.OutputShape.Count];
        runner.Run(images, batch, output);
        return output;
    }

    public static float[] Images(TensorShape shape, int batch) => SyntheticInput.Batch(shape, batch);
}
