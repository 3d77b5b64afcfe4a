using EfficientNetSharp.Models;

namespace EfficientNetSharp.Weights.Importing;

/// <summary>Fits a first convolution to another number of channels.</summary>
internal static class InputChannels
{
    /// <summary>
    /// Kernels [out, from, kh, kw] for <paramref name="to"/> channels: their sum for one (a grey image is the same in all of them),
    /// else the channels in turn, scaled so that equal inputs give the same sum (timm <c>adapt_input_conv</c>).
    /// </summary>
    public static WeightTensor Adapt(WeightTensor kernels, int to)
    {
        int outputs = kernels.Shape[0], from = kernels.Shape[1], area = kernels.Shape[2] * kernels.Shape[3];
        var adapted = new float[checked(outputs * to * area)];
        for (int o = 0; o < outputs; o++)
        {
            for (int c = 0; c < Math.Max(from, to); c++)
            {
                var kernel = kernels.Values.AsSpan(((o * from) + (c % from)) * area, area);
                if (to == 1)
                {
                    for (int k = 0; k < area; k++) adapted[(o * area) + k] += kernel[k];
                }
                else if (c < to)
                {
                    for (int k = 0; k < area; k++) adapted[(((o * to) + c) * area) + k] = kernel[k] * from / to;
                }
            }
        }

        return new WeightTensor(kernels.Shape.SetItem(1, to), adapted);
    }
}
