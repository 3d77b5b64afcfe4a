using System.Collections.Immutable;
using EfficientNetSharp.Architectures;
using EfficientNetSharp.Randomness;

namespace EfficientNetSharp.Studies.Search;

/// <summary>
/// The factorized space of MnasNet (Tan et al. 2019, section 4.1), which the EfficientNet paper searches too: for each stage of MobileNetV2
/// the operation, kernel, squeeze-excite, skip, width and number of layers. Pooling instead of a skip is left out, as no block here has it.
/// </summary>
public sealed class SearchSpace
{
    private static readonly BlockOperation[] Operations = Enum.GetValues<BlockOperation>();

    private static readonly int[] Kernels = [3, 5];

    private static readonly double[] SqueezeExcites = [0, 0.25];

    private static readonly bool[] Skips = [true, false];

    private static readonly double[] Widths = [0.75, 1, 1.25];

    private static readonly int[] Layers = [0, 1, -1];

    private readonly Architecture _frame, _skeleton;

    /// <summary>Takes what all networks of the space have in common.</summary>
    /// <param name="frame">Stem, head, activation, regularisation and resolution.</param>
    /// <param name="skeleton">The stages' strides, channels and repeats; MobileNetV2 for MnasNet's space.</param>
    public SearchSpace(Architecture frame, Architecture skeleton)
    {
        ArgumentNullException.ThrowIfNull(frame);
        ArgumentNullException.ThrowIfNull(skeleton);
        (_frame, _skeleton) = (frame, skeleton);
    }

    /// <summary>How many stages are chosen.</summary>
    public int StageCount => _skeleton.Stages.Length;

    /// <summary>How many choices there are; rounding makes fewer networks of them.</summary>
    public double Size => Math.Pow(
        Operations.Length * Kernels.Length * SqueezeExcites.Length * Skips.Length * Widths.Length * Layers.Length, StageCount);

    /// <summary>Draws a network, each choice by itself.</summary>
    /// <param name="random">The stream drawn from.</param>
    public ImmutableArray<BlockChoice> Sample(ref SeededRandom random)
    {
        var stages = ImmutableArray.CreateBuilder<BlockChoice>(StageCount);
        for (int stage = 0; stage < StageCount; stage++)
        {
            stages.Add(Plain(new BlockChoice(
                Draw(Operations, ref random), Draw(Kernels, ref random), Draw(SqueezeExcites, ref random), Draw(Skips, ref random),
                Draw(Widths, ref random), Draw(Layers, ref random))));
        }

        return stages.ToImmutable();
    }

    /// <summary>Changes one choice of one stage to another.</summary>
    /// <param name="network">The network.</param>
    /// <param name="random">The stream drawn from.</param>
    public static ImmutableArray<BlockChoice> Mutate(ImmutableArray<BlockChoice> network, ref SeededRandom random)
    {
        // What the operation leaves no choice of may be drawn; another draw is due then.
        while (true)
        {
            int at = random.NextInt(network.Length);
            var before = network[at];
            var after = Plain(random.NextInt(6) switch
            {
                0 => before with { Operation = Draw(Operations, ref random) },
                1 => before with { Kernel = Draw(Kernels, ref random) },
                2 => before with { SqueezeExcite = Draw(SqueezeExcites, ref random) },
                3 => before with { Skip = Draw(Skips, ref random) },
                4 => before with { Width = Draw(Widths, ref random) },
                _ => before with { Layers = Draw(Layers, ref random) },
            });
            if (after != before) return network.SetItem(at, after);
        }
    }

    /// <summary>The network of some choices.</summary>
    /// <param name="network">A choice per stage.</param>
    /// <param name="name">What to call it.</param>
    public Architecture NetworkOf(ImmutableArray<BlockChoice> network, string name) => _frame with
    {
        Name = name,
        Family = "search",
        Stages = [.. network.Zip(_skeleton.Stages, StageOf)],
    };

    private static Stage StageOf(BlockChoice choice, Stage skeleton)
    {
        var (block, expansion) = choice.Operation switch
        {
            BlockOperation.Convolution => (BlockKind.FusedMBConv, 1),
            BlockOperation.Separable => (BlockKind.DepthwiseSeparable, 1),
            BlockOperation.Bottleneck3 => (BlockKind.MBConv, 3),
            _ => (BlockKind.MBConv, 6),
        };
        return new Stage(
            block, choice.Kernel, skeleton.Stride, expansion, Channels(skeleton.Channels * choice.Width),
            Math.Max(1, skeleton.Repeats + choice.Layers), choice.SqueezeExcite, Residual: choice.Skip);
    }

    // As all channels of mobile networks, in eights.
    private static int Channels(double wanted) => Math.Max(8, (int)Math.Round(wanted / 8, MidpointRounding.AwayFromZero) * 8);

    // One form of what makes no difference: squeeze-excites are for bottlenecks, and separable convolutions never skip.
    private static BlockChoice Plain(BlockChoice choice) => choice.Operation switch
    {
        BlockOperation.Convolution => choice with { SqueezeExcite = 0 },
        BlockOperation.Separable => choice with { SqueezeExcite = 0, Skip = false },
        _ => choice,
    };

    private static T Draw<T>(T[] values, ref SeededRandom random) => values[random.NextInt(values.Length)];
}
