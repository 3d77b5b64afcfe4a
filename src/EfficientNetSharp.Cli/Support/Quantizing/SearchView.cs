using System.Text.Json.Nodes;
using EfficientNetSharp.Quantization.Search;

namespace EfficientNetSharp.Cli.Support.Quantizing;

/// <summary>What the search for mixed plans found, for people and for programs.</summary>
internal static class SearchView
{
    // Rows of each table; --json has all.
    private const int MaxPlans = 16, MaxLayers = 10;

    public static void Write(Terminal terminal, SearchResult search, bool isClassifier)
    {
        var layers = new TextTable().Left("layer").Right("share of the loss").Right("added ms").Right("lost entropy");
        double noise = search.Layers.Sum(layer => layer.Noise);
        foreach (var layer in search.Layers.OrderByDescending(layer => layer.Noise).Take(MaxLayers))
        {
            layers.Add(
                layer.Layer.Name, FormattableString.Invariant($"{100 * layer.Noise / noise:F1} %"), FormattableString.Invariant($"{layer.AddedMs:+0.000;-0.000}"),
                FormattableString.Invariant($"{layer.EntropyLoss:F2}"));
        }

        terminal.Write(layers);
        if (search.EntropyCorrelation is { } correlation)
            terminal.Output.WriteLine(FormattableString.Invariant(
                $"Entropy, by which the vendor's toolkit proposes layers, has the measured order with a rank correlation of {correlation:F2}."));
        terminal.Output.WriteLine();

        var plans = new TextTable().Left("").Right($"{search.Target.WideType} layers").Right("ms").Right("file").Right("converters");
        if (isClassifier) plans.Right("agreement");
        plans.Right("cosine").Right("signal/noise");
        foreach (var point in Shown(search))
        {
            string[] agreement = isClassifier ? [FormattableString.Invariant($"{100 * point.Searched.Agreement:F1} %")] : [];
            plans.Add([
                point == search.Chosen ? "▸" : "", $"{point.Wide.Count}", FormattableString.Invariant($"{point.Ms:F2}"),
                FormattableString.Invariant($"{point.FileBytes / 1e6:F1} MB"), $"{point.Converters}", .. agreement,
                FormattableString.Invariant($"{point.Searched.MeanCosine:F4}"), FormattableString.Invariant($"{point.Searched.SignalToNoise:F1} dB"),
            ]);
        }

        terminal.Write(plans);
        terminal.Output.WriteLine($"No plan is both faster and nearer to the floats than one of these; ms as predicted for {search.Device}.");
        terminal.Output.WriteLine(search.Describe());
    }

    public static JsonObject ToJson(SearchResult search) => new()
    {
        ["target"] = search.Target.Name,
        ["device"] = search.Device,
        ["description"] = search.Describe(),
        ["keepsLimit"] = search.KeepsLimit,
        ["metric"] = search.Limit.Measure.Name,
        ["falseAcceptRate"] = search.Limit.Measure.FalseAcceptRate,
        ["maxDrop"] = search.Limit.MaxDrop,
        ["maxMs"] = search.Limit.MaxMs,
        ["entropyCorrelation"] = search.EntropyCorrelation,
        ["chosen"] = PointJson(search.Chosen),
        ["tried"] = new JsonArray([.. search.Tried.Select(point => (JsonNode)PointJson(point))]),
        ["layers"] = new JsonArray([.. search.Layers.Select(layer => new JsonObject
        {
            ["name"] = layer.Layer.Name, ["macs"] = layer.Layer.Macs, ["noise"] = layer.Noise, ["entropyLoss"] = layer.EntropyLoss,
            ["addedMs"] = layer.AddedMs, ["isWide"] = search.Chosen.Wide.Contains(layer.Layer.Name),
        })]),
    };

    // The whole front where it is short, else plans evenly along it, the chosen one among them.
    private static IEnumerable<PlanPoint> Shown(SearchResult search)
    {
        var front = search.Front.Union([search.Chosen]).OrderBy(point => point.Ms).ToList();
        if (front.Count <= MaxPlans) return front;
        var kept = Enumerable.Range(0, MaxPlans).Select(i => front[i * (front.Count - 1) / (MaxPlans - 1)]);
        return kept.Union([search.Chosen]).OrderBy(point => point.Ms);
    }

    private static JsonObject PointJson(PlanPoint point) => new()
    {
        ["wideLayers"] = new JsonArray([.. point.Wide.Order(StringComparer.Ordinal).Select(name => (JsonNode)name)]),
        ["ms"] = point.Ms, ["fileBytes"] = point.FileBytes, ["converters"] = point.Converters,
        ["agreement"] = point.Searched.Agreement, ["cosine"] = point.Searched.MeanCosine, ["signalToNoise"] = point.Searched.SignalToNoise,
        ["judgedAgreement"] = point.Judged?.Agreement, ["judgedCosine"] = point.Judged?.MeanCosine,
        ["judgedDrop"] = point.Drop?.Points, ["judgedDropError"] = point.Drop?.Error, ["repaired"] = point.IsRepaired,
    };
}
