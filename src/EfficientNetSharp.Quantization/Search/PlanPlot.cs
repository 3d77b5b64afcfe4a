using EfficientNetSharp.Evaluation.Reports.Charts;

namespace EfficientNetSharp.Quantization.Search;

/// <summary>A search's plans as a drawing: nearness to the float network over predicted time.</summary>
public static class PlanPlot
{
    /// <summary>Draws them as an SVG file.</summary>
    public static string ToSvg(SearchResult search)
    {
        ArgumentNullException.ThrowIfNull(search);
        return TradeoffChart.ToSvg(
            $"Plans that mix {search.Target.NarrowType} and {search.Target.WideType}: signal to noise of the outputs over the time predicted for {Files.VisibleText.Of(search.Device)}.",
            $"ms predicted for {Files.VisibleText.Of(search.Device)}", "signal to noise in dB",
            [.. search.Tried.Select(point => PointOf(search, point))], [.. search.Front.Select(point => PointOf(search, point))],
            PointOf(search, search.Chosen));
    }

    private static Tradeoff PointOf(SearchResult search, PlanPoint point) => new(
        point.Ms, point.Searched.SignalToNoise,
        FormattableString.Invariant($"{point.Wide.Count} of {search.Layers.Length} layers in {search.Target.WideType}: {point.Ms:F2} ms, {point.Searched.SignalToNoise:F1} dB"));
}
