namespace EfficientNetSharp.Inference.Kernels;

/// <summary>What a tile does beside its sums while it is in registers, as a type, so that the compiler makes a version for each.</summary>
internal interface ITileEpilogue
{
    /// <summary>Whether the sums start from another value and the bias.</summary>
    static abstract bool AddsResidual { get; }

    /// <summary>Whether outputs below 0 become 0: ReLU and ReLU6.</summary>
    static abstract bool IsAtLeast0 { get; }

    /// <summary>Whether outputs above 6 become 6: ReLU6.</summary>
    static abstract bool IsAtMost6 { get; }
}

/// <summary>The sums alone.</summary>
internal readonly struct SumEpilogue : ITileEpilogue
{
    public static bool AddsResidual => false;

    public static bool IsAtLeast0 => false;

    public static bool IsAtMost6 => false;
}

/// <summary>The sums with another value.</summary>
internal readonly struct ResidualEpilogue : ITileEpilogue
{
    public static bool AddsResidual => true;

    public static bool IsAtLeast0 => false;

    public static bool IsAtMost6 => false;
}

/// <summary>ReLU of the sums.</summary>
internal readonly struct ReluEpilogue : ITileEpilogue
{
    public static bool AddsResidual => false;

    public static bool IsAtLeast0 => true;

    public static bool IsAtMost6 => false;
}

/// <summary>ReLU6 of the sums.</summary>
internal readonly struct Relu6Epilogue : ITileEpilogue
{
    public static bool AddsResidual => false;

    public static bool IsAtLeast0 => true;

    public static bool IsAtMost6 => true;
}
