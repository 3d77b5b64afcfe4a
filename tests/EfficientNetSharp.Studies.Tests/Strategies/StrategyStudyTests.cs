using EfficientNetSharp.Architectures;
using EfficientNetSharp.Architectures.Scaling;
using EfficientNetSharp.Costs;
using EfficientNetSharp.Graphs;
using EfficientNetSharp.Studies.Search;
using EfficientNetSharp.Studies.Strategies;
using EfficientNetSharp.Studies.Trials;

namespace EfficientNetSharp.Studies.Tests.Strategies;

public sealed class StrategyStudyTests
{
    private static readonly Architecture Baseline = new ScalingCoefficients(1, 0.5, 1).Apply(ArchitectureRegistry.Get("efficientnet_b0"), 64);

    /// <summary>The networks of a factor where time follows activations.</summary>
    public static StrategySettings Plan(double factor) => new StrategyPlanner(Baseline, 3, new ActivationTime()).Plan(factor);

    [Theory]
    [InlineData(4)]
    [InlineData(0.4)]
    public void Networks_have_the_cost_that_they_are_compared_at(double factor)
    {
        var found = Plan(factor);
        found.Check();
        double macs = factor * MacsOf(Baseline);
        var compound = found.Points[0];
        Assert.Equal(("compound", SearchCost.Macs), (compound.Strategy, compound.Cost));
        string[] all = [.. ScalingStrategy.All.Select(strategy => strategy.Name).Where(name => factor < 1 || name != "tinynet")];
        Assert.Equal(all, found.Points.Select(point => point.Strategy).Distinct());
        // All but the compound twice.
        Assert.Equal((2 * all.Length) - 1, found.Points.Length);
        foreach (var point in found.Points)
        {
            var network = ScalingStrategy.Get(point.Strategy).Coefficients(point.Phi).Apply(Baseline);
            Assert.Equal(point.Macs, MacsOf(network));
            // Half a network's step to either side, which is large for so small ones.
            if (point.Cost == SearchCost.Macs) Assert.InRange(point.Macs / macs, 0.8, 1.25);
            else Assert.InRange(point.Ms / compound.Ms, 0.85, 1.2);
        }

        // What the strategy is for: at equal time it has more multiply-adds, which activations grow slowest with.
        if (factor > 1) Assert.True(found.Points.Single(point => point is { Strategy: "fast", Cost: SearchCost.Latency }).Macs > 1.5 * macs);
    }

    [Fact]
    public void The_study_compares_each_strategy_with_the_compound_at_both_costs()
    {
        var settings = SmallStudies.Settings(StudyKind.Strategies) with { Baselines = [Baseline], Factors = [], Strategies = Plan(4) };
        var study = Study.Of(settings);
        Assert.Equal(10, study.Trials(new Dictionary<string, TrialResult>()).Length);
        var verdicts = study.Judge(new Dictionary<string, TrialResult>());
        Assert.Equal(8, verdicts.Length);
        Assert.Contains(verdicts, verdict => verdict.Claim.Text == "fast is better than compound at equal time");
        Assert.Contains("million multiply-adds", study.Remarks(new Dictionary<string, TrialResult>())[0], StringComparison.Ordinal);
        Assert.Contains("activations", study.Lead, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(1.01, "other than 1")]
    [InlineData(0.001, "The factor of multiply-adds")]
    public void Factors_that_compare_nothing_are_refused(double factor, string why) => Assert.Contains(
        why, Assert.Throws<InvalidInputException>(() => Plan(factor)).Message, StringComparison.Ordinal);

    [Fact]
    public void A_study_without_networks_is_refused() => Assert.Contains(
        "begin it anew",
        Assert.Throws<InvalidInputException>(() => Study.Of(SmallStudies.Settings(StudyKind.Strategies))).Message, StringComparison.Ordinal);

    private static long MacsOf(Architecture network) => GraphCosts.Of(network.Build(new BuildOptions { Classes = 3 })).Macs;

    // A millisecond for each hundred thousand activations.
    private sealed class ActivationTime : ILatencyModel
    {
        public string Name => "activations";

        public double EstimateMs(Graph graph) => graph.Nodes.Where(node => node.Operator is Convolution).Sum(node => (double)node.Shape.Count) / 1e5;
    }
}
