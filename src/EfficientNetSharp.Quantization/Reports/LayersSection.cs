using System.Collections.Immutable;
using EfficientNetSharp.Evaluation.Reports.Charts;
using EfficientNetSharp.Evaluation.Reports.Writing;
using EfficientNetSharp.Graphs.Quantization;
using EfficientNetSharp.Quantization.Measuring;

namespace EfficientNetSharp.Quantization.Reports;

/// <summary>Each value of the network: where noise comes from, and how it adds up.</summary>
internal static class LayersSection
{
    private const double HistogramWidth = 150, HistogramHeight = 26;

    public static void Write(MarkupWriter page, QuantizationReport report)
    {
        if (report.Layers.IsEmpty) return;
        page.Element("h2", "Layers");
        using (page.Open("div", ("class", "charts beside")))
        {
            Chart("Signal to noise of each value, from the image to the result", "value number",
                [Line("whole network in integers", "second", layer => layer.SignalToNoise), Line("that node alone", "first", layer => layer.IsolatedSignalToNoise)]);
            Chart("Signal to noise of the result with one node alone in integers", "value number",
                [Line("", "first", layer => layer.OutputSignalToNoise)]);
        }

        var worst = report.Layers.OrderBy(layer => layer.OutputSignalToNoise).Take(3).Select(layer => layer.Name);
        page.Element("p", $"Most is lost at {string.Join(", ", worst)}. The range held is what integers stand for; the histogram is of the float numbers on the images to calibrate with, zeros left out, and the bar below it the range held.");
        using (page.Open("div", ("class", "panel scroll")))
        using (page.Open("table"))
        {
            using (page.Open("tr"))
            {
                foreach (var (title, isNumber) in new[]
                         {
                             ("Value", false), ("", false), ("Integers", false), ("Histogram", false), ("Held", true), ("Seen", true), ("Cut off", true),
                             ("Cosine", true), ("Noise", true), ("Cosine alone", true), ("Noise alone", true), ("Output's noise", true), ("Weights", true),
                         })
                    page.Element("th", title, ("class", isNumber ? "number" : ""));
            }

            foreach (var layer in report.Layers) Row(page, layer);
        }

        void Chart(string title, string x, ImmutableArray<Series> series)
        {
            using (page.Open("div", ("class", "panel")))
            {
                page.Element("h3", title);
                new ScatterChart
                {
                    Description = title, Series = series, XTitle = x, YTitle = "dB", Width = 520, Height = 330, Intervals = 5,
                }.Write(page);
            }
        }

        Series Line(string name, string colour, Func<LayerAnalysis, double> value) => new(
            name, colour, [.. report.Layers.Select((layer, i) => new ChartPoint(i + 1, value(layer), Tooltip: $"{layer.Name}: {Numbers.Fixed(value(layer), 1)} dB"))])
        {
            Marker = MarkerShape.None,
        };
    }

    private static void Row(MarkupWriter page, LayerAnalysis layer)
    {
        using (page.Open("tr"))
        {
            page.Element("td", layer.Name, ("class", "name"));
            page.Element("td", layer.Operator, ("class", "muted"));
            page.Element("td", $"{ValueQuantization.TypeName(layer.Quantization.Type)}, step {NumberText.Rounded(layer.Quantization.Scale)}", ("class", "muted"));
            using (page.Open("td")) Histogram(page, layer);
            Number($"{NumberText.Rounded(layer.HeldMin)} to {NumberText.Rounded(layer.HeldMax)}");
            Number($"{NumberText.Rounded(layer.SeenMin)} to {NumberText.Rounded(layer.SeenMax)}");
            Number(layer.Saturated == 0 ? "–" : layer.Saturated < 0.00005 ? "<0.01%" : $"{Numbers.Fixed(100 * layer.Saturated, 2)}%");
            Number(Numbers.Fixed(layer.Cosine, 4));
            Number($"{Numbers.Fixed(layer.SignalToNoise, 1)} dB");
            Number(Numbers.Fixed(layer.IsolatedCosine, 4));
            Number($"{Numbers.Fixed(layer.IsolatedSignalToNoise, 1)} dB");
            Number($"{Numbers.Fixed(layer.OutputSignalToNoise, 1)} dB");
            Number(layer.WeightSpread is { } spread ? $"channel {layer.LargestChannel}: ×{Numbers.Fixed(spread, 1)}" : "");
        }

        void Number(string text) => page.Element("td", text, ("class", "number"));
    }

    private static void Histogram(MarkupWriter page, LayerAnalysis layer)
    {
        if (layer.Histogram.IsEmpty) return;
        var svg = new SvgWriter(page);
        double step = HistogramWidth / layer.Histogram.Length, reach = layer.SeenMax - layer.SeenMin;
        // Roots, so that rare values are seen.
        double highest = Math.Sqrt(layer.Histogram.Max());
        using (svg.Open(HistogramWidth, HistogramHeight + 4, $"Numbers of {layer.Name} from {NumberText.Rounded(layer.SeenMin)} to {NumberText.Rounded(layer.SeenMax)}"))
        {
            for (int i = 0; i < layer.Histogram.Length; i++)
            {
                double height = Math.Sqrt(layer.Histogram[i]) / highest * HistogramHeight;
                if (height > 0) svg.Rectangle(i * step, HistogramHeight - height, step, height, "solid first", 0.7);
            }

            double from = At(layer.HeldMin), to = At(layer.HeldMax);
            if (to > from) svg.Rectangle(from, HistogramHeight + 1, to - from, 3, "solid second");
        }

        double At(double number) => Math.Clamp((number - layer.SeenMin) / reach * HistogramWidth, 0, HistogramWidth);
    }
}
