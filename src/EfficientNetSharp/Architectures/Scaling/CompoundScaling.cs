using System.Collections.Immutable;

namespace EfficientNetSharp.Architectures.Scaling;

/// <summary>Judges a scaled network, for example by training it for a while; more is better.</summary>
/// <param name="scaled">The network.</param>
/// <param name="scaling">The bases that gave it.</param>
public delegate double ScalingScorer(Architecture scaled, CompoundScaling scaling);

/// <summary>One row of a grid search over α, β and γ.</summary>
/// <param name="Scaling">The bases.</param>
/// <param name="Architecture">The network that they give.</param>
/// <param name="Score">What the scorer said.</param>
public sealed record RankedScaling(CompoundScaling Scaling, Architecture Architecture, double Score);

/// <summary>
/// Compound scaling (Tan and Le 2019, §3.3): one coefficient φ makes a network deeper by α^φ, wider by β^φ and its input larger
/// by γ^φ. With α·β²·γ² ≈ 2 each step of φ doubles the multiply-adds.
/// </summary>
/// <remarks>
/// The published B1–B7 do not follow from it: their multipliers are a table, close to φ = 0.5, 1, 2, 3.5, 5, 6, 7, and
/// <see cref="ArchitectureRegistry"/> holds that table.
/// </remarks>
public sealed record CompoundScaling
{
    // A base of 4 would make sixteen times the multiply-adds of a doubling already; larger ones are no scaling step.
    private const double MaxBase = 4;

    /// <summary>The share by which the paper's own α·β²·γ² = 1.9203 may miss 2, rounded up.</summary>
    public const double UsualTolerance = 0.1;

    /// <summary>Takes the bases; those of the paper for EfficientNet unless given.</summary>
    /// <param name="alpha">Depth, from 1.</param>
    /// <param name="beta">Width, from 1.</param>
    /// <param name="gamma">Resolution, from 1.</param>
    /// <exception cref="ArgumentOutOfRangeException">One is not between 1 and 4; the paper's constraint is α, β, γ ≥ 1.</exception>
    public CompoundScaling(double alpha = 1.2, double beta = 1.1, double gamma = 1.15)
    {
        Alpha = Checked(alpha, nameof(alpha));
        Beta = Checked(beta, nameof(beta));
        Gamma = Checked(gamma, nameof(gamma));
    }

    /// <summary>The paper's α = 1.2, β = 1.1, γ = 1.15, found by grid search around B0.</summary>
    public static CompoundScaling EfficientNet { get; } = new();

    /// <summary>Base of depth, α.</summary>
    public double Alpha { get; }

    /// <summary>Base of width, β.</summary>
    public double Beta { get; }

    /// <summary>Base of resolution, γ.</summary>
    public double Gamma { get; }

    /// <summary>α·β²·γ²: by how much a step of φ multiplies the multiply-adds, rounding aside.</summary>
    public double Budget => Alpha * Beta * Beta * Gamma * Gamma;

    /// <summary>Whether <see cref="Budget"/> is about 2, as the paper asks, so that φ counts doublings.</summary>
    public bool KeepsConstraint => Math.Abs(Budget - 2) <= UsualTolerance;

    /// <summary>The multipliers α^φ, β^φ and γ^φ.</summary>
    /// <param name="phi">The compound coefficient; 0 for the baseline, below for smaller networks.</param>
    /// <exception cref="ArgumentOutOfRangeException">φ is not finite.</exception>
    public ScalingCoefficients Coefficients(double phi)
    {
        if (!double.IsFinite(phi)) throw new ArgumentOutOfRangeException(nameof(phi), phi, "A finite coefficient is expected.");
        return new ScalingCoefficients(Math.Pow(Alpha, phi), Math.Pow(Beta, phi), Math.Pow(Gamma, phi));
    }

    /// <summary>The baseline scaled by φ; see <see cref="ScalingCoefficients.Apply(Architecture)"/> for rounding and name.</summary>
    /// <exception cref="ArgumentOutOfRangeException">φ is not finite.</exception>
    /// <exception cref="InvalidInputException">φ is so far out that a multiplier is not between 1/100 and 100.</exception>
    public Architecture Apply(Architecture baseline, double phi) => Coefficients(phi).Apply(baseline);

    /// <summary>
    /// The grid of the paper's search: all α, β, γ of 1, 1 + step, 1 + 2·step … with α·β²·γ² within the tolerance of 2, by rising
    /// α, then β, then γ.
    /// </summary>
    /// <param name="step">Distance of neighbours, 0.005 to 1.</param>
    /// <param name="tolerance">How far from 2 the product may be, 0 to 1.</param>
    /// <exception cref="ArgumentOutOfRangeException">A number is out of range.</exception>
    public static ImmutableArray<CompoundScaling> Candidates(double step = 0.05, double tolerance = UsualTolerance)
    {
        // Below 0.005 there are millions, of which most round to one network.
        if (step is not (>= 0.005 and <= 1)) throw new ArgumentOutOfRangeException(nameof(step), step,
            "A step from 0.005 to 1 is expected.");
        if (tolerance is not (>= 0 and <= 1)) throw new ArgumentOutOfRangeException(nameof(tolerance), tolerance,
            "A tolerance from 0 to 1 is expected.");
        double max = 2 + tolerance;
        var found = ImmutableArray.CreateBuilder<CompoundScaling>();
        foreach (double alpha in Grid(step, max))
        {
            foreach (double beta in Grid(step, Math.Sqrt(max / alpha)))
            {
                foreach (double gamma in Grid(step, Math.Sqrt(max / alpha) / beta))
                {
                    var scaling = new CompoundScaling(alpha, beta, gamma);
                    if (Math.Abs(scaling.Budget - 2) <= tolerance + Slack) found.Add(scaling);
                }
            }
        }

        return found.ToImmutable();
    }

    /// <summary>
    /// Ranks candidates by what a scorer says of the networks that they give; the paper takes φ = 1 and trains each. Candidates
    /// that round to one network are scored once.
    /// </summary>
    /// <returns>The best first; equals in the candidates' order.</returns>
    public static ImmutableArray<RankedScaling> Rank(
        Architecture baseline, IEnumerable<CompoundScaling> candidates, ScalingScorer scorer, double phi = 1)
    {
        ArgumentNullException.ThrowIfNull(candidates);
        ArgumentNullException.ThrowIfNull(scorer);
        var scores = new Dictionary<string, double>(StringComparer.Ordinal);
        return [.. candidates.Select(Score).OrderByDescending(ranked => ranked.Score)];

        RankedScaling Score(CompoundScaling scaling)
        {
            var scaled = scaling.Apply(baseline, phi);
            string network = ScaledNetworkKey.Of(scaled);
            if (!scores.TryGetValue(network, out double score)) scores[network] = score = scorer(scaled, scaling);
            return new RankedScaling(scaling, scaled, score);
        }
    }

    // Sums of steps such as 0.05 miss the decimal number that is meant by some 1e-16.
    private const double Slack = 1e-9;

    private static IEnumerable<double> Grid(double step, double max)
    {
        for (int i = 0; ; i++)
        {
            double value = Math.Round(1 + (i * step), 9);
            if (value > max + Slack) yield break;
            yield return value;
        }
    }

    private static double Checked(double value, string name) => value is >= 1 and <= MaxBase
        ? value
        : throw new ArgumentOutOfRangeException(name, value, "A base from 1 to 4 is expected.");
}
