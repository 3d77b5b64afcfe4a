using System.Xml.Linq;
using EfficientNetSharp.Architectures;
using EfficientNetSharp.Graphs;
using EfficientNetSharp.Inference;
using EfficientNetSharp.Models;
using EfficientNetSharp.Quantization.Calibration;
using EfficientNetSharp.Quantization.Measuring;
using EfficientNetSharp.Quantization.Reports;
using EfficientNetSharp.Testing;

namespace EfficientNetSharp.Quantization.Tests.Reports;

public sealed class QuantizationReportTests
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public void Every_value_in_integers_is_analyzed_and_the_page_is_well_formed()
    {
        var graph = ArchitectureRegistry.Get("tf_efficientnetv2_b0").Scale(0.25, 0.3, 40).Build(new BuildOptions { Classes = 10 });
        // A layer whose first channel outweighs the others a hundred times.
        var weights = new WeightSet(SyntheticWeights.For(graph, 3, gain: 3).Select(pair => pair.Key == "head.conv.weight"
            ? KeyValuePair.Create(pair.Key, new WeightTensor(pair.Value.Shape,
                [.. pair.Value.Values.Select((weight, i) => i < pair.Value.Values.Length / pair.Value.Shape[0] ? 100 * weight : weight)])) : pair));
        float[][] images = [.. Enumerable.Range(0, 16).Select(i => SyntheticInput.Batch(graph.Input.Shape, 1, (ulong)i))];
        using var network = CalibratedNetwork.Of(graph, weights, images[..8], images[8..], new PlanOptions { Threads = 1 }, cancellationToken: Token);
        var quantized = new UniformPlanner(QuantizationScheme.RknnU8) { Calibrator = Calibrator.MinMax, Repairs = [] }.Plan(network, cancellationToken: Token);
        var layers = LayerAnalyzer.Analyze(network, quantized, 4, cancellationToken: Token);
        Assert.Contains("classifier", layers.Select(layer => layer.Name));
        var first = layers[0];
        Assert.Equal("stem.conv", first.Name);
        // The first layer has nothing before it: alone and in the whole it is the same.
        Assert.Equal(first.SignalToNoise, first.IsolatedSignalToNoise, 1e-6);
        Assert.All(layers, layer =>
        {
            Assert.InRange(layer.Cosine, 0, 1.0001);
            Assert.InRange(layer.Saturated, 0, 1);
            Assert.Equal(1, layer.Histogram.Sum(), 1e-9);
        });
        // Noise adds up on the way.
        Assert.True(layers.Count(layer => layer.SignalToNoise < layer.IsolatedSignalToNoise + 0.5) > 0.9 * layers.Length);
        var head = layers.Single(layer => layer.Name == "head.conv");
        Assert.Equal(0, head.LargestChannel);
        Assert.InRange(head.WeightSpread!.Value, 30, 300);
        var last = layers.Single(layer => layer.Name == "classifier");
        Assert.Equal(last.IsolatedSignalToNoise, last.OutputSignalToNoise, 1e-9);

        var errors = PreprocessingErrors.Measure(network, new Preprocessing { Height = 40, Width = 40, ResizeTo = 40 });
        Assert.Equal(5, errors.Length);
        Assert.All(errors, error => Assert.True(error.Agreement.MeanCosine < 1));
        var report = new QuantizationReport
        {
            Title = "<b> & \"x\"", Scheme = QuantizationScheme.RknnU8, Steps = quantized.Steps, Layers = layers, PreprocessingErrors = errors,
            IsClassifier = true, Bytes = (25, 100), Warnings = ["only 8 images <here>"],
        };
        var page = XDocument.Parse(report.ToHtml().Replace("<!DOCTYPE html>", "", StringComparison.Ordinal));
        Assert.Equal("<b> & \"x\"", page.Descendants("h1").Single().Value);
        Assert.Equal(layers.Length, page.Descendants("td").Count(cell => (string?)cell.Attribute("class") == "name"));
        Assert.Equal(report.ToHtml(), report.ToHtml());
    }
}
