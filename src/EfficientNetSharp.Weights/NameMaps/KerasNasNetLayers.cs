using EfficientNetSharp.Architectures;

namespace EfficientNetSharp.Weights.NameMaps;

/// <summary>What keras.applications calls the layers of NASNet.</summary>
internal static class KerasNasNetLayers
{
    /// <summary>The layer's name; <see langword="null"/> where it has none.</summary>
    public static string? Of(Architecture architecture, Layer layer, string top)
    {
        if (layer.Block is not { } block)
        {
            return layer.Part switch { "stem.conv" => "stem_conv1", "stem.norm" => "stem_bn1", "classifier" => top, _ => null };
        }

        return Part(layer, block.Row.Block == BlockKind.NasReduction ? "reduction" : "normal", Cell(architecture, block));
    }

    /// <summary>Whether it is the 1×1 half of a layer whose first half is a depthwise convolution.</summary>
    public static bool IsPointwise(Layer layer) => layer.Kind.StartsWith("pointwise", StringComparison.Ordinal);

    // Two reductions follow the stem. The others have the number of normal cells before them, and normal cells behind one count it.
    private static string Cell(Architecture architecture, Block block)
    {
        var before = architecture.Stages.Take(block.Stage).ToLookup(stage => stage.Block == BlockKind.NasReduction);
        int cells = before[false].Sum(stage => stage.Repeats), reductions = before[true].Count();
        return block.Row.Block switch
        {
            BlockKind.NasReduction when reductions < 2 => $"stem_{reductions + 1}",
            BlockKind.NasReduction => $"reduce_{cells}",
            _ => $"{cells + block.Repeat + (cells > 0 ? 1 : 0)}",
        };
    }

    private static string? Part(Layer layer, string kind, string cell)
    {
        string[] parts = layer.Part.Split('.');
        return parts switch
        {
            ["current", "conv"] => $"{kind}_conv_1_{cell}",
            ["current", "norm"] => $"{kind}_bn_1_{cell}",
            ["earlier", "conv"] => $"adjust_conv_projection_{cell}",
            ["earlier", "norm"] => $"adjust_bn_{cell}",
            ["even", "conv"] => $"adjust_conv_1_{cell}",
            ["odd", "conv"] => $"adjust_conv_2_{cell}",
            [['c', 'o', 'm', 'b', 'i', 'n', 'e', var pair], var side, var piece] => Separable(kind, cell, pair, side, piece),
            _ => null,
        };
    }

    // The reduction's last pair is its fifth in the paper, and called the fourth here.
    private static string Separable(string kind, string cell, char pair, string side, string piece)
    {
        int number = pair - '0' + (kind == "reduction" && pair == '4' ? 0 : 1);
        string norm = piece.StartsWith("norm", StringComparison.Ordinal) ? "bn_" : "";
        return $"separable_conv_{piece[^1]}_{norm}{kind}_{side}{number}_{cell}";
    }
}
