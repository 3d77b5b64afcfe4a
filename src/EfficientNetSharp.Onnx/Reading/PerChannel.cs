namespace EfficientNetSharp.Onnx.Reading;

/// <summary>Constants that are repeated over a value: one number for all of it, or one per channel.</summary>
internal static class PerChannel
{
    /// <summary>The one number, or one per channel.</summary>
    /// <exception cref="InvalidInputException">The constant has values along another axis.</exception>
    public static double[] Of(OnnxNode node, Feature x, Constant constant)
    {
        if (constant.Floats is null) throw node.Refuse("floats", "whole numbers");
        if (constant.Count == 1 && constant.Dims.Length <= x.Rank) return [constant[0]];
        int offset = x.Rank - constant.Dims.Length;
        bool fits = offset >= 0 && constant.Count == x.Value.Shape.Channels && x.ChannelAxis >= offset
            && constant.Dims[x.ChannelAxis - offset] == constant.Count;
        return fits
            ? Array.ConvertAll(constant.Floats, value => (double)value)
            : throw node.Refuse($"a constant of one value per channel for {x.Describe()}", constant.DimsText);
    }
}
