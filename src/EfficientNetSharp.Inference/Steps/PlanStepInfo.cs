namespace EfficientNetSharp.Inference.Steps;

/// <summary>One step of a plan, as the plan's profile lists it.</summary>
/// <param name="Name">The node whose value it yields.</param>
/// <param name="Kind">What kind of work it is.</param>
/// <param name="Macs">Multiply-adds for one image.</param>
public sealed record PlanStepInfo(string Name, PlanStepKind Kind, long Macs);

/// <summary>What kind of work a step does, for profiles.</summary>
public enum PlanStepKind
{
    /// <summary>A 1×1 convolution of a map.</summary>
    Pointwise,

    /// <summary>A convolution over several pixels and all channels.</summary>
    Convolution,

    /// <summary>A depthwise convolution.</summary>
    Depthwise,

    /// <summary>A 1×1 convolution with the depthwise one that takes its value.</summary>
    ExpandDepthwise,

    /// <summary>A convolution in groups of channels.</summary>
    Grouped,

    /// <summary>A linear layer or a 1×1 convolution of a single pixel, squeeze-excite's among them.</summary>
    Linear,

    /// <summary>Pooling.</summary>
    Pooling,

    /// <summary>Work on single values: gates, sums, functions, normalisations.</summary>
    Elementwise,

    /// <summary>Making weights for an image: gated or mixed kernels.</summary>
    Weights,

    /// <summary>Changes of layout at the network's ends.</summary>
    Layout,
}
