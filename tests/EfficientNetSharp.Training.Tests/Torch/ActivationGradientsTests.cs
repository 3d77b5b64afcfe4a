using EfficientNetSharp.Architectures;
using EfficientNetSharp.Prediction.ActivationMaps;
using EfficientNetSharp.Graphs;
using EfficientNetSharp.Models;
using EfficientNetSharp.Testing;
using EfficientNetSharp.Training.Torch;

namespace EfficientNetSharp.Training.Tests.Torch;

public sealed class ActivationGradientsTests
{
    // ∂y/∂A = w/(H·W) at the map that is averaged, so Grad-CAM there is the class activation map, rectified, over H·W.
    [Theory]
    [InlineData("efficientnet_b0")]
    [InlineData("tf_efficientnetv2_b0")]
    [InlineData("resnet18")]
    public void At_the_last_map_grad_cam_is_the_class_activation_map(string name)
    {
        var graph = BackendSpecification.Shrink(name).Build(new BuildOptions { Height = 96, Width = 67, Classes = 4 });
        var weights = SyntheticWeights.For(graph);
        var last = ClassifierLayers.LastMap(graph);
        Assert.True(ClassifierLayers.HasClassMaps(graph));
        using var gradients = new ActivationGradients(graph, weights, last);
        float[] image = SyntheticInput.Batch(graph.Input.Shape, 1);
        for (int c = 0; c < 4; c++)
        {
            var found = gradients.Of(image, c);
            float[] classWeights = ClassifierLayers.ClassWeights(graph, weights, c).ToArray();
            var cam = ActivationMap.OfClass(found.Activations, last.Shape, classWeights);
            var gradCam = ActivationMap.OfGradients(found.Activations, found.Gradients, last.Shape);
            float positions = last.Shape.Positions, scale = cam.Values.ToArray().Max(Math.Abs);
            for (int i = 0; i < cam.Values.Length; i++) Assert.Equal(Math.Max(cam.Values[i], 0) / scale,
                gradCam.Values[i] * positions / scale, 1e-4f);

            // The map's mean and the bias are the logit.
            float bias = weights["classifier.bias"].Values[c];
            Assert.Equal(found.Row[c], cam.Values.ToArray().Average() + bias, 1e-3f * scale);
        }
    }

    [Fact]
    public void Without_a_class_it_is_the_best_one()
    {
        var (graph, _) = Tiny();
        var weights = SyntheticWeights.For(graph, gain: 3);
        using var gradients = new ActivationGradients(graph, weights, graph["inner"]);
        float[] image = SyntheticInput.Batch(graph.Input.Shape, 1);
        var best = gradients.Of(image);
        Assert.Equal(best.Row.Max(), best.Row[best.Output]);
        Assert.Equal(gradients.Of(image, best.Output).Gradients, best.Gradients);
        Assert.Throws<ArgumentOutOfRangeException>(() => gradients.Of(image, 3));
        Assert.Throws<ArgumentOutOfRangeException>(() => gradients.Of(image, -1));
        Assert.Throws<ArgumentException>(() => gradients.Of(image.AsSpan(1)));
    }

    // Central differences of the reference in double precision, for each value of a map with three layers behind it.
    [Fact]
    public void Gradients_of_an_inner_map_are_those_of_finite_differences()
    {
        var (graph, tail) = Tiny();
        var weights = SyntheticWeights.For(graph, gain: 3);
        var inner = graph["inner"];
        using var gradients = new ActivationGradients(graph, weights, inner);
        using var reference = new ReferenceRunner(tail, weights.For(tail));
        var found = gradients.Of(SyntheticInput.Batch(graph.Input.Shape, 1), 1);
        Assert.Equal(inner.Shape.Count, found.Gradients.Length);
        double largest = found.Gradients.Max(Math.Abs);
        for (int i = 0; i < found.Gradients.Length; i++)
        {
            float[] up = [.. found.Activations], down = [.. found.Activations];
            up[i] += 1e-2f;
            down[i] -= 1e-2f;
            double slope = (reference.Evaluate(up)[1] - reference.Evaluate(down)[1]) / ((double)up[i] - down[i]);
            Assert.Equal(slope / largest, found.Gradients[i] / largest, 1e-3);
        }
    }

    // A network that answers to red, and an image with red in one corner: a map that is transposed or mirrored would lie elsewhere.
    [Theory]
    [InlineData(0, 0)]
    [InlineData(0, 1)]
    [InlineData(1, 0)]
    [InlineData(1, 1)]
    public void A_planted_object_is_found_in_its_corner(int bottom, int right)
    {
        const int Height = 24, Width = 40, Side = 8;
        var builder = new GraphBuilder(TensorShape.Map(3, Height, Width));
        var map = builder.Append("patch", new Convolution(3, 2, 4, 4, 1, PaddingStyle.None, HasBias: false));
        builder.Append("pool", new GlobalAveragePool());
        builder.Append("flatten", new Flatten());
        builder.Append("classifier", new Linear(2, 2, HasBias: false));
        var graph = builder.Build();
        // Channel 0 adds up red, channel 1 blue; class 0 is red, class 1 blue.
        float[] patch = [.. Enumerable.Range(0, 96).Select(i => i / 16 is 0 or 5 ? 1f : 0)];
        var weights = new WeightSet([new("patch.weight", new WeightTensor([2, 3, 4, 4], patch)), new("classifier.weight", new WeightTensor([2, 2], [1, 0, 0, 1]))]);

        var image = new float[3 * Height * Width];
        int top = bottom * (Height - Side), left = right * (Width - Side);
        for (int y = top; y < top + Side; y++)
        for (int x = left; x < left + Side; x++)
            image[(y * Width) + x] = 1;

        using var gradients = new ActivationGradients(graph, weights, map);
        var found = gradients.Of(image);
        Assert.Equal(0, found.Output);
        var cam = ActivationMap.OfClass(found.Activations, map.Shape, ClassifierLayers.ClassWeights(graph, weights, 0).Span);
        foreach (var heat in new[] { cam, ActivationMap.OfGradients(found.Activations, found.Gradients, map.Shape) })
        {
            Assert.Equal((6, 10), (heat.Height, heat.Width));
            for (int row = 0; row < 6; row++)
            for (int column = 0; column < 10; column++)
            {
                bool inside = row / 2 == bottom * 2 && column / 2 == right * 4;
                Assert.Equal(inside, heat[row, column] > 0);
            }
        }
    }

    [Fact]
    public void What_is_no_map_of_the_network_is_refused()
    {
        var (graph, tail) = Tiny();
        var weights = SyntheticWeights.For(graph);
        Assert.Throws<ArgumentException>(() => new ActivationGradients(graph, weights, tail.Input));
        Assert.Throws<ArgumentException>(() => new ActivationGradients(graph, weights, graph.Output));
        var maps = graph.WithOutputs(graph["inner"]);
        Assert.Throws<ArgumentException>(() => new ActivationGradients(maps, weights.For(maps), maps.Nodes[1]));
    }

    // A network, and what comes behind its inner map as a network of its own.
    private static (Graph Whole, Graph Tail) Tiny()
    {
        var whole = new GraphBuilder(TensorShape.Map(2, 9, 7));
        whole.Append("conv", new Convolution(2, 6, 3, 2, 1, PaddingStyle.Same, HasBias: false));
        whole.Append("norm", new BatchNormalization(6, 1e-3, 0.01));
        var inner = whole.Append("inner", new Activation(ActivationKind.Silu));
        var tail = new GraphBuilder(inner.Shape);
        AppendTail(whole);
        AppendTail(tail);
        return (whole.Build(), tail.Build());
    }

    private static void AppendTail(GraphBuilder graph)
    {
        var map = graph.Last;
        graph.Append("depthwise", new Convolution(6, 6, 3, 1, 6, PaddingStyle.Symmetric, HasBias: false));
        graph.Append("depthwise_norm", new BatchNormalization(6, 1e-3, 0.01));
        var silu = graph.Append("depthwise_silu", new Activation(ActivationKind.Silu));
        graph.Append("mean", new GlobalAveragePool());
        var gate = graph.Append("sigmoid", new Activation(ActivationKind.Sigmoid));
        graph.Append("gate", new Gate(), silu, gate);
        graph.Append("add", new Add(), graph.Last, map);
        graph.Append("pointwise", new Convolution(6, 5, 1, 1, 1, PaddingStyle.Symmetric, HasBias: true));
        graph.Append("pointwise_silu", new Activation(ActivationKind.Silu));
        graph.Append("pool", new GlobalAveragePool());
        graph.Append("flatten", new Flatten());
        graph.Append("classifier", new Linear(5, 3, HasBias: true));
    }
}
