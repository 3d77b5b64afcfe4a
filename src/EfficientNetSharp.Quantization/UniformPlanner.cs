using System.Collections.Immutable;
using EfficientNetSharp.Quantization.Calibration;
using EfficientNetSharp.Quantization.Repairs;

namespace EfficientNetSharp.Quantization;

/// <summary>
/// One scheme for all values. What is not said – the calibrator, the repairs – is tried step by step, and what brings the outputs nearer to
/// the float network's on the images to judge by is kept.
/// </summary>
/// <param name="scheme">How numbers become integers.</param>
public sealed class UniformPlanner(QuantizationScheme scheme) : IQuantizationPlanner
{
    /// <summary>The calibrator; <see langword="null"/> for the best one.</summary>
    public Calibrator? Calibrator { get; init; }

    /// <summary>The repairs to make; <see langword="null"/> for those that help.</summary>
    public ImmutableArray<Repair>? Repairs { get; init; }

    /// <summary>
    /// The repairs that are tried where none is said. Default all; <see cref="Repair.Rounding"/> takes most of the time, minutes where kernels
    /// are large.
    /// </summary>
    public ImmutableArray<Repair> Tried { get; init; } = Repair.All;

    /// <inheritdoc />
    public QuantizedNetwork Plan(
        CalibratedNetwork network, IProgress<QuantizationProgress>? progress = null, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(network);
        using var trials = new QuantizationTrials(network, scheme, progress, cancellationToken);
        trials.Calibrate(Calibrator.MinMax, isKept: true);
        if (Calibrator is null)
        {
            foreach (var other in Calibrator.All.Where(other => other != Calibrator.MinMax)) trials.Calibrate(other, isKept: null);
        }
        else if (Calibrator != Calibrator.MinMax)
        {
            trials.Calibrate(Calibrator, isKept: true);
        }

        bool? isKept = Repairs is null ? null : true;
        var repairs = Repairs ?? Tried;
        // Scales per channel have each channel's range already.
        if (repairs.Contains(Repair.Equalization) && (Repairs is not null || !scheme.HasChannelScales)) trials.Equalize(isKept);
        if (repairs.Contains(Repair.ApproximateEqualization) && (Repairs is not null || !scheme.HasChannelScales)) trials.EqualizeApproximately(isKept);
        if (repairs.Contains(Repair.Ranges)) trials.RefineRanges(isKept);
        // Rounding corrects biases too. Where nothing is asked for, the one that is better is kept.
        if (repairs.Contains(Repair.Bias) && (Repairs is null || !repairs.Contains(Repair.Rounding))) trials.Mend(Repair.Bias, isKept);
        if (repairs.Contains(Repair.Rounding)) trials.Mend(Repair.Rounding, isKept);
        return trials.Best with { Steps = [.. trials.Steps] };
    }
}
