using System.Collections.Immutable;
using System.Text.Json.Nodes;
using EfficientNetSharp.Costs;
using EfficientNetSharp.Evaluation;
using EfficientNetSharp.Evaluation.Reports;
using EfficientNetSharp.Models;
using EfficientNetSharp.Quantization;
using EfficientNetSharp.Quantization.Measuring;
using EfficientNetSharp.Quantization.Reports;

namespace EfficientNetSharp.Cli.Support.Quantizing;

/// <summary>What <c>effnet quantize</c> found, for people and for programs.</summary>
internal sealed record QuantizationView
{
    public required string Model { get; init; }

    public required string Target { get; init; }

    public required QuantizationScheme Scheme { get; init; }

    public required QuantizedNetwork Network { get; init; }

    public required HeldOutComparison? HeldOut { get; init; }

    public required string Source { get; init; }

    public required int CalibrationImages { get; init; }

    public required ImmutableArray<string> Warnings { get; init; }

    /// <summary>What the float weights take.</summary>
    public required long FloatBytes { get; init; }

    public required bool IsClassifier { get; init; }

    /// <summary>Each value, where a report was asked for.</summary>
    public required ImmutableArray<LayerAnalysis> Layers { get; init; }

    public required ImmutableArray<PreprocessingError> PreprocessingErrors { get; init; }

    public QuantizationReport ToReport(Model model, string command)
    {
        var costs = GraphCosts.Of(model.Graph);
        return new QuantizationReport
        {
            Title = $"{model.Architecture?.Name ?? Path.GetFileNameWithoutExtension(Model)} in {Scheme.Name}",
            Scheme = Scheme, Steps = Network.Steps, HeldOut = HeldOut, IsClassifier = IsClassifier, Layers = Layers,
            PreprocessingErrors = PreprocessingErrors, Warnings = Warnings, Bytes = (new FileInfo(Target).Length, FloatBytes),
            Subject = new EvaluationSubject
            {
                Model = $"{Model}, quantized as {Target}",
                Architecture = model.Architecture?.Name,
                Parameters = costs.Parameters,
                Macs = costs.Macs,
                Input = PreprocessingText.Of(model.Card.Preprocessing),
                Backend = Host.Engine.Name,
                Data = $"{Source}: {CalibrationImages} to calibrate with, {Network.Steps.FirstOrDefault()?.Agreement.Images ?? 0} to judge by, {HeldOut?.Agreement.Images ?? 0} held out",
                Date = TimeProvider.System.GetLocalNow(),
                Command = command,
            },
        };
    }

    public void Write(Terminal terminal)
    {
        if (Network.Search is { } search) SearchView.Write(terminal, search, IsClassifier);
        else WriteSteps(terminal);
        WriteResult(terminal);
    }

    private void WriteSteps(Terminal terminal)
    {
        var table = new TextTable().Left("step");
        if (IsClassifier) table.Right("agreement");
        table.Right("cosine").Right("signal/noise").Left("kept");
        foreach (var step in Network.Steps)
        {
            string[] agreement = IsClassifier ? [Percent(step.Agreement.Agreement)] : [];
            table.Add([
                step.Name, .. agreement, FormattableString.Invariant($"{step.Agreement.MeanCosine:F4}"),
                FormattableString.Invariant($"{step.Agreement.SignalToNoise:F1} dB"), step.IsKept ? "yes" : "no",
            ]);
        }

        terminal.Write(table);
    }

    private void WriteResult(Terminal terminal)
    {
        long bytes = new FileInfo(Target).Length;
        terminal.Output.WriteLine(FormattableString.Invariant(
            $"{Target}: {bytes / 1e6:F1} MB, {100.0 * bytes / FloatBytes:F0} % of the float weights; {Scheme.Name}: {Scheme.Description}"));
        if (HeldOut is null)
        {
            terminal.Output.WriteLine("No image was left to tell how good it is on others; give more images.");
            return;
        }

        var found = HeldOut.Agreement;
        terminal.Output.WriteLine(
            $"On {NumberText.Counted(found.Images, "image")} that nothing was chosen by: "
            + (IsClassifier ? $"the float model's class {Percent(found.Agreement)} ({Percent(found.AgreementInterval.Low)} to {Percent(found.AgreementInterval.High)}), " : "")
            + FormattableString.Invariant($"cosine {found.MeanCosine:F4}, one image in a hundred below {found.FirstPercentileCosine:F3}"));
        if (HeldOut is { Floats: { } floats, Integers: { } integers })
        {
            terminal.Output.WriteLine(FormattableString.Invariant(
                $"Their labels: top-1 {100 * floats.Top1:F1} % in floats, {100 * integers.Top1:F1} % in integers; calibration error {floats.ExpectedCalibrationError:F3}, {integers.ExpectedCalibrationError:F3}"));
        }

        if (HeldOut.Thresholds is { } drift) WriteThresholds(terminal, drift);
        if (Network.Search?.Limit is not { } limit || HeldOut.Drop is not { } drop) return;
        string scatter = drop.Bound is { } bound
            ? FormattableString.Invariant($"; that none was lost or won leaves up to {bound:0.##} % possible with 95 % confidence")
            : FormattableString.Invariant($", ± {drop.Error:0.##}");
        terminal.Output.WriteLine($"On them: {limit.Measure.Describe(drop.Points)}{scatter}.");
        if (limit.MaxDrop is { } max && drop.Points > max)
            terminal.Note(FormattableString.Invariant($"warning: on the held-out images that is more than the {max:0.##} % allowed; more images choose better."));
    }

    private static void WriteThresholds(Terminal terminal, ThresholdDrift drift)
    {
        var table = new TextTable().Left("FAR").Right("float threshold").Right("integer").Right("drift").Right("rejected, floats").Right("integers")
            .Right("FAR at the float threshold");
        foreach (var shift in drift.Shifts)
        {
            table.Add(
                NumberText.Of(shift.FalseAcceptRate), FormattableString.Invariant($"{shift.Before.Threshold:F4}"),
                FormattableString.Invariant($"{shift.After.Threshold:F4}"), FormattableString.Invariant($"{shift.Drift:+0.0000;-0.0000;0.0000}"),
                Percent(shift.Before.FalseRejectRate.Value), Percent(shift.After.FalseRejectRate.Value),
                NumberText.Rounded(shift.Kept.FalseAcceptRate));
        }

        terminal.Write(table);
        terminal.Output.WriteLine(
            $"Thresholds by {NumberText.Counted(drift.Integers.Roc.Genuine, "genuine pair")} and {NumberText.Counted(drift.Integers.Roc.Impostors, "impostor pair")} of {NumberText.Counted(drift.Integers.Identities, "identity", "identities")}, held out; the quantized model's are in its card.");
    }

    public JsonObject ToJson()
    {
        var json = new JsonObject
        {
            ["model"] = Model, ["output"] = Target, ["scheme"] = Scheme.Name, ["data"] = Source, ["calibrationImages"] = CalibrationImages,
            ["bytes"] = new FileInfo(Target).Length, ["floatBytes"] = FloatBytes,
            ["warnings"] = new JsonArray([.. Warnings.Select(warning => (JsonNode?)warning)]),
            ["steps"] = new JsonArray([.. Network.Steps.Select(step =>
            {
                var one = ToJson(step.Agreement);
                one.Insert(0, "name", step.Name);
                one["kept"] = step.IsKept;
                return (JsonNode?)one;
            })]),
        };
        if (!Layers.IsEmpty) json["layers"] = new JsonArray([.. Layers.Select(layer => (JsonNode?)ToJson(layer))]);
        if (!PreprocessingErrors.IsEmpty)
        {
            json["preprocessingErrors"] = new JsonArray([.. PreprocessingErrors.Select(error =>
            {
                var one = ToJson(error.Agreement);
                one.Insert(0, "name", error.Name);
                return (JsonNode?)one;
            })]);
        }

        if (Network.Search is { } search) json["search"] = SearchView.ToJson(search);
        if (HeldOut is null) return json;
        var heldOut = ToJson(HeldOut.Agreement);
        json["heldOut"] = heldOut;
        if (Network.Search?.Limit is { } limit && HeldOut.Drop is { } drop)
        {
            heldOut["drop"] = drop.Points;
            heldOut["dropError"] = drop.Error;
            heldOut["dropBound"] = drop.Bound;
            if (limit.MaxDrop is { } max) heldOut["keepsLimit"] = drop.Points <= max;
        }

        if (HeldOut.Thresholds is { } drift)
        {
            json["thresholds"] = new JsonArray([.. drift.Shifts.Select(shift => (JsonNode?)new JsonObject
            {
                ["far"] = shift.FalseAcceptRate, ["float"] = shift.Before.Threshold, ["integer"] = shift.After.Threshold,
                ["drift"] = shift.Drift, ["floatInterval"] = IntervalJson(shift.Before.ThresholdInterval),
                ["integerInterval"] = IntervalJson(shift.After.ThresholdInterval), ["floatRejected"] = shift.Before.FalseRejectRate.Value,
                ["integerRejected"] = shift.After.FalseRejectRate.Value, ["farAtFloatThreshold"] = shift.Kept.FalseAcceptRate,
                ["rejectedAtFloatThreshold"] = shift.Kept.FalseRejectRate,
            })]);
        }

        if (HeldOut is not { Floats: { } floats, Integers: { } integers }) return json;
        json["float"] = new JsonObject { ["top1"] = floats.Top1, ["top5"] = floats.Top5, ["ece"] = floats.ExpectedCalibrationError };
        json["integer"] = new JsonObject { ["top1"] = integers.Top1, ["top5"] = integers.Top5, ["ece"] = integers.ExpectedCalibrationError };
        return json;
    }

    private JsonObject ToJson(OutputAgreement found)
    {
        var json = new JsonObject
        {
            ["images"] = found.Images, ["cosine"] = found.MeanCosine, ["cosineFirstPercentile"] = found.FirstPercentileCosine,
            ["signalToNoise"] = found.SignalToNoise,
        };
        if (!IsClassifier) return json;
        json["agreement"] = found.Agreement;
        json["agreementInterval"] = new JsonArray(found.AgreementInterval.Low, found.AgreementInterval.High);
        return json;
    }

    private static JsonArray? IntervalJson(Interval? interval) => interval is { } known ? new JsonArray(known.Lower, known.Upper) : null;

    private static JsonObject ToJson(LayerAnalysis layer) => new()
    {
        ["name"] = layer.Name, ["operator"] = layer.Operator, ["quantization"] = layer.Quantization.ToString(),
        ["held"] = new JsonArray(layer.HeldMin, layer.HeldMax), ["seen"] = new JsonArray(layer.SeenMin, layer.SeenMax),
        ["saturated"] = layer.Saturated, ["cosine"] = layer.Cosine, ["signalToNoise"] = layer.SignalToNoise,
        ["isolatedCosine"] = layer.IsolatedCosine, ["isolatedSignalToNoise"] = layer.IsolatedSignalToNoise,
        ["outputSignalToNoise"] = layer.OutputSignalToNoise, ["weightSpread"] = layer.WeightSpread, ["largestChannel"] = layer.LargestChannel,
        ["histogram"] = new JsonArray([.. layer.Histogram.Select(share => (JsonNode?)share)]),
    };

    private static string Percent(double share) => FormattableString.Invariant($"{100 * share:F1} %");
}
