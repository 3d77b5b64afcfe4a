namespace EfficientNetSharp;

/// <summary>The numbers that a setting may have: stated once, for the check, the message and the help.</summary>
/// <param name="Min">The least.</param>
/// <param name="Max">The greatest; positive infinity for no bound, which is not a value itself.</param>
/// <param name="IncludesMin">Whether <paramref name="Min"/> is a value itself.</param>
/// <param name="IncludesMax">Whether <paramref name="Max"/> is a value itself.</param>
public readonly record struct NumberRange(double Min, double Max, bool IncludesMin = true, bool IncludesMax = true)
{
    /// <summary>A share that may not be the whole: 0 and more, below 1.</summary>
    public static NumberRange ShareBelow1 { get; } = new(0, 1, IncludesMax: false);

    /// <summary>All finite numbers above a bound.</summary>
    /// <param name="bound">The bound, not a value itself.</param>
    public static NumberRange Above(double bound) => new(bound, double.PositiveInfinity, IncludesMin: false);

    /// <summary>Whether 0, which mostly turns something off, is a value beside the range.</summary>
    public bool OrZero { get; init; }

    /// <summary>Whether a number lies in the range; NaN and infinities never do.</summary>
    /// <param name="value">The number.</param>
    public bool Contains(double value) =>
        (OrZero && value == 0)
        || (double.IsFinite(value) && (IncludesMin ? value >= Min : value > Min) && (IncludesMax ? value <= Max : value < Max));

    /// <summary>The number itself, if it lies in the range.</summary>
    /// <param name="value">The number.</param>
    /// <param name="what">What it is, the message's first words.</param>
    /// <exception cref="InvalidInputException">It does not; the message states the bounds and the number.</exception>
    public double Require(double value, string what) =>
        Contains(value) ? value : throw new InvalidInputException(NumberText.Refusal(value, this, what));

    /// <summary>The range in words, such as <c>1 to 65536</c> or <c>above 0 and below 1</c>.</summary>
    public override string ToString() => OrZero ? "0 or " + Bounds() : Bounds();

    private string Bounds()
    {
        string min = NumberText.Of(Min), max = NumberText.Of(Max);
        if (double.IsPositiveInfinity(Max)) return IncludesMin ? $"at least {min}" : $"above {min}";
        return (IncludesMin, IncludesMax) switch
        {
            (true, true) => $"{min} to {max}",
            (false, true) => $"above {min} and at most {max}",
            (true, false) => $"at least {min} and below {max}",
            _ => $"above {min} and below {max}",
        };
    }
}
