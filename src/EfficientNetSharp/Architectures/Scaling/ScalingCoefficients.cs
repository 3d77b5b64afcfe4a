using System.Globalization;

namespace EfficientNetSharp.Architectures.Scaling;

/// <summary>How much larger than its baseline a network is; 1 leaves an axis as it is.</summary>
/// <param name="Depth">Multiplier of each stage's repeats, d in the paper.</param>
/// <param name="Width">Multiplier of channels, w.</param>
/// <param name="Resolution">Multiplier of the input's side, r.</param>
public sealed record ScalingCoefficients(double Depth, double Width, double Resolution)
{
    // The largest published, EfficientNet-L2, has 5.3. What is far beyond is a slip of the pen.
    private const double Max = 100;

    /// <summary>Nothing scaled.</summary>
    public static ScalingCoefficients None { get; } = new(1, 1, 1);

    /// <summary>
    /// The side of the scaled input in pixels: to the nearest whole number, halves upwards, at least 1. The paper's 224·1.15 = 257.6
    /// gives 258; the published sizes are rounded further by hand, to what the network's strides divide well.
    /// </summary>
    public int ResolutionOf(Architecture baseline)
    {
        ArgumentNullException.ThrowIfNull(baseline);
        return Math.Max(1, (int)Math.Round(baseline.Resolution * Resolution, MidpointRounding.AwayFromZero));
    }

    /// <summary>
    /// The scaled network, named after its baseline and its scaling, such as <c>efficientnet_b0_d1.4_w1.2_r291</c>. Dropout and
    /// stochastic depth stay the baseline's.
    /// </summary>
    /// <exception cref="InvalidInputException">A multiplier is not between 1/100 and 100.</exception>
    public Architecture Apply(Architecture baseline) => Apply(baseline, null);

    /// <summary>The scaled network at a resolution of its own, in pixels, instead of <see cref="Resolution"/>'s.</summary>
    /// <inheritdoc cref="Apply(Architecture)" path="/exception" />
    public Architecture Apply(Architecture baseline, int? resolution)
    {
        ArgumentNullException.ThrowIfNull(baseline);
        Check("depth", Depth);
        Check("width", Width);
        Check("resolution", Resolution);
        int side = resolution ?? ResolutionOf(baseline);
        return baseline.Scale(Width, Depth, side) with
        {
            Name = string.Create(CultureInfo.InvariantCulture, $"{baseline.Name}_d{Depth:0.###}_w{Width:0.###}_r{side}"),
        };
    }

    private static void Check(string axis, double multiplier)
    {
        if (multiplier is >= 1 / Max and <= Max) return;
        throw new InvalidInputException(string.Create(
            CultureInfo.InvariantCulture, $"The {axis} multiplier is expected to be 0.01 to {Max:0}, found {NumberText.Of(multiplier)}; scale less."));
    }
}
