using System.Collections.Immutable;
using EfficientNetSharp.Graphs.Quantization;

namespace EfficientNetSharp.Quantization.Calibration;

/// <summary>A rule that chooses the range of a value from what is known of its numbers.</summary>
public sealed class Calibrator
{
    // ONNX Runtime's default, 99.999 %, of which each side loses half.
    private const double LeftOut = 1e-5;

    private readonly Func<ValueStatistics, QuantizationScheme, ValueRange> _choose;

    private Calibrator(string name, string description, Func<ValueStatistics, QuantizationScheme, ValueRange> choose) =>
        (Name, Description, _choose) = (name, description, choose);

    /// <summary>All numbers that were seen.</summary>
    public static Calibrator MinMax { get; } = new("minmax", "all numbers that were seen", (numbers, _) => new(numbers.Min, numbers.Max));

    /// <summary>The images' extremes on average.</summary>
    public static Calibrator MovingAverage { get; } = new(
        "average", "the images' extremes on average, later images counting more",
        (numbers, _) => new((float)numbers.MovingMin, (float)numbers.MovingMax));

    /// <summary>All but one number in 100,000.</summary>
    public static Calibrator Percentile { get; } = new("percentile", "all but the outermost of 100,000 numbers", ChoosePercentile);

    /// <summary>The range whose rounded numbers are distributed most like the numbers themselves (Kullback–Leibler divergence).</summary>
    public static Calibrator Entropy { get; } = new(
        "entropy", "the range that loses the least information (Kullback-Leibler divergence)", EntropySearch.Choose);

    /// <summary>The range with the least squared error of rounding and cutting off together.</summary>
    public static Calibrator MeanSquaredError { get; } = new(
        "mse", "the range with the least squared error of rounding and cutting off", MeanSquaredErrorSearch.Choose);

    /// <summary>All of them.</summary>
    public static ImmutableArray<Calibrator> All { get; } = [MinMax, MovingAverage, Percentile, Entropy, MeanSquaredError];

    /// <summary>Its name as the command line spells it.</summary>
    public string Name { get; }

    /// <summary>What it does, for people.</summary>
    public string Description { get; }

    /// <summary>The one of a name.</summary>
    /// <exception cref="InvalidInputException">There is none; the message lists all.</exception>
    public static Calibrator Of(string name) => All.FirstOrDefault(calibrator => calibrator.Name == name)
        ?? throw new InvalidInputException(
            $"There is no calibrator {Files.OneLine.Quote(name)}; the known ones are {string.Join(", ", All.Select(calibrator => calibrator.Name))}.");

    /// <summary>Chooses the range of a value; it holds 0.</summary>
    /// <param name="numbers">What is known of it.</param>
    /// <param name="scheme">How it is to be rounded.</param>
    public ValueRange Choose(ValueStatistics numbers, QuantizationScheme scheme)
    {
        ArgumentNullException.ThrowIfNull(numbers);
        ArgumentNullException.ThrowIfNull(scheme);
        if (numbers.Count == 0) return default;
        var range = _choose(numbers, scheme);
        return new ValueRange(Math.Min(range.Min, 0), Math.Max(range.Max, 0));
    }

    private static ValueRange ChoosePercentile(ValueStatistics numbers, QuantizationScheme scheme)
    {
        long left = (long)(numbers.Count * LeftOut / 2);
        int low = 0, high = ValueStatistics.Bins - 1;
        for (long sum = numbers.Counts[low]; sum <= left && low < ValueStatistics.Bins / 2; sum += numbers.Counts[low]) low++;
        for (long sum = numbers.Counts[high]; sum <= left && high > ValueStatistics.Bins / 2; sum += numbers.Counts[high]) high--;
        double half = numbers.Reach / ValueStatistics.Bins;
        return new((float)Math.Max(numbers.CenterOf(low) - half, numbers.Min), (float)Math.Min(numbers.CenterOf(high) + half, numbers.Max));
    }
}
