using System.Globalization;
using System.Text.Json.Nodes;
using EfficientNetSharp.Architectures;
using EfficientNetSharp.Architectures.Scaling;
using EfficientNetSharp.Costs;
using EfficientNetSharp.Graphs;
using EfficientNetSharp.Models;

namespace EfficientNetSharp.Cli.Support;

/// <summary>A scaled network beside its baseline, and what else the budget would have bought.</summary>
internal sealed record ScalingView(Architecture Baseline, Architecture Scaled, ScalingCoefficients By, BuildOptions Options)
{
    public CompoundScaling? Scaling { get; init; }

    public double? Phi { get; init; }

    public ScalingStrategy? Strategy { get; init; }

    public ScalingBudget? Budget { get; init; }

    public ScalingSearchResult? Result { get; init; }

    public string? LatencyName { get; init; }

    /// <summary>A count with three digits: 1234567 → 1.23M.</summary>
    public static string Short(long count)
    {
        (double scaled, string unit) = count switch
        {
            >= 999_500_000 => (count / 1e9, "G"),
            >= 999_500 => (count / 1e6, "M"),
            >= 1000 => (count / 1e3, "K"),
            _ => (count, ""),
        };
        return scaled.ToString(scaled >= 99.95 ? "0" : scaled >= 9.995 ? "0.0" : "0.00", CultureInfo.InvariantCulture) + unit;
    }

    public void Write(Terminal terminal)
    {
        terminal.Write(Stages());
        terminal.Write(Totals());
        if (Scaling is not null)
        {
            terminal.Output.WriteLine(FormattableString.Invariant(
                $"φ = {Phi:0.###}: depth {Scaling.Alpha:0.####}^φ = {By.Depth:F3}, width {Scaling.Beta:0.####}^φ = {By.Width:F3}, resolution {Scaling.Gamma:0.####}^φ = {By.Resolution:F3}; α·β²·γ² = {Scaling.Budget:F4}"));
        }

        else if (Strategy is not null)
        {
            terminal.Output.WriteLine(FormattableString.Invariant(
                $"φ = {Phi:0.###}: depth {By.Depth:F3}, width {By.Width:F3}, resolution {By.Resolution:F3}"));
        }

        if (Strategy is not null) terminal.Output.WriteLine($"{Strategy.Title} ({Strategy.Source})");
        terminal.Output.WriteLine($"{Scaled.Name}");
        if (Result is null || Budget is null) return;
        terminal.Output.WriteLine();
        terminal.Output.WriteLine($"What {Describe(Budget)} buys{(LatencyName is null ? "" : $" ({LatencyName})")}:");
        terminal.Write(Alternatives(Result, Budget));
    }

    public JsonObject ToJson()
    {
        var document = new JsonObject { ["baseline"] = CostsJson(Baseline), ["scaled"] = CostsJson(Scaled) };
        if (Scaling is not null)
        {
            document["scaling"] = new JsonObject
            {
                ["alpha"] = Scaling.Alpha, ["beta"] = Scaling.Beta, ["gamma"] = Scaling.Gamma, ["budget"] = Scaling.Budget, ["phi"] = Phi,
            };
        }

        if (Strategy is not null)
            document["strategy"] = new JsonObject { ["name"] = Strategy.Name, ["title"] = Strategy.Title, ["source"] = Strategy.Source, ["phi"] = Phi };
        document["multipliers"] = new JsonObject { ["depth"] = By.Depth, ["width"] = By.Width, ["resolution"] = By.Resolution };
        if (Result is not null)
        {
            document["latencyModel"] = LatencyName;
            document["chosen"] = CandidateJson(Result.Chosen);
            document["alternatives"] = new JsonArray([.. Result.Alternatives.Select(CandidateJson)]);
        }

        document["architecture"] = JsonNode.Parse(ModelJson.Serialize(Scaled));
        return document;
    }

    private TextTable Stages()
    {
        var table = new TextTable().Left("stage").Left("block").Left("stride")
            .Right("channels").Right("repeats");
        table.Add("stem", $"{Baseline.Stem.Kernel}×{Baseline.Stem.Kernel}", $"{Baseline.Stem.Stride}",
            Change(Baseline.Stem.Channels, Scaled.Stem.Channels), "");
        for (int i = 0; i < Baseline.Stages.Length; i++)
        {
            var (before, after) = (Baseline.Stages[i], Scaled.Stages[i]);
            table.Add($"{i}", $"{before.Block} {before.Kernel}×{before.Kernel}", $"{before.Stride}",
                Change(before.Channels, after.Channels), Change(before.Repeats, after.Repeats));
        }

        if (Baseline.HeadChannels > 0) table.Add("head", "1×1", "1", Change(Baseline.HeadChannels, Scaled.HeadChannels), "");
        return table;
    }

    private TextTable Totals()
    {
        var (before, after) = (Baseline.Build(Options), Scaled.Build(Options));
        var (costsBefore, costsAfter) = (GraphCosts.Of(before), GraphCosts.Of(after));
        var (memoryBefore, memoryAfter) = (GraphMemory.Of(before), GraphMemory.Of(after));
        var table = new TextTable().Left("");
        foreach (string name in new[] { "baseline", "scaled", "ratio" }) table.Right(name);
        Row("blocks", Baseline.BlockCount, Scaled.BlockCount, count => $"{count}");
        Row("resolution", Baseline.Resolution, Scaled.Resolution, count => $"{count}");
        Row("parameters", costsBefore.Parameters, costsAfter.Parameters, count => $"{count:N0}");
        Row("GMACs", costsBefore.Macs, costsAfter.Macs, count => $"{count / 1e9:F4}");
        Row("weights, float32 MB", memoryBefore.WeightBytes, memoryAfter.WeightBytes, count => $"{count / 1e6:F1}");
        Row("activations at their peak, MB", memoryBefore.PeakActivationBytes, memoryAfter.PeakActivationBytes,
            count => $"{count / 1e6:F1}");
        return table;

        void Row(string name, long was, long now, Func<long, string> format) =>
            table.Add(name, format(was), format(now), FormattableString.Invariant($"{(double)now / was:F2}"));
    }

    private static TextTable Alternatives(ScalingSearchResult result, ScalingBudget budget)
    {
        var table = new TextTable().Left("scaling");
        foreach (string name in new[] { "φ", "depth", "width", "pixels", "parameters", "GMACs" }) table.Right(name);
        if (budget.LatencyMs is not null) table.Right("ms");
        table.Left("of the budget");
        foreach (var candidate in result.Alternatives.Insert(0, result.Chosen))
        {
            var by = candidate.Coefficients;
            string mark = candidate == result.Chosen ? "▸ " : "  ";
            List<string> cells =
            [
                mark + candidate.Ray.Name, FormattableString.Invariant($"{candidate.Phi:F3}"),
                FormattableString.Invariant($"{by.Depth:F2}"),
                FormattableString.Invariant($"{by.Width:F2}"), $"{candidate.Architecture.Resolution}", $"{candidate.Parameters:N0}",
                $"{candidate.Macs / 1e9:F4}",
            ];
            if (budget.LatencyMs is not null) cells.Add(candidate.LatencyMs is { } ms ? FormattableString.Invariant($"{ms:F1}") : "–");
            cells.Add(Use(candidate, budget));
            table.Add([.. cells]);
        }

        return table;
    }

    private static string Use(ScaledCandidate candidate, ScalingBudget budget)
    {
        string shares = string.Join(", ",
            candidate.SharesOf(budget).Select(share => FormattableString.Invariant($"{100 * share.Share:F1} % {share.Name}")));
        if (!candidate.Fits) return "does not fit: smallest has " + shares;
        return candidate.IsLargestSearched ? shares + ", not limiting" : shares;
    }

    private static string Describe(ScalingBudget budget) => string.Join(", ", new[]
    {
        budget.Macs is { } macs ? $"{Short(macs)} multiply-adds" : null,
        budget.Parameters is { } parameters ? $"{Short(parameters)} parameters" : null,
        budget.LatencyMs is { } latency ? FormattableString.Invariant($"{latency:0.###} ms") : null,
    }.OfType<string>());

    private static string Change(int before, int after) => before == after ? $"{before}" : $"{before} → {after}";

    private JsonObject CostsJson(Architecture architecture)
    {
        var graph = architecture.Build(Options);
        var costs = GraphCosts.Of(graph);
        var memory = GraphMemory.Of(graph);
        return new JsonObject
        {
            ["name"] = architecture.Name,
            ["resolution"] = architecture.Resolution,
            ["blocks"] = architecture.BlockCount,
            ["parameters"] = costs.Parameters,
            ["macs"] = costs.Macs,
            ["weightBytes"] = memory.WeightBytes,
            ["peakActivationBytes"] = memory.PeakActivationBytes,
        };
    }

    private JsonObject CandidateJson(ScaledCandidate candidate) => new()
    {
        ["ray"] = candidate.Ray.Name,
        ["name"] = candidate.Architecture.Name,
        ["phi"] = candidate.Phi,
        ["depth"] = candidate.Coefficients.Depth,
        ["width"] = candidate.Coefficients.Width,
        ["resolution"] = candidate.Architecture.Resolution,
        ["parameters"] = candidate.Parameters,
        ["macs"] = candidate.Macs,
        ["latencyMs"] = candidate.LatencyMs,
        ["fits"] = candidate.Fits,
        ["shares"] = new JsonObject(candidate.SharesOf(Budget!).Select(share => KeyValuePair.Create(share.Name, (JsonNode?)share.Share))),
    };
}
