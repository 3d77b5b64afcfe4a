using System.Collections.Immutable;

namespace EfficientNetSharp.Graphs;

/// <summary>What a parameter is for; decides its initial value, its weight decay and whether it is trained.</summary>
public enum ParameterRole
{
    /// <summary>Kernel of a convolution, [out, in/groups, kh, kw].</summary>
    ConvolutionKernel,

    /// <summary>Kernels that a conditional convolution mixes, [experts, out, in/groups, kh, kw].</summary>
    ExpertKernels,

    /// <summary>Matrix of a linear layer, [out, in].</summary>
    LinearKernel,

    /// <summary>Bias of a convolution or linear layer, [out].</summary>
    Bias,

    /// <summary>Scale γ of a batch normalisation, [C].</summary>
    NormScale,

    /// <summary>Shift β of a batch normalisation, [C].</summary>
    NormShift,

    /// <summary>Running mean of a batch normalisation, [C]; not trained.</summary>
    RunningMean,

    /// <summary>Running variance of a batch normalisation, [C]; not trained.</summary>
    RunningVariance,

    /// <summary>Slope for negative values of a parametric ReLU, [C].</summary>
    Slope,
}

/// <summary>A named tensor that a node needs.</summary>
/// <param name="Name">
/// Canonical name: the node's name, a dot, and <c>weight</c>, <c>bias</c>, <c>running_mean</c> or <c>running_var</c>.
/// </param>
/// <param name="Shape">Dimensions, row-major.</param>
/// <param name="Role">What it is for.</param>
public sealed record Parameter(string Name, ImmutableArray<int> Shape, ParameterRole Role)
{
    /// <summary>Number of values.</summary>
    public long Count => Shape.Aggregate(1L, (product, dimension) => product * dimension);

    /// <summary>Whether training changes it by gradient; false for running statistics.</summary>
    public bool IsTrainable => Role is not (ParameterRole.RunningMean or ParameterRole.RunningVariance);

    /// <summary>Whether it multiplies activations (a kernel), so that weight decay applies to it in the timm sense.</summary>
    public bool IsKernel => Role is ParameterRole.ConvolutionKernel or ParameterRole.ExpertKernels or ParameterRole.LinearKernel;
}
