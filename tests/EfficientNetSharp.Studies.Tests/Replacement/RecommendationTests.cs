using System.Collections.Immutable;
using EfficientNetSharp.Architectures;
using EfficientNetSharp.Evaluation;
using EfficientNetSharp.Studies.Replacement;
using EfficientNetSharp.Studies.Trials;

namespace EfficientNetSharp.Studies.Tests.Replacement;

public sealed class RecommendationTests
{
    private static readonly PrecisionSettings Precision = new();

    [Fact]
    public void Of_what_keeps_the_time_the_most_accurate_is_taken_and_of_what_keeps_the_accuracy_the_fastest()
    {
        var found = Of(
            new ReplacementLimits { MaxMs = 15, MaxDrop = 2 }, Row("product", 0.95, null), Row("product", 0.94, 70), Row("small", 0.85, 8),
            Row("middle", 0.91, 14),
            Row("large", 0.935, 30), Row("larger", 0.936, 31));
        Assert.Equal(("middle", "large"), (found.Chosen!.Network.Name, found.Fastest!.Network.Name));
        Assert.Contains("4.0 points less than product in floats", string.Join('\n', found.Sentences), StringComparison.Ordinal);
        Assert.Contains("which does not keep 15 ms", string.Join('\n', found.Sentences), StringComparison.Ordinal);
    }

    [Fact]
    public void What_cannot_be_told_from_the_best_is_named_by_its_fastest()
    {
        var found = Of(
            new ReplacementLimits { MaxMs = 15 }, Row("product", 0.95, null), Row("best", 0.92, 14, 0.02), Row("quick", 0.89, 6, 0.02),
            Row("bad", 0.8, 5, 0.02));
        Assert.Contains("1 other one of 2 within that time cannot be told from it", string.Join('\n', found.Sentences),
            StringComparison.Ordinal);
        Assert.Contains("the fastest of them is quick, int8", string.Join('\n', found.Sentences), StringComparison.Ordinal);
    }

    [Fact]
    public void What_the_device_s_toolkit_does_not_take_is_said_of_what_is_recommended()
    {
        var squeezed = Row("squeezed", 0.94, 5) with { Network = ArchitectureRegistry.Get("squeezenet1_1") with { Name = "squeezed" } };
        var limits = new ReplacementLimits { MaxMs = 15, MaxDrop = 2 };
        Assert.Single(
            Of(limits, Row("product", 0.95, null), squeezed, Row("small", 0.9, 8)).Sentences,
            sentence => sentence.StartsWith("squeezed cannot be handed to the device's toolkit", StringComparison.Ordinal)
                && sentence.Contains("concatenations", StringComparison.Ordinal));
        // Of what is not recommended, and of networks that the toolkit takes, nothing.
        Assert.DoesNotContain(
            Of(limits, Row("product", 0.95, null), squeezed with { Results = Row("squeezed", 0.8, 14).Results }, Row("small", 0.945, 8)).Sentences,
            sentence => sentence.Contains("cannot be handed", StringComparison.Ordinal));
    }

    [Fact]
    public void Limits_that_nothing_keeps_are_said_to_be_so()
    {
        var slow = Of(new ReplacementLimits { MaxMs = 1 }, Row("product", 0.95, null), Row("small", 0.9, 8));
        Assert.Null(slow.Chosen);
        Assert.Contains("Nothing that was tried takes 1 ms or less", string.Join('\n', slow.Sentences), StringComparison.Ordinal);
        var bad = Of(new ReplacementLimits { MinAccuracy = 0.99 }, Row("product", 0.95, null), Row("small", 0.9, 8));
        Assert.Null(bad.Fastest);
        Assert.Contains("nothing reaches 99.0 % or more (the accuracy asked for); the most accurate is small",
            string.Join('\n', bad.Sentences), StringComparison.Ordinal);
        Assert.Contains("No network has been brought", string.Join('\n', Of(new ReplacementLimits()).Sentences), StringComparison.Ordinal);
    }

    [Fact]
    public void The_front_is_what_nothing_beats_in_both()
    {
        ReplacementRow[] rows = [Row("a", 0.8, 5), Row("b", 0.7, 6), Row("c", 0.9, 9), Row("d", 0.9, 8), Row("e", 0.85, 30)];
        Assert.Equal(["a", "d"], ReplacementChart.Front(rows, row => row.DeviceMs).Select(row => row.Network.Name));
    }

    private static Recommendation Of(ReplacementLimits limits, params ReplacementRow[] rows) =>
        Recommendation.Of(rows, "product", Precision, limits);

    // In floats without a time, else in int8.
    private static ReplacementRow Row(string name, double accuracy, double? ms, double half = 0.001)
    {
        var estimate = new Estimate(accuracy, new Interval(accuracy - half, accuracy + half));
        var result = new PrecisionResult
        {
            Precision = ms is null ? StudyPrecision.Floats : StudyPrecision.EightBits, Verification = estimate, RecallAt1 = estimate,
            FileBytes = 1_000_000,
            DeviceMs = ms, DeviceFileBytes = ms is null ? null : 1_000_000,
        };
        var network = SmallReplacement.Network("pooled", "tiny") with { Name = name };
        var trial = SmallStudies.Invented(Study.Of(SmallStudies.Settings()).Trials(new Dictionary<string, TrialResult>())[0]!) with
        {
            Embedding = new EmbeddingResult
            {
                Images = 10, Identities = 5, Genuine = 5, Impostors = 20, IsVerification = true, Precisions = [result],
            },
        };
        return new ReplacementRow(network, ReplacementStudy.Alone, [trial], [result]);
    }
}
