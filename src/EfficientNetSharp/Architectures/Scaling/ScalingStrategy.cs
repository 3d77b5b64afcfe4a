using System.Collections.Immutable;

namespace EfficientNetSharp.Architectures.Scaling;

/// <summary>A published rule for how much a network grows along each axis; φ counts doublings of its multiply-adds, about.</summary>
public sealed record ScalingStrategy
{
    private readonly Func<double, ScalingCoefficients> _coefficients;

    private ScalingStrategy(string name, string title, string source, CompoundScaling? bases, Func<double, ScalingCoefficients> coefficients) =>
        (Name, Title, Source, Bases, _coefficients) = (name, title, source, bases, coefficients);

    /// <summary>Its name as the command line spells it.</summary>
    public string Name { get; }

    /// <summary>What it is, for people.</summary>
    public string Title { get; }

    /// <summary>Where it comes from.</summary>
    public string Source { get; }

    /// <summary>Its bases where each axis is a power of φ, which a budget can be searched along; <see langword="null"/> for a table.</summary>
    public CompoundScaling? Bases { get; }

    /// <summary>The least φ that it says something of.</summary>
    public double MinPhi { get; private init; } = double.NegativeInfinity;

    /// <summary>The largest φ that it says something of.</summary>
    public double MaxPhi { get; private init; } = double.PositiveInfinity;

    /// <summary>Compound scaling with the paper's bases.</summary>
    public static ScalingStrategy Compound { get; } = Power(
        "compound", "compound scaling, α = 1.2, β = 1.1, γ = 1.15", "Tan and Le 2019, §3.3", CompoundScaling.EfficientNet);

    /// <summary>
    /// Fast compound scaling: with s = d·w²·r² most of s goes into width, s^0.8, and a tenth each into depth and resolution, since
    /// activations grow with √s then, and times follow activations.
    /// </summary>
    public static ScalingStrategy Fast { get; } = Power(
        "fast", "fast compound scaling, d = s^0.1, w = s^0.4, r = s^0.05 with s = d·w²·r² = 2^φ",
        "Dollár et al. 2021; facebookresearch/pycls, models/scaler.py, d1_w8_g8_r1",
        new CompoundScaling(Math.Pow(2, 0.1), Math.Pow(2, 0.4), Math.Pow(2, 0.05)));

    /// <summary>Each axis bears a third of the doubling.</summary>
    public static ScalingStrategy Uniform { get; } = Power(
        "uniform", "uniform compound scaling, d = s^(1/3), w = s^(1/6), r = s^(1/6) with s = 2^φ",
        "Dollár et al. 2021; facebookresearch/pycls, models/scaler.py",
        new CompoundScaling(Math.Cbrt(2), Math.Pow(2, 1 / 6.0), Math.Pow(2, 1 / 6.0)));

    /// <summary>The way to EfficientNet-X-B7 for a TPU, as B7 has φ = 7.</summary>
    public static ScalingStrategy EfficientNetXTpu { get; } = ToB7("efficientnet-x-tpu", "a TPU", 3.44, 3.26);

    /// <summary>The way to EfficientNet-X-B7 for a GPU, as B7 has φ = 7.</summary>
    public static ScalingStrategy EfficientNetXGpu { get; } = ToB7("efficientnet-x-gpu", "a GPU", 5.46, 2.58);

    /// <summary>
    /// TinyNet's way of shrinking: depth and resolution between those of TinyNet-A to E, and the width that is left of 2^φ.
    /// </summary>
    public static ScalingStrategy TinyNet { get; } = new(
        "tinynet", "shrinking as TinyNet-A to E, which keep resolution and depth longer than width",
        "Han et al. 2020; timm, models/efficientnet.py, tinynet_a to tinynet_e", null, TinyNetRule.Coefficients)
    {
        MinPhi = TinyNetRule.MinPhi, MaxPhi = 0,
    };

    /// <summary>All of them, the usual one first.</summary>
    public static ImmutableArray<ScalingStrategy> All { get; } = [Compound, Fast, Uniform, EfficientNetXTpu, EfficientNetXGpu, TinyNet];

    /// <summary>The strategy of a name.</summary>
    /// <exception cref="InvalidInputException">There is none; the message lists all.</exception>
    public static ScalingStrategy Get(string name) => All.FirstOrDefault(strategy => strategy.Name == name)
        ?? throw new InvalidInputException(
            $"There is no scaling strategy {Files.OneLine.Quote(name)}; the known ones are {string.Join(", ", All.Select(strategy => strategy.Name))}.");

    /// <summary>The multipliers of φ.</summary>
    /// <param name="phi">0 for the baseline, below for smaller networks.</param>
    /// <exception cref="InvalidInputException">The strategy says nothing of such a φ.</exception>
    public ScalingCoefficients Coefficients(double phi) => phi >= MinPhi && phi <= MaxPhi
        ? _coefficients(phi)
        : throw new InvalidInputException(FormattableString.Invariant(
            $"The strategy '{Name}' has φ from {MinPhi:0.##} to {MaxPhi:0.##}, found {NumberText.Of(phi)}; take a φ between them or another strategy."));

    private static ScalingStrategy Power(string name, string title, string source, CompoundScaling bases) =>
        new(name, title, source, bases, bases.Coefficients);

    // The multipliers of its B7 at 350 pixels; the bases are their seventh roots.
    private static ScalingStrategy ToB7(string name, string device, double depth, double width) => Power(
        name, FormattableString.Invariant($"latency-aware scaling for {device}: EfficientNet-X-B7's depth {depth}, width {width}, 350 pixels at φ = 7"),
        "Li et al. 2021; tensorflow/tpu, models/official/efficientnet/tpu/efficientnet_x_builder.py",
        new CompoundScaling(Math.Pow(depth, 1 / 7.0), Math.Pow(width, 1 / 7.0), Math.Pow(350 / 224.0, 1 / 7.0)));
}
