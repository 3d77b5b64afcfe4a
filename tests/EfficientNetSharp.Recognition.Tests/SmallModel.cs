using EfficientNetSharp.Architectures;
using EfficientNetSharp.Inference;
using EfficientNetSharp.Models;
using EfficientNetSharp.Prediction;
using EfficientNetSharp.Running;

namespace EfficientNetSharp.Recognition.Tests;

/// <summary>A small network with random weights, and images for it.</summary>
internal static class SmallModel
{
    public static ModelOpener Opener { get; } = new([new EngineBackend()], [new ModelFileReader()]);

    public static string Save(string folder)
    {
        var architecture = ArchitectureRegistry.Get("efficientnet_b0") with
        {
            Name = "small", Stem = new Stem(8), HeadChannels = 16,
            Stages = [new Stage(BlockKind.MBConv, Kernel: 3, Stride: 2, Expansion: 2, Channels: 8, Repeats: 1, SqueezeExcite: 0.25)],
        };
        var model = Model.Of(architecture, new ModelCard { Classes = ["a", "b"], Preprocessing = Preprocessing.ForSize(32) },
            new WeightSet([]));
        string path = Path.Combine(folder, "model.safetensors");
        ModelFile.Save(model with { Weights = WeightInitializer.Initialize(model.BuildGraph(), 1) }, path);
        return path;
    }

    /// <summary>An image file: stripes of a width of its own with a little noise.</summary>
    public static byte[] Image(int kind, int number, int side = 40)
    {
        var random = new Randomness.SeededRandom((ulong)kind, (ulong)number);
        byte[] rgb = [.. Enumerable.Range(0, side * side * 3).Select(i => (byte)((i / (5 + (7 * kind)) * 53 % 200) + random.NextInt(50)))];
        return Imaging.Codecs.ImageEncoder.EncodePng(rgb, side, side);
    }
}
