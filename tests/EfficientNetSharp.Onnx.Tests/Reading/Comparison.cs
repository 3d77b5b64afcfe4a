using EfficientNetSharp.Graphs;
using EfficientNetSharp.Testing;

namespace EfficientNetSharp.Onnx.Tests.Reading;

/// <summary>A file run as it is by ONNX Runtime beside the network that is read from it.</summary>
internal static class Comparison
{
    /// <summary>The relative error of each output, with the network run by the reference.</summary>
    public static double[] Errors(string path, OnnxNetwork network)
    {
        using var expected = OnnxRuntimeRunner.Open(path, new OnnxRuntimeOptions { Height = network.Graph.Input.Shape.Height, Width = network.Graph.Input.Shape.Width });
        using var actual = new ReferenceRunner(network.Graph, network.Weights);
        return Errors(expected, actual);
    }

    public static double[] Errors(IModelRunner expected, IModelRunner actual)
    {
        Assert.Equal(expected.InputShape, actual.InputShape);
        Assert.Equal(expected.OutputShapes, actual.OutputShapes);
        const int Batch = 2;
        float[] pictures = SyntheticInput.Batch(expected.InputShape, Batch, seed: 5);
        var pairs = BackendSpecification.RunAll(expected, pictures, Batch).Zip(BackendSpecification.RunAll(actual, pictures, Batch));
        return [.. pairs.Select(pair => RelativeError.OfRows(pair.Second, pair.First, Batch))];
    }

    /// <summary>Pictures with channels last.</summary>
    public static float[] ChannelsLast(float[] pictures, TensorShape shape)
    {
        var turned = new float[pictures.Length];
        int pixels = (int)shape.Positions;
        for (int i = 0; i < pictures.Length; i++)
        {
            int picture = i / (int)shape.Count, channel = i / pixels % shape.Channels, pixel = i % pixels;
            turned[(((picture * pixels) + pixel) * shape.Channels) + channel] = pictures[i];
        }

        return turned;
    }
}
