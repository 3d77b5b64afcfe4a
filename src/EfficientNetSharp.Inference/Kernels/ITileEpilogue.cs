namespace EfficientNetSharp.Inference.Kernels;

/// <summary>
/// What a tile does beside its sums while it is in registers, as a type, so that the compiler makes a version for each. What it cannot,
/// <see cref="EpilogueKernel{TSimd,TVector}"/> does to the stored tile.
/// </summary>
internal interface ITileEpilogue
{
    /// <summary>Whether the sums start from another value and the bias.</summary>
    static abstract bool AddsResidual { get; }

    /// <summary>Whether outputs below 0 become 0: ReLU and ReLU6.</summary>
    static abstract bool ClampsBelowZero { get; }

    /// <summary>Whether outputs above 6 become 6: ReLU6.</summary>
    static abstract bool ClampsAboveSix { get; }
}

/// <summary>The sums alone.</summary>
internal readonly struct SumEpilogue : ITileEpilogue
{
    public static bool AddsResidual => false;

    public static bool ClampsBelowZero => false;

    public static bool ClampsAboveSix => false;
}

/// <summary>The sums with another value.</summary>
internal readonly struct ResidualEpilogue : ITileEpilogue
{
    public static bool AddsResidual => true;

    public static bool ClampsBelowZero => false;

    public static bool ClampsAboveSix => false;
}

/// <summary>ReLU of the sums.</summary>
internal readonly struct ReluEpilogue : ITileEpilogue
{
    public static bool AddsResidual => false;

    public static bool ClampsBelowZero => true;

    public static bool ClampsAboveSix => false;
}

/// <summary>ReLU6 of the sums.</summary>
internal readonly struct Relu6Epilogue : ITileEpilogue
{
    public static bool AddsResidual => false;

    public static bool ClampsBelowZero => true;

    public static bool ClampsAboveSix => true;
}
