using EfficientNetSharp.Testing;

namespace EfficientNetSharp.Onnx.Tests.Reading;

/// <summary>Two runners beside each other, on all outputs.</summary>
internal static class Comparison
{
    /// <summary>The relative error of each output.</summary>
    public static double[] Errors(IModelRunner expected, IModelRunner actual)
    {
        Assert.Equal(expected.InputShape, actual.InputShape);
        Assert.Equal(expected.OutputShapes, actual.OutputShapes);
        const int Batch = 2;
        float[] images = SyntheticInput.Batch(expected.InputShape, Batch, seed: 5);
        var pairs = BackendSpecification.RunAll(expected, images, Batch).Zip(BackendSpecification.RunAll(actual, images, Batch));
        return [.. pairs.Select(pair => RelativeError.OfRows(pair.Second, pair.First, Batch))];
    }
}
