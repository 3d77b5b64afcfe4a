using EfficientNetSharp.Architectures;
using EfficientNetSharp.Graphs;
using EfficientNetSharp.Graphs.Quantization;
using EfficientNetSharp.Graphs.Transforms;
using EfficientNetSharp.Inference;
using EfficientNetSharp.IntegerMath;
using EfficientNetSharp.Models;
using EfficientNetSharp.Quantization.Calibration;
using EfficientNetSharp.Quantization.Making;
using EfficientNetSharp.Testing;
using EfficientNetSharp.Testing.IntegerMath;

namespace EfficientNetSharp.Quantization.Tests.Making;

public sealed class PlanMakerTests
{
    public static TheoryData<string> Schemes => new(QuantizationScheme.All.Select(scheme => scheme.Name));

    [Theory]
    [MemberData(nameof(Schemes))]
    public void Zero_is_exact_and_ranges_are_held_in_every_scheme(string name)
    {
        var scheme = QuantizationScheme.Of(name);
        foreach (var range in new ValueRange[] { new(-0.278f, 6), new(0, 1e-4f), new(-1e6f, 3), new(0, 0), new(2, 5), new(-5, -2) })
        {
            var value = scheme.QuantizationFor(range);
            Assert.Equal(0, IntegerRounding.Dequantize(IntegerRounding.Quantize(0f, value, scheme.Arithmetic), value));
            // Within half a step at the ends, as the zero point is rounded.
            Assert.InRange(value.Max(scheme.Arithmetic), Math.Max(range.Max, 0) - (0.51f * value.Scale), float.MaxValue);
            Assert.InRange(value.Min(scheme.Arithmetic), float.MinValue, Math.Min(range.Min, 0) + (0.51f * value.Scale));
            if (scheme.IsFixedPoint) Assert.True(value.IsFixedPoint);
        }
    }

    // Engine and reference give the same integers, and these follow the floats.
    [Theory]
    [MemberData(nameof(Schemes))]
    public void A_network_in_integers_follows_its_floats(string name)
    {
        var scheme = QuantizationScheme.Of(name);
        foreach (string network in new[] { "efficientnet_b0", "efficientnet_lite0" })
        {
            var graph = ArchitectureRegistry.Get(network).Scale(0.25, 0.3, 33).Build(new BuildOptions { Classes = 10 });
            var weights = SyntheticWeights.For(graph, 3, gain: 2);
            using var statistics = new NetworkStatistics(graph, weights, new PlanOptions { Threads = 1 });
            float[][] images = [.. Enumerable.Range(0, 12).Select(i => SyntheticInput.Batch(graph.Input.Shape, 1, (ulong)i))];
            foreach (float[] image in images) statistics.Add(image);
            var ranges = statistics.Graph.Nodes.ToDictionary(
                node => node.Name, node => Calibrator.MinMax.Choose(statistics.Values[node.Name], scheme), StringComparer.Ordinal);
            var (quantized, integers) = PlanMaker.Make(statistics.Graph, statistics.Weights, ranges, scheme);
            using var floats = EngineRunner.Create(graph, weights, new PlanOptions { Threads = 1 });
            using var engine = EngineRunner.Create(quantized, integers, new PlanOptions { Threads = 1 });
            using var reference = new IntegerReferenceRunner(quantized, integers);
            float[] expected = new float[10], actual = new float[10], exact = new float[10];
            ((IModelRunner)floats).Run(images[0], 1, expected);
            ((IModelRunner)engine).Run(images[0], 1, actual);
            ((IModelRunner)reference).Run(images[0], 1, exact);
            // The last layer is a float's where the scheme leaves it so.
            if (scheme.RoundsOutput) Assert.Equal(exact, actual);
            else Assert.All(exact.Zip(actual), pair => Assert.Equal(pair.First, pair.Second, 1e-4f));
            double cosine = Cosine(expected, actual);
            Assert.True(cosine > (scheme.ValueType == Arrays.ElementType.I16 ? 0.999 : 0.95), $"{network}: {cosine}");
        }
    }

    [Fact]
    public void What_a_relu_cuts_off_takes_no_steps_before_it_and_sigmoids_have_their_own()
    {
        var network = ArchitectureRegistry.Get("mobilenetv3_large_100").Scale(0.3, 1, 64).Build(new BuildOptions { Classes = 5 });
        var (graph, weights) = InferenceTransform.Apply(network, SyntheticWeights.For(network, 4));
        var ranges = graph.Nodes.ToDictionary(node => node.Name, node => new ValueRange(-node.Index - 1, node.Index + 1), StringComparer.Ordinal);
        var plan = PlanMaker.Make(graph, weights, ranges, QuantizationScheme.OnnxInt8).Graph.Quantization!;
        int relus = 0;
        foreach (var node in graph.Nodes)
        {
            if (node.Operator is Activation { Kind: ActivationKind.HardSigmoid or ActivationKind.Sigmoid })
                Assert.Equal(new ValueQuantization(Arrays.ElementType.U8, 1f / 256), plan.Of(node));
            if (node.Operator is not Activation { Kind: ActivationKind.Relu }) continue;
            Assert.Equal(plan.Of(node), plan.Of(graph.Nodes[node.Inputs[0]]));
            relus++;
        }

        Assert.True(relus > 5);
        Assert.Null(plan.Of(graph.Output));
    }

    [Fact]
    public void A_quantized_network_a_missing_range_and_one_that_is_no_range_are_refused()
    {
        var graph = ArchitectureRegistry.Get("efficientnet_lite0").Scale(0.1, 0.1, 33).Build(new BuildOptions { Classes = 3 });
        var (folded, weights) = InferenceTransform.Apply(graph, SyntheticWeights.For(graph, 1));
        var ranges = folded.Nodes.ToDictionary(node => node.Name, _ => new ValueRange(-1, 1), StringComparer.Ordinal);
        var made = PlanMaker.Make(folded, weights, ranges, QuantizationScheme.OnnxInt8);
        Refused(made.Graph, "quantized");
        ranges[folded.Nodes[3].Name] = new ValueRange(float.NaN, 1);
        Refused(folded, "NaN");
        ranges.Remove(folded.Nodes[3].Name);
        Refused(folded, "has no range");

        void Refused(Graph network, string why) => Assert.Contains(why, Assert.Throws<InvalidInputException>(
            () => PlanMaker.Make(network, weights, ranges, QuantizationScheme.OnnxInt8)).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void What_only_a_join_takes_has_its_steps_and_what_orders_channels_its_inputs()
    {
        foreach (string name in new[] { "squeezenet1_1", "shufflenet_v2_x1_0" })
        {
            var network = ArchitectureRegistry.Get(name).Build(new BuildOptions { Classes = 5, Height = 64, Width = 64 });
            var (graph, weights) = InferenceTransform.Apply(network, SyntheticWeights.For(network, 4));
            var ranges = graph.Nodes.ToDictionary(node => node.Name, node => new ValueRange(-1, node.Index + 1), StringComparer.Ordinal);
            var quantized = PlanMaker.Make(graph, weights, ranges, QuantizationScheme.OnnxInt8).Graph;
            var (plan, uses, joins) = (quantized.Quantization!, quantized.CountUses(), 0);
            foreach (var node in quantized.Nodes.Where(node => node.Operator is Concatenation or ChannelSlice or ChannelShuffle))
            {
                Assert.True(plan.ComputesInIntegers(quantized, node));
                joins++;
                foreach (var input in node.Inputs.Select(index => quantized.Nodes[index]))
                {
                    if (node.Operator is not Concatenation || (input.Operator is Activation or Convolution && uses[input.Index] == 1))
                        Assert.Equal(plan.Of(node), plan.Of(input));
                }
            }

            Assert.True(joins >= 8);
        }
    }

    // TensorFlow Lite's AVERAGE_POOL_2D has its input's scale; zeros beside a map never need another.
    [Theory]
    [MemberData(nameof(Schemes))]
    public void Means_under_windows_have_their_own_steps_where_the_target_has_them(string name)
    {
        var scheme = QuantizationScheme.Of(name);
        var builder = new GraphBuilder(TensorShape.Map(3, 6, 6));
        var padded = builder.Append("pad", new ZeroPad(new Pads(1, 1, 1, 1)));
        var mean = builder.Append("mean", new AveragePool(2, 1, PaddingStyle.None));
        var graph = builder.Build([builder.Append("conv", new Convolution(3, 2, 1, 1, 1, PaddingStyle.None, HasBias: true))]);
        var ranges = graph.Nodes.ToDictionary(node => node.Name, node => node.Name == "mean" ? new ValueRange(-1, 1) : new ValueRange(-4, 4));
        var plan = PlanMaker.Make(graph, SyntheticWeights.For(graph, 1), ranges, scheme).Graph.Quantization!;
        Assert.Equal(plan.Of(graph.Input), plan.Of(padded));
        Assert.Equal(scheme.Arithmetic == IntegerArithmetic.TfLite, plan.Of(mean) == plan.Of(graph.Input));
    }

    [Fact]
    public void A_file_of_integers_is_at_most_26_per_cent_of_the_floats()
    {
        var architecture = ArchitectureRegistry.Get("efficientnet_b0");
        var card = new ModelCard { Classes = [.. Enumerable.Range(0, 1000).Select(i => $"class {i}")], Preprocessing = Preprocessing.ForSize(64) };
        var model = Model.Of(architecture, card, new WeightSet([]));
        var network = architecture.Build(new BuildOptions { Height = 64, Width = 64 });
        model = model with { Graph = network, Weights = WeightInitializer.Initialize(network, seed: 1), Architecture = null };
        using var statistics = new NetworkStatistics(network, model.Weights, new PlanOptions { Threads = 1 });
        statistics.Add(SyntheticInput.Batch(network.Input.Shape, 1));
        var ranges = statistics.Graph.Nodes.ToDictionary(
            node => node.Name, node => Calibrator.MinMax.Choose(statistics.Values[node.Name], QuantizationScheme.OnnxInt8), StringComparer.Ordinal);
        var (graph, integers) = PlanMaker.Make(statistics.Graph, statistics.Weights, ranges, QuantizationScheme.OnnxInt8);
        string folder = Directory.CreateTempSubdirectory("effnet-size-").FullName;
        try
        {
            string floats = Path.Combine(folder, "f.safetensors"), small = Path.Combine(folder, "q.safetensors");
            ModelFile.Save(model, floats);
            ModelFile.Save(model with { Graph = graph, Weights = integers }, small);
            Assert.InRange((double)new FileInfo(small).Length / new FileInfo(floats).Length, 0.25, 0.26);
            var back = ModelFile.Load(small);
            Assert.Equal(GraphJson.Serialize(graph), GraphJson.Serialize(back.Graph));
            Assert.Equal(QuantizationJson.Serialize(graph.Quantization!), QuantizationJson.Serialize(back.Graph.Quantization!));
            // The engine's own copy of them: bytes, or two for each.
            using var engine = EngineRunner.Create(graph, integers, new PlanOptions { Threads = 1 });
            long kernels = graph.Parameters.Where(parameter => parameter.IsKernel).Sum(parameter => parameter.Shape.Aggregate(1L, (a, b) => a * b));
            Assert.InRange(engine.Plan.WeightBytes, kernels, 3 * kernels);
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    private static double Cosine(float[] a, float[] b) =>
        a.Zip(b, (x, y) => (double)x * y).Sum() / Math.Sqrt(a.Sum(x => (double)x * x) * b.Sum(x => (double)x * x));
}
