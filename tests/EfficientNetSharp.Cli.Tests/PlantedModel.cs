using EfficientNetSharp.Architectures;
using EfficientNetSharp.Graphs;
using EfficientNetSharp.Imaging;
using EfficientNetSharp.Imaging.Codecs;
using EfficientNetSharp.Models;

namespace EfficientNetSharp.Cli.Tests;

/// <summary>
/// A model whose one living channel carries red from end to end, each kernel with a single 1 at its centre: it finds red and nothing
/// else. Its input is 64 rows of 96.
/// </summary>
internal static class PlantedModel
{
    public const int Height = 64, Width = 96;

    /// <summary>Makes the model.</summary>
    /// <param name="channels">1 or 3.</param>
    /// <param name="hidden">Features of a layer between pooling and classifier.</param>
    public static Model Create(int channels = 3, int hidden = 0)
    {
        var architecture = ArchitectureRegistry.Get("efficientnet_b0") with
        {
            Name = "planted",
            Stem = new Stem(8),
            Stages = [new Stage(BlockKind.MBConv, Kernel: 3, Stride: 1, Expansion: 1, Channels: 8, Repeats: 2, SqueezeExcite: 0.25),
            new Stage(BlockKind.MBConv, Kernel: 5, Stride: 2, Expansion: 4, Channels: 8, Repeats: 1, SqueezeExcite: 0.25),
            new Stage(BlockKind.MBConv, Kernel: 3, Stride: 2, Expansion: 4, Channels: 8, Repeats: 1, SqueezeExcite: 0.25)],
            HeadChannels = 16,
            HiddenFeatures = hidden,
        };
        var preprocessing = new Preprocessing { Height = Height, Width = Width, ResizeTo = Height };
        if (channels == 1) preprocessing = preprocessing with { Mean = [0.5f], StandardDeviation = [0.25f] };
        var card = new ModelCard { Classes = ["red", "else", "twin", "twin"], Preprocessing = preprocessing };
        var model = Model.Of(architecture, card, new WeightSet([]));
        return model with
        {
            Weights = new WeightSet(
            model.BuildGraph().Parameters.Select(parameter => KeyValuePair.Create(parameter.Name, Tensor(parameter)))),
        };
    }

    /// <summary>An image of the network's size as PNG, grey but for a square of red in one corner.</summary>
    public static byte[] Image(bool bottom, bool right)
    {
        const int Side = 24;
        byte[] rgb = new byte[Height * Width * 3];
        // ImageNet's mean red is 124 of 255: what is normalised to it is 0.
        rgb.AsSpan().Fill(124);
        int top = bottom ? Height - Side : 0, left = right ? Width - Side : 0;
        for (int y = top; y < top + Side; y++)
        for (int x = left; x < left + Side; x++)
            (rgb[3 * ((y * Width) + x)], rgb[(3 * ((y * Width) + x)) + 1], rgb[(3 * ((y * Width) + x)) + 2]) = (255, 40, 40);
        return ImageEncoder.EncodePng(rgb, Width, Height);
    }

    private static WeightTensor Tensor(Parameter parameter)
    {
        var values = new float[parameter.Count];
        switch (parameter.Role)
        {
            case ParameterRole.ConvolutionKernel:
                // The centre of the first kernel's first plane.
                values[parameter.Shape[2] * parameter.Shape[3] / 2] = 1;
                break;
            case ParameterRole.LinearKernel:
                values[0] = 1;
                values[parameter.Shape[1]] = -1;
                break;
            case ParameterRole.NormScale or ParameterRole.RunningVariance:
                values.AsSpan().Fill(1);
                break;
            default:
                break;
        }

        return new WeightTensor(parameter.Shape, values);
    }
}
