using System.Collections.Immutable;
using System.Globalization;
using EfficientNetSharp.Graphs;

namespace EfficientNetSharp.Onnx.Reading;

/// <summary>The sizes, steps and zeros of convolutions and poolings.</summary>
internal static class Windows
{
    // Above any network's; keeps sums of a few of them within 32 bits.
    private const int Max = TensorShape.MaxSide;

    /// <summary>The step, the same in both directions; a dilated window is refused.</summary>
    public static int Stride(OnnxNode node)
    {
        var strides = Pair(node, "strides");
        if (Pair(node, "dilations") is not [1, 1]) throw node.Refuse("dilations of 1",
            $"[{string.Join(", ", node.Integers("dilations")!.Value)}]");
        return strides[0] == strides[1] ? strides[0]
            : throw node.Refuse("one stride for rows and columns", $"[{string.Join(", ", strides)}]");
    }

    /// <summary>Checks that the attribute, where there is one, names the window's size.</summary>
    public static void EnsureKernel(OnnxNode node, int height, int width)
    {
        if (height > Max || width > Max) throw node.Invalid($"a window of at most {Max} pixels per side", $"{height}×{width}");
        if (node.Integers("kernel_shape") is { } shape && !shape.SequenceEqual([height, width]))
            throw node.Invalid($"a kernel_shape of {height}×{width} as its kernel has", $"[{string.Join(", ", shape.Take(8))}]");
    }

    /// <summary>The window of a pooling.</summary>
    public static (int Height, int Width) Kernel(OnnxNode node)
    {
        if (!node.Has("kernel_shape")) throw node.Refuse("a kernel_shape", "none");
        var kernel = Pair(node, "kernel_shape");
        return (kernel[0], kernel[1]);
    }

    /// <summary>What a node adds around its map.</summary>
    /// <param name="node">The node.</param>
    /// <param name="map">The map's shape.</param>
    /// <param name="same">What TensorFlow's SAME would add.</param>
    /// <param name="isSame">Whether that is what the node asks for.</param>
    public static Pads Pads(OnnxNode node, TensorShape map, Pads same, out bool isSame)
    {
        string style = node.Text("auto_pad", "NOTSET");
        isSame = style == "SAME_UPPER";
        if (isSame) return same;
        if (style == "SAME_LOWER") return new Pads(same.Bottom, same.Right, same.Top, same.Left);
        if (style == "VALID") return default;
        if (style is not ("NOTSET" or "")) throw node.Refuse("auto_pad NOTSET, VALID, SAME_UPPER or SAME_LOWER",
            EfficientNetSharp.Files.OneLine.Quote(style));
        if (node.Integers("pads") is not { } pads) return default;
        if (pads.Length != 4 || pads.Any(pad => pad is < 0 or > Max)) throw node.Invalid($"four pads of 0 to {Max}",
            $"[{string.Join(", ", pads.Take(8))}] on {map}");
        return new Pads((int)pads[0], (int)pads[1], (int)pads[2], (int)pads[3]);
    }

    public static Pads Sum(Pads a, Pads b) => new(a.Top + b.Top, a.Left + b.Left, a.Bottom + b.Bottom, a.Right + b.Right);

    /// <summary>Whether each window of a pooling sees something of its map.</summary>
    public static bool Touch(Pads pads, int kernel) => Math.Max(Math.Max(pads.Top, pads.Bottom), Math.Max(pads.Left, pads.Right)) < kernel;

    /// <summary>The convolution with the zeros given, by the style that asks for them where there is one.</summary>
    public static Convolution WithPads(Convolution op, Pads pads, TensorShape map, bool isSame)
    {
        if (isSame) return op with { Padding = PaddingStyle.Same };
        foreach (var style in (PaddingStyle[])[PaddingStyle.Symmetric, PaddingStyle.None])
        {
            if ((op with { Padding = style }).PadsFor(map) == pads) return op with { Padding = style };
        }

        return op with { Padding = PaddingStyle.None, ExplicitPads = pads };
    }

    /// <summary>The pooling with what is added given, by the style that asks for it where there is one.</summary>
    public static MaxPool WithPads(MaxPool op, Pads pads, TensorShape map, bool isSame) =>
        StyleOf(pads, op.Kernel, op.Stride, map, isSame) is { } style
            ? op with { Padding = style }
            : op with { Padding = PaddingStyle.None, ExplicitPads = pads };

    /// <summary>The pooling with what is added given, by the style that asks for it where there is one.</summary>
    public static AveragePool WithPads(AveragePool op, Pads pads, TensorShape map, bool isSame) =>
        StyleOf(pads, op.Kernel, op.Stride, map, isSame) is { } style
            ? op with { Padding = style }
            : op with { Padding = PaddingStyle.None, ExplicitPads = pads };

    private static PaddingStyle? StyleOf(Pads pads, int kernel, int stride, TensorShape map, bool isSame)
    {
        if (isSame) return PaddingStyle.Same;
        foreach (var style in (PaddingStyle[])[PaddingStyle.Symmetric, PaddingStyle.None, PaddingStyle.RoundedUp])
        {
            if (Graphs.Pads.For(style, kernel, stride, map.Height, map.Width) == pads) return style;
        }

        return null;
    }

    /// <summary>A float32 as the decimal that it was written for: 0.001 rather than 0.0010000000474974513.</summary>
    public static double AsWritten(float value) =>
        NumberText.TryParse(value.ToString("R", CultureInfo.InvariantCulture), out double written) ? written : value;

    private static ImmutableArray<int> Pair(OnnxNode node, string name)
    {
        var values = node.Integers(name) ?? [1, 1];
        return values.Length == 2 && values.All(value => value is >= 1 and <= Max)
            ? [(int)values[0], (int)values[1]]
            : throw node.Invalid($"two {name} of 1 to {Max}", $"[{string.Join(", ", values.Take(8))}]");
    }
}
