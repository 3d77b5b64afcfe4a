using System.Collections.Immutable;
using System.Globalization;
using System.Text.Json.Nodes;
using EfficientNetSharp.Data.Loading;
using EfficientNetSharp.Evaluation;
using EfficientNetSharp.Evaluation.Verification;

namespace EfficientNetSharp.Cli.Support;

/// <summary>A verification as it is shown: as a table for people, as JSON for programs.</summary>
internal sealed record VerificationView
{
    // Fewer identities drawn anew are too often the same ones.
    private const int FewIdentities = 20;

    // Of a curve, for JSON: more than any plot shows.
    private const int MaxCurve = 500;

    public required VerificationResult Result { get; init; }

    public required string Model { get; init; }

    public required string Source { get; init; }

    public required string Backend { get; init; }

    public required bool Flip { get; init; }

    public required int Images { get; init; }

    public required double ImagesPerSecond { get; init; }

    public required ImmutableArray<BrokenImage> Unreadable { get; init; }

    /// <summary>The pairs that a folder's identities made; <see langword="null"/> where a file lists them.</summary>
    public required IdentityPairs? Made { get; init; }

    public required ImmutableArray<RowPair> Pairs { get; init; }

    public required ImmutableArray<double> Scores { get; init; }

    public required Func<int, string> NameOf { get; init; }

    public InsightFaceResult? InsightFace { get; init; }

    public FaceXZooResult? FaceXZoo { get; init; }

    /// <summary>What a reader should know before all numbers.</summary>
    public ImmutableArray<string> Remarks
    {
        get
        {
            var remarks = ImmutableArray.CreateBuilder<string>();
            var roc = Result.Roc;
            if (roc.EqualErrorRate > 0.45)
            {
                remarks.Add(
                    $"The embeddings tell strangers from the same identity hardly better than chance (equal error rate {Percent(roc.EqualErrorRate)}): " +
                    "untrained, collapsed, or made of images that are prepared otherwise than in training.");
            }

            double strangers = Pairs.Zip(Scores).Where(pair => !pair.First.IsSame).Average(pair => pair.Second);
            if (strangers > 0.95)
            {
                remarks.Add(
                    $"The mean cosine of strangers is {strangers.ToString("F3", CultureInfo.InvariantCulture)}: all embeddings lie in nearly one " +
                    "direction, so thresholds are close together and sensitive to rounding.");
            }

            if (Result.Identities < FewIdentities)
                remarks.Add($"There are {NumberText.Counted(Result.Identities, "identity", "identities")}; intervals over so few are rough.");
            var unknown = Result.Points.Where(point => point.Threshold is null).ToList();
            if (unknown.Count > 0)
            {
                remarks.Add(
                    $"{NumberText.Counted(roc.Impostors, "impostor pair")} cannot tell a threshold for FAR " +
                    $"{string.Join(", ", unknown.Select(point => NumberText.Of(point.Target)))}: " +
                    $"for {NumberText.Of(unknown[0].Target)}, {NumberText.Counted(unknown[0].PairsToBound, "independent pair")} without a false accept would claim it, " +
                    $"{NumberText.Counted(unknown[0].PairsToMeasure, "pair")} would measure it.");
            }

            return remarks.ToImmutable();
        }
    }

    public void Print(Terminal terminal)
    {
        var roc = Result.Roc;
        var measures = new TextTable().Left("measure").Right("value");
        measures.Add("images", $"{Images:N0}");
        measures.Add("identities", $"{Result.Identities:N0}");
        measures.Add("genuine pairs", Drawn(roc.Genuine, Made?.AllGenuine));
        measures.Add("impostor pairs", Drawn(roc.Impostors, Made?.AllImpostors));
        measures.Add("equal error rate", Percent(roc.EqualErrorRate));
        measures.Add("area under the curve", $"{roc.AreaUnderCurve:F5}");
        if (InsightFace is { } insightFace)
        {
            measures.Add(
                $"ten folds, insightface{(Flip ? "" : " without mirror images")}",
                $"{Percent(insightFace.Accuracy)} ± {Percent(insightFace.AccuracyDeviation)}");
            if (insightFace.Validation is { } validation)
            {
                measures.Add(
                    $"VAL at FAR {NumberText.Of(validation.Target)}",
                    $"{Percent(validation.Rate)} ± {Percent(validation.Deviation)} (FAR {NumberText.Of(Math.Round(validation.FalseAcceptRate, 5))})");
            }
        }

        if (FaceXZoo is { } faceXZoo)
            measures.Add("ten folds, FaceX-Zoo", $"{Percent(faceXZoo.Accuracy)}, standard error {Percent(faceXZoo.StandardError)}");
        measures.Add("images per second", $"{ImagesPerSecond:F1}");
        terminal.Write(measures);

        var table = new TextTable().Left("FAR").Right("threshold").Right("95 %").Right("false accepts").Right("FRR").Right("95 %")
            .Right("pairs to claim").Right("pairs to measure");
        foreach (var point in Result.Points)
        {
            string needed = $"{point.PairsToBound:N0}", measured = $"{point.PairsToMeasure:N0}";
            if (point.Threshold is { } threshold)
            {
                table.Add(
                    NumberText.Of(point.Target), $"{threshold:F4}",
                    point.ThresholdInterval is { } at ? $"{at.Lower:F4} … {at.Upper:F4}" : "–", $"{point.FalseAccepts:N0}",
                    Percent(point.FalseRejectRate.Value),
                    $"{Percent(point.FalseRejectRate.Interval.Lower)} … {Percent(point.FalseRejectRate.Interval.Upper)}", needed, measured);
            }
            else
            {
                table.Add(NumberText.Of(point.Target), "not known", "–", "–", "–", "–", needed, measured);
            }
        }

        terminal.Write(table);
        foreach (string remark in Remarks) terminal.Note($"note: {remark}");
    }

    public JsonObject ToJson()
    {
        var roc = Result.Roc;
        var document = new JsonObject
        {
            ["model"] = Model,
            ["data"] = Source,
            ["backend"] = Backend,
            ["flip"] = Flip,
            ["images"] = Images,
            ["identities"] = Result.Identities,
            ["genuinePairs"] = roc.Genuine,
            ["impostorPairs"] = roc.Impostors,
            ["allGenuinePairs"] = Made?.AllGenuine ?? roc.Genuine,
            ["allImpostorPairs"] = Made?.AllImpostors ?? roc.Impostors,
            ["equalErrorRate"] = roc.EqualErrorRate,
            ["areaUnderCurve"] = roc.AreaUnderCurve,
            ["thresholds"] = new JsonArray([.. Result.Points.Select(ToJson)]),
            ["roc"] = Curve(),
            ["worstGenuine"] = new JsonArray([.. Result.WorstGenuine.Select(ToJson)]),
            ["worstImpostors"] = new JsonArray([.. Result.WorstImpostors.Select(ToJson)]),
            ["imagesPerSecond"] = ImagesPerSecond,
            ["leftOut"] = LeftOutView.ToJson(LeftOutView.Of(Unreadable)),
            ["remarks"] = new JsonArray([.. Remarks.Select(remark => (JsonNode?)remark)]),
        };
        if (InsightFace is { } insightFace)
        {
            document["insightface"] = new JsonObject
            {
                ["accuracy"] = insightFace.Accuracy,
                ["deviation"] = insightFace.AccuracyDeviation,
                ["foldAccuracies"] = Numbers(insightFace.FoldAccuracies),
                ["foldThresholds"] = Numbers(insightFace.FoldThresholds),
                ["meanNorm"] = insightFace.MeanNorm,
                ["validation"] = insightFace.Validation is not { } validation ? null : new JsonObject
                {
                    ["target"] = validation.Target, ["rate"] = validation.Rate, ["deviation"] = validation.Deviation,
                    ["falseAcceptRate"] = validation.FalseAcceptRate,
                },
            };
        }

        if (FaceXZoo is { } faceXZoo)
        {
            document["facexZoo"] = new JsonObject
            {
                ["accuracy"] = faceXZoo.Accuracy, ["standardError"] = faceXZoo.StandardError,
                ["foldAccuracies"] = Numbers(faceXZoo.FoldAccuracies), ["foldThresholds"] = Numbers(faceXZoo.FoldThresholds),
            };
        }

        return document;
    }

    private static JsonObject ToJson(VerificationPoint point)
    {
        var entry = new JsonObject { ["far"] = point.Target, ["threshold"] = point.Threshold };
        if (point.Threshold is not null)
        {
            entry["thresholdInterval"] = point.ThresholdInterval is { } at ? Numbers([at.Lower, at.Upper]) : null;
            entry["falseAccepts"] = point.FalseAccepts;
            entry["falseAcceptRate"] = point.FalseAcceptRate.Value;
            entry["falseAcceptRateInterval"] = Numbers([point.FalseAcceptRate.Interval.Lower, point.FalseAcceptRate.Interval.Upper]);
            entry["falseRejects"] = point.FalseRejects;
            entry["falseRejectRate"] = point.FalseRejectRate.Value;
            entry["falseRejectRateInterval"] = Numbers([point.FalseRejectRate.Interval.Lower, point.FalseRejectRate.Interval.Upper]);
        }

        entry["pairsToClaim"] = point.PairsToBound;
        entry["pairsToMeasure"] = point.PairsToMeasure;
        return entry;
    }

    private JsonObject ToJson(int pair) => new()
    {
        ["first"] = NameOf(Pairs[pair].First), ["second"] = NameOf(Pairs[pair].Second), ["score"] = Scores[pair],
    };

    // Without the end at which nothing is accepted, whose threshold is infinite.
    private JsonArray Curve()
    {
        var points = Result.Roc.Points.Where(point => double.IsFinite(point.Threshold)).ToArray();
        int step = Math.Max(1, points.Length / MaxCurve);
        return new JsonArray([.. points.Where((_, i) => i % step == 0).Select(point => new JsonObject
        {
            ["threshold"] = point.Threshold, ["far"] = point.FalseAcceptRate, ["tar"] = point.TrueAcceptRate,
        })]);
    }

    private static JsonArray Numbers(IEnumerable<double> values) => new([.. values.Select(value => (JsonNode?)value)]);

    private static string Drawn(int count, long? all) => all is { } many && many > count ? $"{count:N0} of {many:N0}" : $"{count:N0}";

    private static string Percent(double share) => $"{(100 * share).ToString("F2", CultureInfo.InvariantCulture)} %";
}
