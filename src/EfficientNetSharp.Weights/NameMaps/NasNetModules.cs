using EfficientNetSharp.Architectures;

namespace EfficientNetSharp.Weights.NameMaps;

/// <summary>The modules of NASNet-A, which timm took over from pretrained-models.pytorch.</summary>
internal static class NasNetModules
{
    // Cells are counted as if six followed each reduction, however many do.
    private const int CellsOfLarge = 6;

    public static string? Of(Architecture architecture, Layer layer)
    {
        if (layer.Block is not { } block)
        {
            return layer.Part switch
            {
                "stem.conv" => "conv0.conv",
                "stem.norm" => "conv0.bn",
                "classifier" => "last_linear",
                _ => null,
            };
        }

        return Part(layer) is { } part ? $"{Cell(architecture, block)}.{part}" : null;
    }

    private static string Cell(Architecture architecture, Block block)
    {
        int reductions = architecture.Stages.Take(block.Stage).Count(stage => stage.Block == BlockKind.NasReduction);
        bool isReduction = block.Row.Block == BlockKind.NasReduction;
        if (isReduction) return reductions < 2 ? $"cell_stem_{reductions}" : $"reduction_cell_{reductions - 2}";
        return $"cell_{(CellsOfLarge * (reductions - 2)) + block.Repeat}";
    }

    private static string? Part(Layer layer)
    {
        string[] parts = layer.Part.Split('.');
        return parts switch
        {
            ["current", "conv"] => "conv_1x1.conv",
            ["current", "norm"] => "conv_1x1.bn",
            ["earlier", "conv"] => "conv_prev_1x1.conv",
            ["earlier", "norm"] => layer.Block!.Has("odd") ? "final_path_bn" : "conv_prev_1x1.bn",
            ["even", "conv"] => "path_1.conv",
            ["odd", "conv"] => "path_2.conv",
            [['c', 'o', 'm', 'b', 'i', 'n', 'e', var pair], var side, var kind] => Combined(pair, side, kind),
            _ => null,
        };
    }

    private static string? Combined(char pair, string side, string kind)
    {
        char number = kind[^1];
        string? module = kind[..^1] switch
        {
            "depthwise" => $"separable_{number}.depthwise_conv2d",
            "pointwise" => $"separable_{number}.pointwise_conv2d",
            "norm" => $"bn_sep_{number}",
            _ => null,
        };
        return module is null ? null : $"comb_iter_{pair}_{side}.{module}";
    }
}
