using System.Collections.Immutable;
using EfficientNetSharp.Architectures;
using EfficientNetSharp.Architectures.Scaling;
using EfficientNetSharp.Costs;
using EfficientNetSharp.Studies.Search;

namespace EfficientNetSharp.Studies.Strategies;

/// <summary>
/// Finds how far each strategy goes to the multiply-adds that are asked for, and to the time that compound scaling's network takes there.
/// </summary>
/// <param name="baseline">The network that is scaled.</param>
/// <param name="classes">Classes of the data.</param>
/// <param name="latency">What tells times.</param>
public sealed class StrategyPlanner(Architecture baseline, int classes, ILatencyModel latency)
{
    // φ in thousandths can be typed; times are not told apart below a twentieth of a doubling.
    private const double PhiIncrement = ScalingSearch.PhiIncrement, LatencyPhiIncrement = ScalingSearch.LatencyPhiIncrement;

    // Beyond twelve doublings of the multiply-adds nobody scales.
    private const double MaxPhi = 12;

    private readonly Dictionary<(int Nodes, long Parameters, int Side), double> _times = [];

    /// <summary>Finds the networks.</summary>
    /// <param name="factor">Multiply-adds as a multiple of the baseline's.</param>
    /// <param name="progress">Told of each strategy before it is searched.</param>
    /// <param name="cancellationToken">Stops between networks.</param>
    /// <exception cref="InvalidInputException">The factor is out of range, or a strategy does not go so far.</exception>
    public StrategySettings Plan(double factor, IProgress<string>? progress = null, CancellationToken cancellationToken = default)
    {
        StrategySettings.CheckFactor(factor);
        double macs = factor * MacsOf(baseline);
        var strategies = ScalingStrategy.All.Where(strategy => factor > 1 ? strategy.MaxPhi > 0 : strategy.MinPhi < 0).ToList();
        var points = ImmutableArray.CreateBuilder<StrategyPoint>();
        foreach (var strategy in strategies)
        {
            progress?.Report(strategy.Name);
            double phi = Nearest(strategy, macs, PhiIncrement, network => MacsOf(network), factor > 1, cancellationToken);
            points.Add(PointOf(strategy, SearchCost.Macs, phi));
            // Both ways of equality meet in the compound's network.
            if (strategy == strategies[0]) continue;
            phi = Nearest(strategy, points[0].Ms, LatencyPhiIncrement, MsOf, factor > 1, cancellationToken);
            points.Add(PointOf(strategy, SearchCost.Latency, phi));
        }

        return new StrategySettings { Factor = factor, BaselineMs = MsOf(baseline), Latency = latency.Name, Points = points.ToImmutable() };
    }

    private StrategyPoint PointOf(ScalingStrategy strategy, SearchCost cost, double phi)
    {
        var network = strategy.Coefficients(phi).Apply(baseline);
        return new StrategyPoint(strategy.Name, cost, phi, MacsOf(network), MsOf(network));
    }

    // The φ whose network is nearest to a cost by their ratio. Costs grow with φ but for rounding, which only decides between neighbours.
    private double Nearest(
        ScalingStrategy strategy, double cost, double increment, Func<Architecture, double> costOf, bool grows, CancellationToken cancellationToken)
    {
        int below = grows ? 0 : (int)Math.Ceiling(Math.Max(strategy.MinPhi, -MaxPhi) / increment);
        int above = grows ? (int)Math.Floor(Math.Min(strategy.MaxPhi, MaxPhi) / increment) : 0;
        // Doubling first: the largest networks of the range take seconds to be timed.
        for (int step = (int)Math.Round(0.5 / increment); grows && step < above; step *= 2)
        {
            if (At(step) < cost) continue;
            above = step;
            break;
        }

        if (At(above) < cost || At(below) > cost)
        {
            throw new InvalidInputException(
                $"The strategy '{strategy.Name}' does not bring '{baseline.Name}' to the cost that compound scaling has; take a factor nearer to 1.");
        }

        while (above - below > 1)
        {
            cancellationToken.ThrowIfCancellationRequested();
            int middle = below + ((above - below) / 2);
            if (At(middle) < cost) below = middle;
            else above = middle;
        }

        return PhiAt(cost / At(below) < At(above) / cost ? below : above);

        double At(int step) => costOf(strategy.Coefficients(PhiAt(step)).Apply(baseline));

        double PhiAt(int step) => Math.Round(step * increment, 3);
    }

    private long MacsOf(Architecture network) => Paper.EqualCost.MacsOf(network, classes);

    // A network that comes up twice has one time.
    private double MsOf(Architecture network)
    {
        var graph = network.Build(new BuildOptions { Classes = classes });
        var key = (graph.Nodes.Length, GraphCosts.Of(graph).Parameters, network.Resolution);
        if (!_times.TryGetValue(key, out double ms)) _times[key] = ms = latency.EstimateMs(graph);
        return ms;
    }
}
