using EfficientNetSharp.Architectures;
using EfficientNetSharp.Arrays;
using EfficientNetSharp.Costs.Devices;
using EfficientNetSharp.Graphs;
using EfficientNetSharp.Inference;
using EfficientNetSharp.Models;
using EfficientNetSharp.Quantization.Measuring;
using EfficientNetSharp.Quantization.Repairs;
using EfficientNetSharp.Quantization.Search;
using EfficientNetSharp.Testing;
using EfficientNetSharp.Testing.IntegerMath;

namespace EfficientNetSharp.Quantization.Tests.Search;

public sealed class MixedPlannerTests
{
    private static CancellationToken Cancelled => TestContext.Current.CancellationToken;

    private static readonly DeviceProfile Device = DeviceProfiles.Get("rv1126");

    public static TheoryData<string> Targets => new(PlanTarget.All.Select(target => target.Name));

    [Theory]
    [MemberData(nameof(Targets))]
    public void A_drop_is_honoured_on_images_that_the_search_did_not_see(string name)
    {
        var target = PlanTarget.Of(name);
        foreach (var (network, seed, points) in new[] { ("efficientnet_b0", 3UL, 0.5), ("mobilenet_v2", 4UL, 100) })
        {
            using var calibrated = Calibrated(network, seed);
            var limit = SearchLimit.Drop(points, DropMeasure.Cosine);
            var made = new MixedPlanner(target, Device, limit).Plan(calibrated, cancellationToken: Cancelled);
            var search = made.Search!;
            var (judged, drop) = calibrated.Judge(made, DropMeasure.Cosine, Cancelled);
            Assert.Equal((judged, drop), (search.Chosen.Judged, search.Chosen.Drop));
            Assert.Equal(100 * (1 - judged.MeanCosine), drop.Points, 1e-6);
            if (search.KeepsLimit) Assert.InRange(drop.Points + drop.Error, 0, points);
            else Assert.Equal(search.Layers.Length, search.Tried[^1].Wide.Count);

            // Only what the target takes; converters as counted; the time as predicted for the very network.
            target.Check(made.Graph);
            var types = made.Graph.Quantization!.Values.Values.Select(value => value.Type).Distinct().ToList();
            Assert.All(types, type => Assert.Contains(type, new[] { target.Narrow.ValueType, target.Wide.ValueType }));
            var prediction = Device.Predict(made.Graph);
            Assert.Equal(search.Chosen.Converters, prediction.Converters);
            Assert.Equal(search.Chosen.Ms, prediction.Ms, 6);
            Assert.Equal(prediction.Converters, made.Graph.Nodes.Count(node => node.Operator is Activation { Kind: ActivationKind.Identity }));
            Assert.Contains(search.Chosen, search.Tried);
            if (points == 100) Assert.Empty(search.Chosen.Wide);

            // The next narrower plan that is cheaper was judged, and does not keep the limit.
            if (search.KeepsLimit && search.Tried[..search.Tried.IndexOf(search.Chosen)].LastOrDefault(point => point.Ms < search.Chosen.Ms) is { } before)
                Assert.False(limit.Keeps(before.Drop!.Value));

            Assert.Equal(search.Tried.OrderBy(point => point.Wide.Count), search.Tried);
        }
    }

    [Theory]
    [MemberData(nameof(Targets))]
    public void The_engine_runs_a_mixed_plan_as_the_reference_does(string name)
    {
        var target = PlanTarget.Of(name);
        using var calibrated = Calibrated("efficientnet_b0", 7);
        var layers = PlanLayer.Of(calibrated.Graph);
        var (ranges, _) = MixedPlans.NarrowRanges(calibrated, target, made => calibrated.Judge(made, Cancelled).SignalToNoise);
        var plans = new MixedPlans(calibrated, target, layers, ranges);
        var (floats, narrow) = plans.Make(new HashSet<string>());
        var repaired = narrow with
        {
            Weights = new PlanRepair(floats, calibrated.Weights, calibrated.Options) { AdaptsRounding = true }
                .Apply(narrow.Graph, narrow.Weights, calibrated.Images, cancellationToken: Cancelled),
        };
        var random = new Random(1);
        for (int i = 0; i < 4; i++)
        {
            var wide = layers.Where(_ => random.Next(2) == 0).Select(layer => layer.Name).ToHashSet();
            var (_, network) = (i % 2 == 0 ? plans : plans.With(repaired)).Make(wide);
            target.Check(network.Graph);
            using var engine = EngineRunner.Create(network.Graph, network.Weights, new PlanOptions { Threads = 1 });
            using var reference = new IntegerReferenceRunner(network.Graph, network.Weights);
            float[] actual = new float[10], exact = new float[10];
            ((IModelRunner)engine).Run(calibrated.Images[0], 1, actual);
            ((IModelRunner)reference).Run(calibrated.Images[0], 1, exact);
            if (target.Narrow.RoundsOutput) Assert.Equal(exact, actual);
            else Assert.All(exact.Zip(actual), pair => Assert.Equal(pair.First, pair.Second, 1e-4f));
        }
    }

    [Theory]
    [InlineData(0.8)]
    [InlineData(0.5)]
    [InlineData(0.2)]
    public void No_plan_of_the_way_is_left_out_before_the_chosen_one(double shareOfLoss)
    {
        using var calibrated = Calibrated("efficientnet_b0", 3);
        var narrow = SearchOf(SearchLimit.Drop(100, DropMeasure.Cosine));
        double whole = narrow.Judge(narrow.Try(MixedSearch.None)).Point.Drop!.Value.Points;
        var search = SearchOf(SearchLimit.Drop(shareOfLoss * whole, DropMeasure.Cosine));
        // All lose the same, so that most sets on the way are not tried at first.
        var path = new WideningPath(search, [.. search.Layers.Select(layer => new LayerSensitivity(layer, 1, 0, 0))]);
        var choice = new PlanChoice(search, path);
        Assert.True(choice.KeepsLimit);
        int chosen = path.PlaceOf(choice.Point);
        Assert.InRange(chosen, 1, path.Sets.Count - 1);
        // The last of the cheaper ones before it was judged, and none of those that were keeps the limit.
        int last = path.Sets.FindLastIndex(chosen - 1, wide => search.Cost(wide).Ms < choice.Point.Ms);
        Assert.NotNull(path.Tried.Single(point => path.PlaceOf(point) == last).Drop);
        Assert.All(path.Tried.Where(point => point.Ms < choice.Point.Ms && point.Drop is not null), point => Assert.False(search.Limit.Keeps(point.Drop!.Value)));
        Assert.Equal(path.Tried.OrderBy(path.PlaceOf), path.Tried);

        MixedSearch SearchOf(SearchLimit limit)
        {
            var made = new MixedSearch(calibrated, PlanTarget.Rv1126, Device, limit, null, Cancelled);
            var (ranges, _) = MixedPlans.NarrowRanges(calibrated, PlanTarget.Rv1126, network => made.Measure(network).SignalToNoise);
            made.Plans = new MixedPlans(calibrated, PlanTarget.Rv1126, made.Layers, ranges);
            return made;
        }
    }

    [Fact]
    public void Narrow_layers_are_the_repaired_ones_and_wide_ones_are_not()
    {
        using var calibrated = Calibrated("efficientnet_b0", 7);
        var layers = PlanLayer.Of(calibrated.Graph);
        var (ranges, _) = MixedPlans.NarrowRanges(calibrated, PlanTarget.Rv1126, made => calibrated.Judge(made, Cancelled).SignalToNoise);
        var plans = new MixedPlans(calibrated, PlanTarget.Rv1126, layers, ranges);
        var (floats, narrow) = plans.Make(new HashSet<string>());
        var weights = new PlanRepair(floats, calibrated.Weights, calibrated.Options) { AdaptsRounding = true }
            .Apply(narrow.Graph, narrow.Weights, calibrated.Images, cancellationToken: Cancelled);
        var repaired = plans.With(narrow with { Weights = weights });
        var wide = layers.Where((_, i) => i % 3 == 0).Select(layer => layer.Name).ToHashSet();
        var (before, after) = (plans.Make(wide).Network, repaired.Make(wide).Network);
        int taken = 0;
        foreach (var layer in layers)
        foreach (var parameter in layer.Nodes.SelectMany(node => node.Parameters))
        {
            var expected = wide.Contains(layer.Name) ? before.Weights[parameter] : weights[parameter];
            Assert.Equal(expected.Values, after.Weights[parameter].Values);
            if (!wide.Contains(layer.Name) && !before.Weights[parameter].Values.SequenceEqual(expected.Values)) taken++;
        }

        Assert.True(taken > 50, $"Only {taken} tensors were repaired.");
        Assert.All(repaired.Make(new HashSet<string>()).Network.Weights, pair => Assert.Equal(weights[pair.Key].Values, pair.Value.Values));
    }

    [Fact]
    public void A_time_is_kept_and_what_fits_no_more_is_refused()
    {
        using var calibrated = Calibrated("efficientnet_b0", 9);
        double narrow = Device.Predict(calibrated.Graph, "int8").Ms, wide = Device.Predict(calibrated.Graph, "int16").Ms;
        double max = (narrow + wide) / 2;
        var search = new MixedPlanner(PlanTarget.Rv1126, Device, SearchLimit.Time(max, DropMeasure.Cosine)).Plan(calibrated, cancellationToken: Cancelled).Search!;
        Assert.InRange(search.Chosen.Ms, narrow, max);
        Assert.True(search.Chosen.Searched.SignalToNoise >= search.Tried[0].Searched.SignalToNoise);
        // No tried plan that keeps the time is nearer to the floats.
        Assert.DoesNotContain(search.Tried, point => point.Ms <= max && point.Searched.SignalToNoise > search.Chosen.Searched.SignalToNoise);

        var error = Assert.Throws<InvalidInputException>(
            () => new MixedPlanner(PlanTarget.Rv1126, Device, SearchLimit.Time(0.9 * narrow, DropMeasure.Cosine)).Plan(calibrated, cancellationToken: Cancelled));
        Assert.Contains("int8", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_layer_that_alone_loses_is_widened_and_named()
    {
        // Weights a thousand times the others' for a channel that is always 0: they drown the others on their common scale, and no channel can be
        // equalized for them.
        var builder = new GraphBuilder(TensorShape.Map(3, 12, 12));
        builder.Append("first", new Convolution(3, 8, 3, 1, 1, PaddingStyle.Symmetric, HasBias: true));
        builder.AppendActivation("first.act", ActivationKind.Relu);
        builder.Append("loses", new Convolution(8, 8, 1, 1, 1, PaddingStyle.Symmetric, HasBias: true));
        builder.AppendActivation("loses.act", ActivationKind.Silu);
        builder.Append("last", new Convolution(8, 8, 3, 1, 1, PaddingStyle.Symmetric, HasBias: true));
        builder.Append("mean", new GlobalAveragePool());
        var graph = builder.Build();
        var weights = SyntheticWeights.For(graph, 3);
        float[] dead = [.. weights["first.weight"].Values], bias = [.. weights["first.bias"].Values], loud = [.. weights["loses.weight"].Values];
        dead.AsSpan(0, 27).Clear();
        bias[0] = 0;
        for (int i = 0; i < 8; i++) loud[i * 8] *= 1000;
        var tensors = weights.ToDictionary(pair => pair.Key, pair => pair.Value, StringComparer.Ordinal);
        tensors["first.weight"] = new WeightTensor(weights["first.weight"].Shape, dead);
        tensors["first.bias"] = new WeightTensor(weights["first.bias"].Shape, bias);
        tensors["loses.weight"] = new WeightTensor(weights["loses.weight"].Shape, loud);
        float[][] images = [.. Enumerable.Range(0, 16).Select(i => SyntheticInput.Batch(graph.Input.Shape, 1, (ulong)i))];
        using var calibrated = CalibratedNetwork.Of(graph, new WeightSet(tensors), images[..8], images[8..], new PlanOptions { Threads = 1 }, cancellationToken: Cancelled);
        // Launches of converters would be dearer than such small layers.
        var device = Device with { Prices = Device.Prices.RemoveRange(Device.Prices.Keys.Where(term => term != DeviceTerm.WeightMegabytes)) };
        var search = new MixedPlanner(PlanTarget.Rv1126, device, SearchLimit.Drop(0.02, DropMeasure.Cosine)).Plan(calibrated, cancellationToken: Cancelled).Search!;
        Assert.Contains("loses", search.Chosen.Wide);
        Assert.Equal("loses", search.Layers.MaxBy(layer => layer.Noise)!.Layer.Name);
        Assert.Contains("loses (", search.Describe(), StringComparison.Ordinal);
        Assert.True(search.Tried[0].Ms < search.Chosen.Ms);
    }

    [Fact]
    public void What_a_target_does_not_take_is_refused_by_name()
    {
        using var calibrated = Calibrated("mobilenet_v2", 2);
        var plans = new MixedPlans(
            calibrated, PlanTarget.Onnx, PlanLayer.Of(calibrated.Graph),
            MixedPlans.NarrowRanges(calibrated, PlanTarget.Onnx, made => calibrated.Judge(made, Cancelled).SignalToNoise).Ranges);
        var graph = plans.Make(new HashSet<string>()).Network.Graph;
        var plan = graph.Quantization!;
        string layer = graph.Nodes.First(node => node.Operator is Convolution).Name;
        Refused("Rknn", PlanTarget.Rv1126, graph);
        Refused("no quantization plan", PlanTarget.Onnx, calibrated.Graph);
        Refused(layer, PlanTarget.Onnx, graph.WithQuantization(plan with
        {
            Values = plan.Values.SetItem(layer, plan.Values[layer] with { Type = ElementType.I8, ZeroPoint = 0 }),
        }));
        // A wide value without a converter before it.
        Refused("put a converter between", PlanTarget.Onnx, graph.WithQuantization(plan with
        {
            Values = plan.Values.SetItem(layer, new(ElementType.I16, 0.01f)),
        }));
        Assert.Contains("rv1126-timvx", Assert.Throws<InvalidInputException>(() => PlanTarget.Of("rknn")).Message, StringComparison.Ordinal);
        Assert.Contains("int16", Assert.Throws<InvalidInputException>(() => new MixedPlanner(
            PlanTarget.Onnx, Device with { Types = Device.Types.Remove("int16") }, SearchLimit.Drop(1, DropMeasure.Cosine)).Plan(calibrated, cancellationToken: Cancelled)).Message,
            StringComparison.Ordinal);

        static void Refused(string word, PlanTarget target, Graph network) =>
            Assert.Contains(word, Assert.Throws<InvalidInputException>(() => target.Check(network)).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Ranks_correlate_as_closed_forms_say()
    {
        Assert.Equal(1, RankCorrelation.Of([1, 2, 9], [0.1, 5, 7])!.Value, 12);
        Assert.Equal(-1, RankCorrelation.Of([1, 2, 9], [3, 2, 1])!.Value, 12);
        // 1 − 6·Σd²/(n·(n² − 1)) with d = 0, 1, 1, 0.
        Assert.Equal(0.8, RankCorrelation.Of([1, 2, 3, 4], [1, 3, 2, 4])!.Value, 12);
        Assert.Null(RankCorrelation.Of([1, 1, 1], [1, 2, 3]));
        Assert.Null(RankCorrelation.Of([1, 2], [1, 2]));
    }

    private static CalibratedNetwork Calibrated(string network, ulong seed)
    {
        var graph = ArchitectureRegistry.Get(network).Scale(0.25, 0.3, 33).Build(new BuildOptions { Classes = 10 });
        var weights = SyntheticWeights.For(graph, seed, gain: 2);
        float[][] images = [.. Enumerable.Range(0, 14).Select(i => SyntheticInput.Batch(graph.Input.Shape, 1, (ulong)i))];
        return CalibratedNetwork.Of(graph, weights, images[..8], images[8..], new PlanOptions { Threads = 1 }, cancellationToken: Cancelled);
    }
}
