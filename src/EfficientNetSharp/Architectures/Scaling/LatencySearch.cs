namespace EfficientNetSharp.Architectures.Scaling;

/// <summary>
/// Finds the largest step whose latency keeps a limit with few measurements: each guess supposes that the logarithm of time grows
/// evenly with φ.
/// </summary>
/// <param name="latencyAt">Measures the network at a step, in milliseconds.</param>
/// <param name="allowed">Whether the network at a step keeps the rest of the budget.</param>
/// <param name="limitMs">The limit.</param>
/// <param name="doublingsPerStep">By how many doublings the multiply-adds grow in a step.</param>
/// <param name="finest">Steps below which latencies are not told apart.</param>
internal sealed class LatencySearch(Func<int, double> latencyAt, Func<int, bool> allowed, double limitMs, double doublingsPerStep,
    int finest)
{
    // Aimed a little below the limit, so that most guesses fit; and good enough from nine tenths.
    private const double Aim = 0.97, GoodEnough = 0.9;

    // Doublings that one guess may go up: what is measured on the way stays near the limit, for a network far over it takes minutes.
    private const double LongestClimb = 3;

    private (int Step, double Ms)? _fits, _fails;

    /// <summary>The largest step found to fit, or <see langword="null"/> where not even the least does.</summary>
    public int? Largest(int min, int max, CancellationToken cancellationToken)
    {
        int guess = Math.Clamp(0, min, max), descent = finest;
        while (true)
        {
            cancellationToken.ThrowIfCancellationRequested();
            while (guess > min && !allowed(guess)) guess--;
            if (_fits is { } reached && guess <= reached.Step) return reached.Step;
            double ms = latencyAt(guess);
            if (ms <= limitMs) _fits = (guess, ms);
            else _fails = (guess, ms);

            if (_fits is { } fits)
            {
                int ceiling = (_fails?.Step ?? max + 1) - 1;
                if (fits.Step >= max || ceiling - fits.Step < finest || fits.Ms >= GoodEnough * limitMs) return fits.Step;
                guess = _fails is { } above ? Between(fits, above) : Math.Min(max, fits.Step + Climb(fits.Ms));
                continue;
            }

            if (guess == min) return null;
            // Small networks cost more than their counts say, so each step down is at least twice the one before.
            descent = Math.Max(2 * descent, (int)(Math.Log2(ms / limitMs) / doublingsPerStep));
            guess = Math.Max(min, guess - descent);
        }
    }

    private int Climb(double ms) =>
        Math.Max(finest, (int)(Math.Min(LongestClimb, Math.Log2(Aim * limitMs / ms)) / doublingsPerStep));

    // By interpolation, but always at least a fifth of the way from either end: that halves the rest in a few guesses whatever the curve.
    private int Between((int Step, double Ms) fits, (int Step, double Ms) fails)
    {
        double share = Math.Log(Aim * limitMs / fits.Ms) / Math.Log(fails.Ms / fits.Ms);
        int gap = fails.Step - fits.Step;
        return fits.Step + Math.Clamp((int)(Math.Clamp(share, 0.2, 0.8) * gap), 1, gap - 1);
    }
}
