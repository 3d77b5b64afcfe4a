using System.Collections.Immutable;
using System.Globalization;
using EfficientNetSharp.Architectures;
using EfficientNetSharp.Costs.Devices;
using EfficientNetSharp.Evaluation;
using EfficientNetSharp.Evaluation.Reports.Scaling;
using EfficientNetSharp.Evaluation.Reports.Writing;
using EfficientNetSharp.Files;
using EfficientNetSharp.Models;
using EfficientNetSharp.Studies.Claims;
using EfficientNetSharp.Studies.Trials;

namespace EfficientNetSharp.Studies.Replacement;

/// <summary>A replacement study's results as tables.</summary>
internal static class ReplacementTables
{
    private const string None = "–";

    /// <summary>All results in the study's order, without what differs from one machine to another.</summary>
    public static string Csv(IEnumerable<Trial> trials, IReadOnlyDictionary<string, TrialResult> results)
    {
        var rows = new List<string>
        {
            CsvText.Row(
            [
                "series", "network", "budget", "seed", "precision", "resolution", "parameters", "macs", "epochs", "best_epoch", "images",
                "identities",
                "genuine", "impostors", "verification", "verification_lower", "verification_upper", "tar_at_1e-2", "tar_at_1e-2_lower",
                "tar_at_1e-2_upper", "tar_at_1e-3", "tar_at_1e-3_lower", "tar_at_1e-3_upper", "recall_at_1", "recall_at_1_lower",
                "recall_at_1_upper",
                "file_bytes", "device_ms", "device_file_bytes", "wide_layers", "diverged", "key",
            ]),
        };
        foreach (var trial in trials)
        {
            string key = trial.Key;
            if (!results.TryGetValue(key, out var result)) continue;
            string[] head = [trial.Series, trial.Point, trial.Budget, trial.Recipe.Seed.ToString(CultureInfo.InvariantCulture)];
            string[] size =
                [Text(result.Resolution), Text(result.Parameters), Text(result.Macs), Text(result.Epochs), Text(result.BestEpoch)];
            if (result.Embedding is not { } embedding)
            {
                rows.Add(CsvText.Row([.. head, "", .. size, .. Enumerable.Repeat("", 20), result.Diverged ?? "", key]));
                continue;
            }

            rows.AddRange(embedding.Precisions.Select(one => CsvText.Row(
            [
                .. head, StudyPrecisions.WordOf(one.Precision), .. size, Text(embedding.Images), Text(embedding.Identities),
                Text(embedding.Genuine),
                Text(embedding.Impostors), .. Texts(one.Verification), .. Texts(one.AcceptedAt1Percent), .. Texts(one.AcceptedAt1PerMille),
                .. Texts(one.RecallAt1), Text(one.FileBytes), Text(one.DeviceMs), Text(one.DeviceFileBytes), Text(one.WideLayers), "", key,
            ])));
        }

        return string.Join('\n', rows) + "\n";
    }

    /// <summary>Means over seeds.</summary>
    public static string Summary(ReplacementStudy study, StudyScores scores)
    {
        var rows = new List<string>
        {
            CsvText.Row(
            [
                "series", "network", "budget", "precision", "seeds", "accuracy", "seeds_lower", "seeds_upper", "identities_lower",
                "identities_upper",
                "verification", "recall_at_1", "file_mb", "device_ms", "device_file_mb",
            ]),
        };
        foreach (string budget in scores.Budgets)
        {
            rows.AddRange(ReplacementRow.Of(study, scores, budget).Select(row => CsvText.Row(
            [
                row.Training, row.Network.Name, budget, StudyPrecisions.WordOf(row.Precision), Text(row.Found.Length),
                Text(row.Accuracy.Mean),
                Text(row.Accuracy.Interval?.Lower), Text(row.Accuracy.Interval?.Upper), Text(row.Spread.Lower), Text(row.Spread.Upper),
                Text(row.Verification.Value), Text(row.RecallAt1.Value), Text(row.FileMegabytes), Text(row.DeviceMs),
                Text(row.DeviceMegabytes),
            ])));
        }

        return string.Join('\n', rows) + "\n";
    }

    /// <summary>The product's own table, with what is predicted and what was found beside it.</summary>
    public static ScalingTable Measured(IReadOnlyList<ReplacementRow> rows, PrecisionSettings precision) => new(
        "What was measured, and what is predicted of it",
        $"The first three columns are a product's own, measured on RV1126 in int16 at {ProductMeasurements.Resolution} pixels; predictions are " +
        $"for {precision.Device} at the same size. Accuracies are of the networks trained here, by themselves. The product trained on other " +
        "images and for longer: its accuracies are not known, but that the pooled head's was not good enough.",
        [
            "network", "rknn size MB", "time ms", "predicted MB", "int16 ms", "int8 ms", "mixed ms", "accuracy in floats", "in int16", "in int8",
            "mixed",
        ],
        [
            .. ProductMeasurements.Rows.Select(measured =>
            {
                var graph = ArchitectureFile.Get(measured.Network).Build(
                    new BuildOptions { Height = ProductMeasurements.Resolution, Width = ProductMeasurements.Resolution, Classes = 0 });
                DevicePrediction wide = precision.Profile.Predict(graph, "int16"), narrow = precision.Profile.Predict(graph, "int8");
                return ImmutableArray.Create(
                    measured.Title, measured.FileMegabytes is { } size ? Short(size) : None, Short(measured.Ms),
                    Fixed(wide.FileBytes / 1e6),
                    Fixed(wide.Ms), Fixed(narrow.Ms),
                    precision.DeviceResolution == ProductMeasurements.Resolution && Found(StudyPrecision.Mixed)?.DeviceMs is { } mixed
                        ? Fixed(mixed) : None,
                    Accuracy(StudyPrecision.Floats), Accuracy(StudyPrecision.SixteenBits), Accuracy(StudyPrecision.EightBits),
                    Accuracy(StudyPrecision.Mixed));

                ReplacementRow? Found(StudyPrecision of) => rows.FirstOrDefault(
                    row => row.Network.Name == measured.Network && row.Training == ReplacementStudy.Alone && row.Precision == of);

                string Accuracy(StudyPrecision of) => Found(of) is { } row ? Percent(row.Accuracy.Mean) : None;
            }),
        ],
        1);

    /// <summary>All networks in all precisions.</summary>
    public static ScalingTable All(IReadOnlyList<ReplacementRow> rows, StudySettings settings, string budget) => new(
        $"All networks at {budget}",
        "Brackets hold the middle 95 % where identities are drawn anew, ± half of Student's interval over seeds where there are several. "
        + "Loss is counted in points from the same network in floats.",
        [
            "network", "training", "precision", Measure(rows), "[identities]", "± seeds", "loss", "TAR@FAR 1e-2", "TAR@FAR 1e-3",
            "recall@1",
            "MB .safetensors", "MB rknn, predicted", "ms rknn, predicted", "ms rknn, measured", "16-bit layers", "ms engine, here",
            "parameters",
            "million multiply-adds",
        ],
        [
            .. rows.Select(row =>
            {
                var floats = rows.First(
                    other => other.Network.Name == row.Network.Name && other.Training == row.Training
                        && other.Precision == StudyPrecision.Floats);
                bool wasMeasured = row.Precision == StudyPrecision.SixteenBits && settings.Replacement.Precision is
                    { Device: "rv1126", DeviceResolution: ProductMeasurements.Resolution };
                return ImmutableArray.Create(
                    row.Network.Name, Training(row, settings), StudyPrecisions.WordOf(row.Precision), Percent(row.Accuracy.Mean),
                    Range(row.Spread),
                    row.Accuracy.Interval is { } over ? Fixed(100 * (over.Upper - over.Lower) / 2) : None,
                    row == floats ? None : Signed(100 * (row.Accuracy.Mean - floats.Accuracy.Mean)),
                    With(row.AcceptedAt1Percent), With(row.AcceptedAt1PerMille), With(row.RecallAt1),
                    Fixed(row.FileMegabytes), row.DeviceMegabytes is { } megabytes ? Fixed(megabytes) : None,
                    row.DeviceMs is { } ms ? Fixed(ms) : None,
                    wasMeasured && ProductMeasurements.Find(row.Network.Name) is { } measured ? Short(measured.Ms) : None,
                    row.Precision == StudyPrecision.Mixed ? Numbers.Fixed(100 * row.WideLayers, 0) + " %" : None,
                    row.EngineMs is { } engine ? Numbers.Fixed(engine, 2) : None, Numbers.Whole(row.Found[0].Parameters),
                    Numbers.Fixed(row.Found[0].Macs / 1e6, 1));
            }),
        ],
        3);

    /// <summary>What networks are compared by.</summary>
    public static string Measure(IReadOnlyList<ReplacementRow> rows) =>
        rows.Count == 0 || rows[0].Found[0].Embedding!.IsVerification ? "verification" : "recall@1";

    /// <summary>How a row's network was trained, in words.</summary>
    public static string Training(ReplacementRow row, StudySettings settings)
    {
        string from = settings.Replacement.Starts.FirstOrDefault(start => start.Network == row.Network.Name) is { } start
            ? $"from {start.Source}" : "from scratch";
        return row.Training == ReplacementStudy.Alone ? from : $"{from}, {row.Training}";
    }

    private static string With(Estimate? estimate) =>
        estimate is { } known ? $"{Percent(known.Value)} {Range(known.Interval)}" : "not known";

    private static string Range(Interval interval) => string.Create(
        CultureInfo.InvariantCulture, $"[{100 * interval.Lower:0.0}, {100 * interval.Upper:0.0}]");

    private static string Signed(double points) => points.ToString("+0.0;−0.0;0.0", CultureInfo.InvariantCulture);

    private static string Percent(double share) => Numbers.Fixed(100 * share, 1) + " %";

    private static string Fixed(double value) => Numbers.Fixed(value, 1);

    private static string Short(double value) => value.ToString("0.#", CultureInfo.InvariantCulture);

    private static string Text(double? value) => value is { } number ? NumberText.Of(number) : "";

    private static string[] Texts(Estimate? estimate) =>
        estimate is { } known ? [Text(known.Value), Text(known.Interval.Lower), Text(known.Interval.Upper)] : ["", "", ""];
}
