namespace EfficientNetSharp.Studies.Search;

/// <summary>What the blocks of a stage are.</summary>
public enum BlockOperation
{
    /// <summary>An ordinary convolution.</summary>
    Convolution,

    /// <summary>A depthwise convolution and a 1×1 convolution.</summary>
    Separable,

    /// <summary>An inverted bottleneck that expands threefold.</summary>
    Bottleneck3,

    /// <summary>An inverted bottleneck that expands sixfold.</summary>
    Bottleneck6,
}

/// <summary>What is chosen for a stage.</summary>
/// <param name="Operation">Its blocks.</param>
/// <param name="Kernel">Their kernel.</param>
/// <param name="SqueezeExcite">Their squeeze-excite's share of the input's channels; 0 for none.</param>
/// <param name="Skip">Whether blocks add their input where they can.</param>
/// <param name="Width">Multiplier of the skeleton's channels.</param>
/// <param name="Layers">Blocks more than the skeleton has.</param>
public sealed record BlockChoice(BlockOperation Operation, int Kernel, double SqueezeExcite, bool Skip, double Width, int Layers);
