using EfficientNetSharp.Architectures;
using EfficientNetSharp.Architectures.Scaling;
using EfficientNetSharp.Costs;
using EfficientNetSharp.Graphs;

namespace EfficientNetSharp.Tests.Architectures.Scaling;

public sealed class ScalingSearchTests
{
    private static readonly string[] Baselines =
        ["efficientnet_b0", "efficientnet_lite0", "mobilenetv1_100", "mobilenet_v2", "resnet18", "resnet50", "iresnet18", "mobilefacenet"];

    [Fact]
    public void Nothing_larger_along_the_ray_fits_by_brute_force()
    {
        Gen.Select(Gen.Int[0, Baselines.Length - 1], Gen.Double[-3, 2], Gen.Double[-3, 2], Gen.Int[0, 2], Gen.Int[-1, 4]).Sample(
            (index, macsDoublings, parameterDoublings, kind, rayIndex) =>
            {
                string name = Baselines[index];
                var baseline = ArchitectureRegistry.Get(name);
                var costs = GraphCosts.Of(baseline.Build());
                var budget = new ScalingBudget
                {
                    Macs = kind == 1 ? null : (long)(costs.Macs * Math.Pow(2, macsDoublings)),
                    Parameters = kind == 0 ? null : (long)(costs.Parameters * Math.Pow(2, parameterDoublings)),
                };
                var ray = rayIndex < 0 ? new ScalingRay("compound", CompoundScaling.EfficientNet) : ScalingRay.Alternatives[rayIndex];
                var found = new ScalingSearch(baseline, budget).Along(ray, TestContext.Current.CancellationToken);
                var counted = GraphCosts.Of(ray.Scaling.Apply(baseline, found.Phi).Build());
                Assert.Equal((counted.Macs, counted.Parameters), (found.Macs, found.Parameters));
                Assert.Equal(found.Fits, Fits(counted, budget));
                for (double above = found.Phi + 0.02; above < found.Phi + 2 && !found.IsLargestSearched && found.Fits; above += 0.02)
                    Assert.False(Fits(GraphCosts.Of(ray.Scaling.Apply(baseline, above).Build()), budget), $"{name} {ray.Name} {above}");
                // The very next steps, where rounding bites.
                for (int step = 1; step <= 40 && !found.IsLargestSearched && found.Fits; step++)
                    Assert.False(Fits(GraphCosts.Of(ray.Scaling.Apply(baseline, Math.Round(found.Phi + (step * 0.001), 3)).Build()),
                        budget), $"{name} {ray.Name} +{step}");
            },
            iter: 24, threads: 1);
    }

    [Fact]
    public void A_budget_is_used_well_along_the_compound_ray()
    {
        var result = new ScalingSearch(ArchitectureRegistry.Get("efficientnet_b0"), new ScalingBudget { Macs = 1_800_000_000 })
            .Run(cancellationToken: TestContext.Current.CancellationToken);
        Assert.InRange(result.Chosen.Macs, 1_750_000_000, 1_800_000_000);
        // The ray passes near B3, which is φ = 2 in the paper.
        Assert.InRange(result.Chosen.Phi, 1.8, 2.1);
        Assert.Equal(ScalingRay.Alternatives.Select(ray => ray.Name), result.Alternatives.Select(other => other.Ray.Name));
        Assert.All(result.Alternatives, other => Assert.True(other.Fits && other.Macs <= 1_800_000_000));
    }

    [Fact]
    public void Where_nothing_fits_the_smallest_is_shown()
    {
        var found = new ScalingSearch(ArchitectureRegistry.Get("efficientnet_b0"), new ScalingBudget { Macs = 1000 })
            .Along(new ScalingRay("compound", CompoundScaling.EfficientNet), TestContext.Current.CancellationToken);
        Assert.False(found.Fits);
        Assert.Equal(32, found.Architecture.Resolution);
        Assert.True(found.SharesOf(new ScalingBudget { Macs = 1000 })[0].Share > 1);
    }

    [Fact]
    public void Resolution_does_not_change_parameters_so_they_do_not_limit_it()
    {
        var found = new ScalingSearch(ArchitectureRegistry.Get("resnet18"), new ScalingBudget { Parameters = 12_000_000 })
            .Along(ScalingRay.Alternatives.Single(ray => ray.Name == "resolution only"), TestContext.Current.CancellationToken);
        Assert.True(found is { Fits: true, IsLargestSearched: true });
    }

    [Theory]
    [InlineData(3, 1)]
    [InlineData(12, 1)]
    [InlineData(40, 0.8)]
    [InlineData(500, 1.2)]
    [InlineData(12, 1, 400_000_000L)]
    public void A_latency_is_never_exceeded_and_few_networks_are_measured(double limit, double exponent, long? macs = null)
    {
        var clock = new CountingModel(graph => 1.5 + (8 * Math.Pow(GraphCosts.Of(graph).Macs / 4e8, exponent)));
        var budget = new ScalingBudget { LatencyMs = limit, Macs = macs };
        var found = new ScalingSearch(ArchitectureRegistry.Get("efficientnet_b0"), budget, latency: clock)
            .Along(new ScalingRay("compound", CompoundScaling.EfficientNet), TestContext.Current.CancellationToken);
        int measured = clock.Calls;
        Assert.True(found.Fits);
        Assert.True(found.LatencyMs <= limit && found.Macs <= (macs ?? long.MaxValue));
        // Well used, or the next network is too slow: a step of rounding can be large, as B0's from no scaling to the least.
        var next = found.Ray.Scaling.Apply(ArchitectureRegistry.Get("efficientnet_b0"), found.Phi + ScalingSearch.LatencyPhiIncrement)
            .Build();
        Assert.True(found.LatencyMs >= 0.9 * limit || clock.EstimateMs(next) > limit || !Fits(GraphCosts.Of(next), budget));
        Assert.InRange(measured, 1, 10);
    }

    [Fact]
    public void A_latency_that_no_network_keeps_is_said()
    {
        var found = new ScalingSearch(ArchitectureRegistry.Get("mobilenet_v2"), new ScalingBudget { LatencyMs = 1 },
            latency: new CountingModel(_ => 2))
            .Along(new ScalingRay("compound", CompoundScaling.EfficientNet), TestContext.Current.CancellationToken);
        Assert.False(found.Fits);
        Assert.Equal(2, found.LatencyMs);
    }

    [Fact]
    public void Useless_questions_are_refused()
    {
        var b0 = ArchitectureRegistry.Get("efficientnet_b0");
        Assert.Throws<InvalidInputException>(() => new ScalingSearch(b0, new ScalingBudget()));
        Assert.Throws<InvalidInputException>(() => new ScalingSearch(b0, new ScalingBudget { Macs = 0 }));
        Assert.Throws<ArgumentException>(() => new ScalingSearch(b0, new ScalingBudget { LatencyMs = 5 }));
        Assert.Throws<ArgumentException>(() => new ScalingSearch(b0, new ScalingBudget { Macs = 5 }, new BuildOptions { Height = 32 }));
        Assert.Throws<InvalidInputException>(() => new ScalingSearch(b0, new ScalingBudget { Macs = 5 })
            .Along(new ScalingRay("none", new CompoundScaling(1, 1, 1)), TestContext.Current.CancellationToken));
    }

    private static bool Fits(GraphCosts costs, ScalingBudget budget) =>
        costs.Macs <= (budget.Macs ?? long.MaxValue) && costs.Parameters <= (budget.Parameters ?? long.MaxValue);

    private sealed class CountingModel(Func<Graph, double> time) : ILatencyModel
    {
        public int Calls { get; private set; }

        public string Name => "a formula";

        public double EstimateMs(Graph graph)
        {
            Calls++;
            return time(graph);
        }
    }
}
