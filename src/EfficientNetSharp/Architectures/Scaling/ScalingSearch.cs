using System.Collections.Immutable;
using EfficientNetSharp.Costs;

namespace EfficientNetSharp.Architectures.Scaling;

/// <summary>
/// Finds how far a baseline can be scaled, up or down, within a budget. The rule: along the compound ray the largest φ whose
/// network keeps every part of the budget. The alternatives show what the same budget buys along other rays.
/// </summary>
/// <remarks>
/// φ is searched in steps of <see cref="PhiIncrement"/>, so that it can be typed and gives the same network again. Counts are exact. A
/// latency is asked for few networks, since measuring one takes about a second: the search stops once nine tenths of the time are
/// used or the next step is under <see cref="LatencyPhiIncrement"/>, and what it gives has been measured to fit.
/// </remarks>
public sealed class ScalingSearch
{
    /// <summary>Steps of φ: fine enough to tell resolutions of neighbouring pixels apart up to 7,000 (γ = 1.15).</summary>
    public const double PhiIncrement = 0.001;

    /// <summary>
    /// Steps of φ below which latencies are not told apart: a twentieth of a doubling, 3.5 %, is what measuring repeats to.
    /// </summary>
    public const double LatencyPhiIncrement = 0.05;

    /// <summary>The most that depth, width or resolution are multiplied or divided by. L2, the largest published, has 5.3.</summary>
    public const double MaxMultiplier = 16;

    private readonly Architecture _baseline;
    private readonly ScalingBudget _budget;
    private readonly BuildOptions _options;
    private readonly ILatencyModel? _latency;
    private readonly Dictionary<string, (long Macs, long Parameters)> _counts = new(StringComparer.Ordinal);
    private readonly Dictionary<string, double> _latencies = new(StringComparer.Ordinal);

    /// <summary>Prepares a search.</summary>
    /// <param name="baseline">The network to scale.</param>
    /// <param name="budget">What the result may cost.</param>
    /// <param name="options">Classes and input channels; without a size, which is what is sought.</param>
    /// <param name="latency">Measures or models time; needed with <see cref="ScalingBudget.LatencyMs"/>.</param>
    /// <exception cref="ArgumentException">The options name a size, or a latency is limited and nothing tells it.</exception>
    /// <exception cref="InvalidInputException">The budget limits nothing, or a limit is not positive.</exception>
    public ScalingSearch(Architecture baseline, ScalingBudget budget, BuildOptions? options = null, ILatencyModel? latency = null)
    {
        ArgumentNullException.ThrowIfNull(baseline);
        ArgumentNullException.ThrowIfNull(budget);
        (_baseline, _budget, _options, _latency) = (baseline, budget, options ?? new BuildOptions(), latency);
        if (_options.Height is not null || _options.Width is not null) throw new ArgumentException("The size is what is sought.",
            nameof(options));
        if (budget.IsEmpty) throw new InvalidInputException(
            "A budget is expected to limit multiply-adds, parameters or latency, found none; name at least one.");
        if (budget is { Macs: <= 0 } or { Parameters: <= 0 } || budget.LatencyMs is { } time && !(time > 0 && double.IsFinite(time)))
            throw new InvalidInputException("A budget's limits are expected to be positive; raise the one that is not.");
        if (budget.LatencyMs is not null && latency is null) throw new ArgumentException("A latency is limited, and nothing tells it.",
            nameof(latency));
    }

    /// <summary>Searches along the compound ray and along <see cref="ScalingRay.Alternatives"/>.</summary>
    /// <param name="compound">
    /// The bases of the compound ray; the paper's where <see langword="null"/>. With others, the paper's are among the alternatives.
    /// </param>
    /// <param name="cancellationToken">Stops between measurements.</param>
    /// <exception cref="InvalidInputException">The bases are all 1.</exception>
    public ScalingSearchResult Run(CompoundScaling? compound = null, CancellationToken cancellationToken = default)
    {
        var paper = new ScalingRay("compound", CompoundScaling.EfficientNet);
        var main = compound is null || compound == paper.Scaling ? paper : new ScalingRay("compound, your α β γ", compound);
        var others = main == paper ? ScalingRay.Alternatives
            : ScalingRay.Alternatives.Insert(0, paper with { Name = "compound, the paper's α β γ" });
        var chosen = Along(main, cancellationToken);
        return new ScalingSearchResult(chosen, [.. others.Select(ray => Along(ray, cancellationToken))]);
    }

    /// <summary>Searches along one ray.</summary>
    /// <returns>The largest network that fits; where none does, the smallest, with <see cref="ScaledCandidate.Fits"/> false.</returns>
    /// <exception cref="InvalidInputException">The ray's bases are all 1.</exception>
    public ScaledCandidate Along(ScalingRay ray, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(ray);
        var (min, max) = ScalingRange.Of(_baseline, ray.Scaling, PhiIncrement, MaxMultiplier);
        if (!CountsFit(ray, min)) return Candidate(ray, min, max, fits: false);
        int largest = LargestByCounts(ray, min, max, cancellationToken);
        if (_budget.LatencyMs is not { } limit) return Candidate(ray, largest, max, fits: true);

        var search = new LatencySearch(
            step => LatencyOf(ray, step), step => CountsFit(ray, step), limit, Math.Log2(ray.Scaling.Budget) * PhiIncrement,
            (int)Math.Round(LatencyPhiIncrement / PhiIncrement));
        return search.Largest(min, largest, cancellationToken) is { } step
            ? Candidate(ray, step, max, fits: true)
            : Candidate(ray, min, max, fits: false);
    }

    /// <summary>The network a number of steps along a ray.</summary>
    internal Architecture At(ScalingRay ray, int step) => ray.Scaling.Apply(_baseline, PhiAt(step));

    // The nearest double to the decimal number, so that what is printed is what was used.
    private static double PhiAt(int step) => Math.Round(step * PhiIncrement, 3);

    internal bool CountsFit(ScalingRay ray, int step)
    {
        var (macs, parameters) = CountsOf(At(ray, step));
        return macs <= (_budget.Macs ?? long.MaxValue) && parameters <= (_budget.Parameters ?? long.MaxValue);
    }

    // Bisection, as counts grow with φ. Rounding could make a network a little cheaper than the one before it, so the neighbourhood
    // above is looked through as well: within a quarter of a doubling growth outweighs any rounding.
    private int LargestByCounts(ScalingRay ray, int min, int max, CancellationToken cancellationToken)
    {
        if (CountsFit(ray, max)) return max;
        int fits = min, fails = max;
        while (fails - fits > 1)
        {
            cancellationToken.ThrowIfCancellationRequested();
            int middle = fits + ((fails - fits) / 2);
            if (CountsFit(ray, middle)) fits = middle;
            else fails = middle;
        }

        int neighbours = (int)(0.25 / PhiIncrement);
        for (int step = Math.Min(max, fits + neighbours); step > fits; step--)
        {
            if (CountsFit(ray, step)) return step;
        }

        return fits;
    }

    private (long Macs, long Parameters) CountsOf(Architecture scaled)
    {
        string key = ScaledNetworkKey.Of(scaled);
        if (_counts.TryGetValue(key, out var counts)) return counts;
        var costs = GraphCosts.Of(scaled.Build(_options));
        return _counts[key] = (costs.Macs, costs.Parameters);
    }

    private double LatencyOf(ScalingRay ray, int step)
    {
        var scaled = At(ray, step);
        string key = ScaledNetworkKey.Of(scaled);
        if (!_latencies.TryGetValue(key, out double latency)) _latencies[key] = latency = _latency!.EstimateMs(scaled.Build(_options));
        return latency;
    }

    private ScaledCandidate Candidate(ScalingRay ray, int step, int max, bool fits)
    {
        var scaled = At(ray, step);
        var (macs, parameters) = CountsOf(scaled);
        return new ScaledCandidate
        {
            Ray = ray,
            Phi = PhiAt(step),
            Architecture = scaled,
            Macs = macs,
            Parameters = parameters,
            LatencyMs = _latencies.TryGetValue(ScaledNetworkKey.Of(scaled), out double latency) ? latency : null,
            Fits = fits,
            IsLargestSearched = fits && step == max,
        };
    }
}
