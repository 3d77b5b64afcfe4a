using EfficientNetSharp.Graphs;
using EfficientNetSharp.Imaging.Codecs;
using EfficientNetSharp.Models;
using EfficientNetSharp.Prediction.ActivationMaps;
using EfficientNetSharp.Testing;

namespace EfficientNetSharp.Prediction.Tests.ActivationMaps;

public sealed class CamMapperTests
{
    // The mean of a class's map and its bias are its logit, for any network of this kind.
    [Fact]
    public void The_mean_of_the_map_is_the_logit()
    {
        var graph = Network(hidden: false);
        var weights = SyntheticWeights.For(graph, gain: 3);
        using var mapper = new CamMapper(graph, weights, new ReferenceBackend("slow"));
        float[] image = SyntheticInput.Batch(graph.Input.Shape, 1);
        var best = mapper.Of(image);
        Assert.Equal(best.Logits.Max(), best.Logits[best.ClassIndex]);
        Assert.Equal(("cam", "conv"), (mapper.Method, mapper.Layer.Name));
        for (int c = 0; c < 3; c++)
        {
            var mapped = mapper.Of(image, c);
            Assert.Equal(c, mapped.ClassIndex);
            Assert.Equal(best.Logits, mapped.Logits);
            Assert.Equal(mapped.Logits[c], mapped.Map.Values.ToArray().Average() + weights["classifier.bias"].Values[c], 1e-4f);
        }

        Assert.Throws<ArgumentOutOfRangeException>(() => mapper.Of(image, 3));
    }

    [Fact]
    public void A_hidden_layer_leaves_no_class_maps()
    {
        var graph = Network(hidden: true);
        Assert.Throws<ArgumentException>(() => new CamMapper(graph, SyntheticWeights.For(graph), new ReferenceBackend("slow")));
    }

    [Fact]
    public void An_explanation_is_of_one_class_for_all_mappers()
    {
        var graph = Network(hidden: false);
        var weights = SyntheticWeights.For(graph, gain: 3);
        var card = new ModelCard { Classes = ["a", "b", "c"], Preprocessing = new Preprocessing { Height = 8, Width = 12, ResizeTo = 8 } };
        var (first, second) =
            (new CamMapper(graph, weights, new ReferenceBackend("x")), new CamMapper(graph, weights, new ReferenceBackend("y")));
        using var explainer = new ImageExplainer(card, first, second);
        byte[] png = ImageEncoder.EncodePng([.. Enumerable.Range(0, 8 * 12 * 3).Select(i => (byte)(i * 37))], 12, 8);
        using var explained = explainer.Explain(png, "noise.png");
        Assert.Equal(card.Classes[explained.Prediction.ClassIndex], explained.Prediction.Class);
        Assert.InRange(explained.Prediction.Probability, 1 / 3d, 1);
        Assert.Equal(2, explained.Maps.Length);
        Assert.Equal(explained.Maps[0].Values.ToArray(), explained.Maps[1].Values.ToArray());
        // The image that was seen, large enough to look at, in the network's proportions.
        Assert.Equal(0, (explained.Seen.Height * 12) - (explained.Seen.Width * 8));
        Assert.Throws<InvalidInputException>(() => explainer.Explain([1, 2, 3], "broken.png"));
        Assert.Throws<ArgumentException>(() => new ImageExplainer(card));
    }

    private static Graph Network(bool hidden)
    {
        var builder = new GraphBuilder(TensorShape.Map(3, 8, 12));
        builder.Append("conv", new Convolution(3, 4, 3, 2, 1, PaddingStyle.Symmetric, HasBias: true));
        builder.Append("pool", new GlobalAveragePool());
        builder.Append("flatten", new Flatten());
        if (hidden) builder.Append("hidden", new Linear(4, 4, HasBias: true));
        builder.Append("classifier", new Linear(4, 3, HasBias: true));
        return builder.Build();
    }
}
