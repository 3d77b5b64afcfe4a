using System.Collections.Immutable;
using EfficientNetSharp.Graphs;

namespace EfficientNetSharp.Architectures;

/// <summary>
/// ResNet-18, 34, 50, 101 and 152 (He et al. 2015, Table 1; strides as in torchvision), and ResNet-200 with the repeats of He et al. 2016,
/// Table 5, and the blocks of the others, as in timm; the paper's has its normalisations before its convolutions.
/// </summary>
internal static class ResNets
{
    private static readonly (int Layers, BlockKind Block, int[] Repeats)[] Table =
    [
        (18, BlockKind.Basic, [2, 2, 2, 2]),
        (34, BlockKind.Basic, [3, 4, 6, 3]),
        (50, BlockKind.Bottleneck, [3, 4, 6, 3]),
        (101, BlockKind.Bottleneck, [3, 4, 23, 3]),
        (152, BlockKind.Bottleneck, [3, 8, 36, 3]),
        (200, BlockKind.Bottleneck, [3, 24, 36, 3]),
    ];

    public static ImmutableArray<Architecture> All { get; } = [.. Table.Select(row => new Architecture
    {
        Name = $"resnet{row.Layers}",
        Family = "ResNet",
        Resolution = 224,
        Stem = new Stem(64, Kernel: 7, MaxPool: true),
        Stages = [.. row.Repeats.Select((repeats, index) => Row(row.Block, index, repeats))],
        HeadChannels = 0,
        Padding = PaddingStyle.Symmetric,
        Normalization = Normalization.PyTorch,
        Activation = ActivationKind.Relu,
        Dropout = 0,
        StochasticDepth = 0,
    })];

    // 64, 128, 256, 512 channels; a bottleneck yields four times as many. Scaled, the two are rounded each by itself.
    private static Stage Row(BlockKind block, int index, int repeats)
    {
        int channels = 64 << index, stride = index == 0 ? 1 : 2;
        return block == BlockKind.Bottleneck
            ? new Stage(
                block, Kernel: 3, Stride: stride, Expansion: 1, Channels: 4 * channels, Repeats: repeats, SqueezeExcite: 0,
                ExpansionBase: channels)
            : new Stage(block, Kernel: 3, Stride: stride, Expansion: 1, Channels: channels, Repeats: repeats, SqueezeExcite: 0);
    }
}
