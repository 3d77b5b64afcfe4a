using System.Globalization;
using System.Text.RegularExpressions;
using EfficientNetSharp.Evaluation.Reports;

namespace EfficientNetSharp.Evaluation.Tests;

/// <summary>Histories with many ties: every page names the same epoch, and it is the one that a plain search finds.</summary>
public sealed class EpochOrderTests
{
    private static readonly Gen<EpochRecord[]> Histories =
        Gen.Select(Among(null, double.NaN, 0.5, 0.5, 0.75, 0.75), Among(null, double.NaN, 1, 1, 2, 0.5))
        .Array[1, 12].Select(values =>
            values.Select((value, index) => new EpochRecord(index + 1, 1, value.Item2, value.Item1, 0.1)).ToArray());

    [Fact]
    public void The_best_is_what_a_plain_search_finds() => Gen.Select(Histories, Gen.Bool).Sample((history, higher) =>
    {
        var best = EpochOrder.Best(history, Measure.Top1 with { HigherIsBetter = higher });
        EpochRecord? expected = null;
        foreach (var record in history)
        {
            if (record.ValidationScore is { } score && !double.IsNaN(score) && (expected is null || IsBetter(record, expected, higher)))
                expected = record;
        }

        Assert.Same(expected, best);
    });

    [Fact]
    public void Report_and_comparison_name_the_same_epoch() => Histories.Sample(history =>
    {
        var best = EpochOrder.Best(history, Measure.Top1);
        var run = new ComparedRun("a", "n", "scratch", "d", [.. history]);
        Assert.Same(best, run.Best);
        string row = new RunComparison([run]).ToMarkdown().Split('\n')[2];
        string epoch = best?.Epoch.ToString(CultureInfo.InvariantCulture) ?? "";
        Assert.Equal(epoch, row.Split('|')[5].Trim());
        var meter = new ClassificationMeter(["a", "b"]);
        string page = new EvaluationReport { Result = meter.ToResult(), History = [.. history] }.ToHtml();
        var named = Regex.Match(page, @"best [0-9.]+%, epoch (\d+)");
        Assert.Equal(epoch, named.Groups[1].Value);
    }, iter: 200);

    private static Gen<double?> Among(params double?[] values) => Gen.Int[0, values.Length - 1].Select(index => values[index]);

    private static bool IsBetter(EpochRecord one, EpochRecord other, bool higher)
    {
        double a = one.ValidationScore!.Value, b = other.ValidationScore!.Value;
        if (a != b) return higher ? a > b : a < b;
        double? c = Known(one), d = Known(other);
        return c is not null && (d is null || c < d);
    }

    private static double? Known(EpochRecord record) => record.ValidationLoss is { } loss && !double.IsNaN(loss) ? loss : null;
}
