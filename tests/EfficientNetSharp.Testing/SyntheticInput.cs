using EfficientNetSharp.Graphs;

namespace EfficientNetSharp.Testing;

/// <summary>Images of waves and noise that follow from a seed: structure that a shift or a flip would change (Goldens/README.md).</summary>
public static class SyntheticInput
{
    /// <summary>A batch [N,C,H,W].</summary>
    public static float[] Batch(TensorShape shape, int batch, ulong seed = 0, double amplitude = 4)
    {
        var values = NamedUniform.Draw("input", checked((int)(batch * shape.Count)), seed);
        int i = 0;
        for (int n = 0; n < batch; n++)
        for (int c = 1; c <= shape.Channels; c++)
        for (int h = 0; h < shape.Height; h++)
        for (int w = 0; w < shape.Width; w++, i++)
            values[i] = (float)(amplitude * ((0.5 * values[i]) + (Math.Sin(0.05 * c * h) * Math.Cos(0.03 * c * w))));
        return values;
    }
}
