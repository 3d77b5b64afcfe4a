using System.Text.Json.Nodes;
using EfficientNetSharp.Arrays;
using EfficientNetSharp.Architectures;
using EfficientNetSharp.Costs.Devices;
using EfficientNetSharp.Graphs;
using EfficientNetSharp.Graphs.Quantization;

namespace EfficientNetSharp.Tests.Costs.Devices;

public sealed class DeviceProfileTests
{
    [Theory]
    [InlineData(DeviceModel.Sum)]
    [InlineData(DeviceModel.Roofline)]
    public void More_work_never_takes_less_time(DeviceModel model)
    {
        for (int seed = 0; seed < 2000; seed++)
        {
            var random = new Random(seed);
            var profile = RandomOperations.WithPrices(model, _ => random.Next(3) == 0 ? 0 : random.NextDouble());
            var step = RandomOperations.Next(random);
            double ms = profile.MsOf(step);
            var wider = step.Output with { Height = step.Output.Height + random.Next(1, 20) };
            DeviceOperation[] larger =
            [
                step with { Type = "int16" }, step with { KernelValues = step.KernelValues + 1000, Macs = step.Macs + 1_000_000 },
                step with { Output = wider, Macs = step.Macs * wider.Positions / step.Output.Positions },
                step with { Input = step.Input with { Channels = step.Input.Channels + 9 } },
            ];
            foreach (var more in larger) Assert.True(profile.MsOf(more) >= ms * (1 - 1e-12), $"seed {seed}: {step} → {more}");
        }
    }

    [Fact]
    public void A_larger_network_takes_longer_on_every_known_device()
    {
        foreach (var profile in DeviceProfiles.All)
        foreach (string type in profile.Types.Keys)
        {
            double[] scaled = [.. Enumerable.Range(0, 8).Select(i => Ms(profile, $"efficientnet_b{i}", null, type))];
            double[] sizes = [.. Enumerable.Range(1, 12).Select(i => Ms(profile, "mobilenet_v2", 32 * i, type))];
            Assert.Equal(scaled.Order(), scaled);
            Assert.Equal(sizes.Order(), sizes);
            Assert.True(Ms(profile, "efficientnet_b0", null, "int16") > Ms(profile, "efficientnet_b0", null, "int8"));
        }
    }

    /// <summary>Steps, converters, multiply-adds and bytes of a small network, counted by hand.</summary>
    [Fact]
    public void A_mixed_network_is_scheduled_as_counted_by_hand()
    {
        var (graph, plan) = Mixed();
        var profile = RandomOperations.WithPrices(DeviceModel.Sum, _ => 1);
        var prediction = profile.Predict(graph.WithQuantization(plan));
        Assert.Equal(
            [
                // The first convolution with its ReLU; then to 16 bits once, though two take it; the depthwise layer and its SiLU; the sum; and
                // back for the mean.
                "a int8", "a.act to int16 int16", "b int16", "b.act int16", "sum int16", "sum to int8 int16", "pool int8", "fc int8",
            ],
            prediction.Steps.Select(step => $"{step.Operation.Name} {step.Operation.Type}"));
        Assert.Equal(2, prediction.Converters);
        // Kernels: a 4·3·9, fc 5·4 in one byte; b 4·9 in two. Biases: a 4, fc 5 of four bytes, b 4 of eight.
        Assert.Equal((108 + 20 + 72) + (4 * (4 + 5)) + (8 * 4), prediction.FileBytes);
        // A converter moves the wider type: 4·8·8 values of 2 bytes and a launch.
        Assert.Equal(1 + (4 * 64 * 2 / 1e6), prediction.Steps[1].Ms, 12);
    }

    [Fact]
    public void One_type_has_no_converters_and_folded_networks_take_what_unfolded_ones_take()
    {
        var graph = ArchitectureRegistry.Get("efficientnet_b0").Build();
        var weights = EfficientNetSharp.Models.WeightInitializer.Initialize(graph, seed: 0);
        var (folded, _) = EfficientNetSharp.Graphs.Transforms.InferenceTransform.Apply(graph, weights);
        var profile = DeviceProfiles.Get("rv1126");
        var (whole, other) = (profile.Predict(graph, "int8"), profile.Predict(folded, "int8"));
        Assert.Equal(0, whole.Converters);
        Assert.Equal(other.Ms, whole.Ms, 9);
        Assert.Equal(other.FileBytes, whole.FileBytes);
    }

    [Fact]
    public void What_the_device_does_not_run_is_refused_by_name()
    {
        var profile = DeviceProfiles.Get("rv1126");
        Refused("float16", () => profile.Predict(ArchitectureRegistry.Get("mobilenet_v2").Build(), "float16"));
        Refused("mixed for each image", () => profile.Predict(ArchitectureRegistry.Get("efficientnet_cc_b0_4e").Build(), "int8"));
        Refused("no quantization plan", () => profile.Predict(ArchitectureRegistry.Get("mobilenet_v2").Build()));
        var (graph, plan) = Mixed();
        Refused("'float32'", () => profile.Predict(graph.WithQuantization(plan with { Values = plan.Values.Remove("sum") })));
        Refused("rv1127", () => DeviceProfiles.Get("rv1127"));
        var nothing = RandomOperations.WithPrices(DeviceModel.Sum, term => term == DeviceTerm.ShaderLaunches ? 1 : 0);
        Refused("no price", () => nothing.Predict(Chain(), "int8"));
    }

    [Fact]
    public void Profiles_are_read_as_they_were_written()
    {
        foreach (var profile in DeviceProfiles.All.Append(RandomOperations.WithPrices(DeviceModel.Roofline, term => 0.1 * (int)term)))
        {
            string json = DeviceProfileJson.Serialize(profile);
            var read = DeviceProfileJson.Parse(json, "x.json");
            Assert.Equal(json, DeviceProfileJson.Serialize(read));
            Assert.Equal(profile.Prices.AsEnumerable(), read.Prices);
        }
    }

    [Theory]
    [InlineData("extra", "1", "'extra'")]
    [InlineData("model", "\"maximum\"", "sum or roofline")]
    [InlineData("model", "1", "a text")]
    [InlineData("name", "\"\"", "empty")]
    [InlineData("tile_pixels", "0", "1 to")]
    [InlineData("tile_pixels", "1.5", "tile_pixels")]
    [InlineData("types", "{}", "no types")]
    [InlineData("types", """{"int8":{"bytes":1}}""", "passes")]
    [InlineData("types", """{"int8":{"bytes":1,"passes":0}}""", "above 0")]
    [InlineData("types", """{"int8":{"bytes":99,"passes":1}}""", "1 to 8")]
    [InlineData("types", """{"int8":{"bytes":1,"passes":1,"speed":2}}""", "'speed'")]
    [InlineData("prices", """{"weight_mb":{"ms":-1}}""", "found -1")]
    [InlineData("prices", """{"weight_mb":{"ms":1e300}}""", "to 1000000")]
    [InlineData("prices", """{"weight_mb":{"ms":"1"}}""", "no number")]
    [InlineData("prices", """{"weight_mb":{"ms":1,"lowest":2,"highest":1}}""", "above its 'highest'")]
    [InlineData("prices", """{"weights":{"ms":1}}""", "weight_mb")]
    [InlineData("prices", """{"weight_mb":{"ms":0}}""", "above 0")]
    [InlineData("prices", "[]", "object")]
    [InlineData("description", null, "description")]
    public void What_a_profile_does_not_have_is_refused_by_name(string member, string? value, string word)
    {
        var profile = JsonNode.Parse(DeviceProfileJson.Serialize(DeviceProfiles.Get("rv1126")))!.AsObject();
        if (value is null) profile.Remove(member);
        else profile[member] = JsonNode.Parse(value);
        Refused(word, () => DeviceProfileJson.Parse(profile.ToJsonString(), "own.json"), "own.json");
    }

    [Theory]
    [InlineData("")]
    [InlineData("null")]
    [InlineData("{")]
    [InlineData("""{"name":"a","name":"b"}""")]
    public void What_is_no_profile_at_all_is_refused(string json) =>
        Refused("own.json", () => DeviceProfileJson.Parse(json, "own.json"));

    private static (Graph Graph, QuantizationPlan Plan) Mixed()
    {
        var builder = new GraphBuilder(TensorShape.Map(3, 8, 8));
        builder.Append("a", new Convolution(3, 4, 3, 1, 1, PaddingStyle.Symmetric, HasBias: true));
        var relu = builder.AppendActivation("a.act", ActivationKind.Relu);
        builder.Append("b", new Convolution(4, 4, 3, 1, 4, PaddingStyle.Symmetric, HasBias: true));
        var silu = builder.AppendActivation("b.act", ActivationKind.Silu);
        builder.Append("sum", new Add(), silu, relu);
        builder.Append("pool", new GlobalAveragePool());
        builder.Append("flat", new Flatten());
        builder.Append("fc", new Linear(4, 5, HasBias: true));
        var graph = builder.Build();
        string[] wide = ["b", "b.act", "sum"];
        var plan = new QuantizationPlan { Arithmetic = IntegerArithmetic.Onnx };
        foreach (var node in graph.Nodes)
        {
            bool isWide = wide.Contains(node.Name);
            plan = plan with
            {
                Values = plan.Values.Add(node.Name, new ValueQuantization(isWide ? ElementType.I16 : ElementType.U8, 0.1f)),
            };
        }

        return (graph, plan);
    }

    private static Graph Chain()
    {
        var builder = new GraphBuilder(TensorShape.Map(3, 8, 8));
        builder.Append("a", new Convolution(3, 4, 3, 1, 1, PaddingStyle.Symmetric, HasBias: true));
        return builder.Build();
    }

    private static double Ms(DeviceProfile profile, string name, int? size, string type) =>
        profile.Predict(ArchitectureRegistry.Get(name).Build(new BuildOptions { Height = size, Width = size }), type).Ms;

    private static void Refused(string word, Action action, string also = "")
    {
        var error = Assert.Throws<InvalidInputException>(action);
        Assert.Contains(word, error.Message, StringComparison.Ordinal);
        Assert.Contains(also, error.Message, StringComparison.Ordinal);
        Assert.DoesNotContain('\n', error.Message);
    }
}
