using EfficientNetSharp.Randomness;

namespace EfficientNetSharp.Cli.Support;

/// <summary>Normalised images of noise, for measuring and comparing.</summary>
internal static class RandomImages
{
    /// <summary>A batch [N,C,H,W] for a runner; the same each time.</summary>
    public static float[] Create(IModelRunner runner, int batch)
    {
        var input = new float[batch * runner.InputShape.Count];
        var random = new SeededRandom(1);
        foreach (ref float value in input.AsSpan()) value = (float)random.NextGaussian();
        return input;
    }
}
