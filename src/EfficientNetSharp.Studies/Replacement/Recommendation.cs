using System.Collections.Immutable;
using System.Globalization;
using EfficientNetSharp.Evaluation;
using EfficientNetSharp.Quantization.Handover;

namespace EfficientNetSharp.Studies.Replacement;

/// <summary>What to take for a time and an accuracy, in words.</summary>
/// <param name="Chosen">The most accurate row that keeps the time; <see langword="null"/> where none does.</param>
/// <param name="Fastest">The fastest row that keeps the accuracy; <see langword="null"/> where none does.</param>
/// <param name="Sentences">All that is to be said of both.</param>
internal sealed record Recommendation(ReplacementRow? Chosen, ReplacementRow? Fastest, ImmutableArray<string> Sentences)
{
    /// <summary>What some rows recommend.</summary>
    /// <param name="rows">All rows of a budget.</param>
    /// <param name="product">The product's name.</param>
    /// <param name="precision">What was predicted for.</param>
    /// <param name="limits">What is asked for.</param>
    public static Recommendation Of(
        IReadOnlyList<ReplacementRow> rows, string product, PrecisionSettings precision, ReplacementLimits limits)
    {
        var sentences = ImmutableArray.CreateBuilder<string>();
        var onDevice = rows.Where(row => row.DeviceMs is not null).ToList();
        var reference = rows.FirstOrDefault(
            row => row.Network.Name == product && row.Training == ReplacementStudy.Alone && row.Precision == StudyPrecision.Floats);
        string where = string.Create(
            CultureInfo.InvariantCulture, $"as predicted for {precision.Device} at {precision.DeviceResolution} pixels");
        if (reference is not null)
            sentences.Add($"{product} in floats, from which losses are counted: {AccuracyOf(reference)}.");

        double? least = Least(reference, limits);
        var quick = onDevice.Where(row => row.DeviceMs <= limits.MaxMs).ToList();
        var chosen = quick.MaxBy(row => row.Accuracy.Mean);
        string time = string.Create(CultureInfo.InvariantCulture, $"{limits.MaxMs:0.##} ms");
        if (chosen is null)
        {
            sentences.Add(onDevice.MinBy(row => row.DeviceMs) is { } nearest
                ? $"Nothing that was tried takes {time} or less, {where}; the fastest is {Describe(nearest)}."
                : "No network has been brought into the device's integers yet.");
        }
        else
        {
            sentences.Add($"Within {time}, {where}, the most accurate is {Describe(chosen)}{Loss(chosen, reference)}.");
            var level = quick.Where(row => row != chosen && row.Bounds.Upper >= chosen.Bounds.Lower).ToList();
            sentences.Add(level.Count == 0
                ? "No other one within that time comes near: their intervals do not meet."
                : $"{NumberText.Counted(level.Count, "other one")} of {quick.Count - 1} within that time cannot be told from it by " +
                    $"their intervals; the fastest of them is {Describe(level.MinBy(row => row.DeviceMs)!)}.");
        }

        var fastest = least is { } lowest ? onDevice.Where(row => row.Accuracy.Mean >= lowest).MinBy(row => row.DeviceMs) : null;
        if (least is { } wanted)
        {
            string asked = $"{Percent(wanted)} or more ({Why(reference, limits, wanted)})";
            sentences.Add(fastest is null
                ? $"In the device's integers nothing reaches {asked}" + (onDevice.MaxBy(row => row.Accuracy.Mean) is { } best
                    ? $"; the most accurate is {Describe(best)}." : ".")
                : $"With {asked}, the fastest is {Describe(fastest)}"
                    + (fastest.DeviceMs <= limits.MaxMs ? ", which keeps the time too." : $", which does not keep {time}."));
        }

        // What is recommended for a device is of use where its toolkit takes it.
        var recommended = new[] { chosen, fastest }.OfType<ReplacementRow>().Select(row => row.Network);
        foreach (var network in recommended.DistinctBy(network => network.Name))
        {
            if (RknnBundle.WhyNotInIntegers(network.Build()) is { } reason)
                sentences.Add($"{network.Name} cannot be handed to the device's toolkit in integers, whatever its predicted time. {reason}");
        }

        return new Recommendation(chosen, fastest, sentences.ToImmutable());
    }

    private static double? Least(ReplacementRow? reference, ReplacementLimits limits)
    {
        double? byDrop = reference is null ? null : reference.Accuracy.Mean - (limits.MaxDrop / 100);
        return limits.MinAccuracy is { } min ? Math.Max(min, byDrop ?? min) : byDrop;
    }

    private static string Why(ReplacementRow? reference, ReplacementLimits limits, double wanted) => wanted == limits.MinAccuracy
        ? "the accuracy asked for"
        : string.Create(CultureInfo.InvariantCulture, $"at most {limits.MaxDrop:0.##} {(limits.MaxDrop == 1 ? "point" : "points")} below {reference!.Network.Name} in floats");

    private static string Describe(ReplacementRow row) => string.Create(
        CultureInfo.InvariantCulture, $"{row.Name}: {AccuracyOf(row)}, {row.DeviceMs:0.0} ms, a file of {row.DeviceMegabytes:0.0} MB");

    private static string AccuracyOf(ReplacementRow row) =>
        $"{Percent(row.Accuracy.Mean)} ({Percent(row.Bounds.Lower)} … {Percent(row.Bounds.Upper)})";

    private static string Loss(ReplacementRow row, ReplacementRow? reference)
    {
        if (reference is null || reference == row) return "";
        double points = 100 * (row.Accuracy.Mean - reference.Accuracy.Mean);
        string told = Meets(row.Bounds, reference.Bounds) ? "which the intervals do not tell from nothing" : "more than the intervals explain";
        return string.Create(
            CultureInfo.InvariantCulture,
            $"; that is {Math.Abs(points):0.0} points {(points < 0 ? "less" : "more")} than {reference.Network.Name} in floats, {told}");
    }

    private static bool Meets(Interval a, Interval b) => a.Upper >= b.Lower && b.Upper >= a.Lower;

    private static string Percent(double share) => (100 * share).ToString("0.0", CultureInfo.InvariantCulture) + " %";
}
