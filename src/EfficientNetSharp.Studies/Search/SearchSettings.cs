namespace EfficientNetSharp.Studies.Search;

/// <summary>How accuracy and cost become one number.</summary>
public enum RewardKind
{
    /// <summary>ACC · (cost/target)^w (Tan et al. 2019; the EfficientNet paper with w = −0.07).</summary>
    Soft,

    /// <summary>ACC + w · |cost/target − 1|, which leads to the target itself (Bender et al. 2020, TuNAS).</summary>
    Absolute,
}

/// <summary>What a network costs in a search.</summary>
public enum SearchCost
{
    /// <summary>Multiply-adds.</summary>
    Macs,

    /// <summary>Measured or modelled time for one image, in milliseconds.</summary>
    Latency,
}

/// <summary>How a baseline is searched.</summary>
public sealed record SearchSettings
{
    /// <summary>Networks that evolution tries, and as many that random search does. Default 100.</summary>
    public int Trials { get; init; } = 100;

    /// <summary>Networks that are alive; the oldest dies for each new one. Default 20.</summary>
    public int Population { get; init; } = 20;

    /// <summary>Networks drawn from the population, of which the best has a child. Default 5, a quarter as in Real et al. 2019.</summary>
    public int Tournament { get; init; } = 5;

    /// <summary>
    /// Children under way at once: each is decided without the results of so many before it less one, so that as many processes have work.
    /// Default 1.
    /// </summary>
    public int Parallel { get; init; } = 1;

    /// <summary>The reward. Default <see cref="RewardKind.Soft"/>.</summary>
    public RewardKind Reward { get; init; }

    /// <summary>The reward's w, below 0. Default −0.07.</summary>
    public double Exponent { get; init; } = -0.07;

    /// <summary>What counts as cost. Default <see cref="SearchCost.Macs"/>.</summary>
    public SearchCost Cost { get; init; }

    /// <summary>
    /// What tells the time where that is the cost: <see cref="Costs.ILatencyModel.Name"/>; <see langword="null"/> where it is not.
    /// </summary>
    public string? Latency { get; init; }

    /// <summary>
    /// The cost aimed at, in multiply-adds or milliseconds; <see langword="null"/> for the multiply-adds of the baseline.
    /// </summary>
    public double? Target { get; init; }

    /// <summary>Epochs of the final trainings as a multiple of the search's. Default 3.</summary>
    public int FinalEpochs { get; init; } = 3;

    /// <summary>Checks that each number is in its range.</summary>
    /// <exception cref="InvalidInputException">One is not; the message names it.</exception>
    public void Check()
    {
        Require(Trials, 1, 1_000_000, "The search's trials");
        Require(Population, 1, 100_000, "The search's population");
        Require(Tournament, 1, Population, "The search's tournament, which is drawn from the population");
        Require(Parallel, 1, 1000, "The search's children at once");
        Require(Exponent, -100, -1e-6, "The reward's exponent");
        Require(FinalEpochs, 1, 1000, "The final epochs' multiple");
        if (Target is { } target) Require(target, 1e-9, 1e18, "The search's target");
        if (Cost == SearchCost.Latency && (Target is null || Latency is null))
            throw new InvalidInputException("A search by latency expects a target and what tells the time, as --target-latency 2ms does; name both.");

        static void Require(double value, double min, double max, string what)
        {
            var range = new NumberRange(min, max);
            if (!range.Contains(value)) throw new InvalidInputException(NumberText.Refusal(value, range, what));
        }
    }

    /// <summary>A network's reward.</summary>
    /// <param name="accuracy">Its accuracy, 0…1.</param>
    /// <param name="cost">Its cost.</param>
    /// <param name="target">The cost aimed at.</param>
    public double RewardOf(double accuracy, double cost, double target) => Reward == RewardKind.Soft
        ? accuracy * Math.Pow(cost / target, Exponent)
        : accuracy + (Exponent * Math.Abs((cost / target) - 1));
}
