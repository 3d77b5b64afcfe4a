namespace EfficientNetSharp.Evaluation.Verification;

/// <summary>The regularised incomplete beta function, whose complement sums the binomial distribution's tail.</summary>
internal static class IncompleteBeta
{
    /// <summary>I_x(a, b) for a, b above 0 and x within 0 … 1, by Lentz's method for its continued fraction (DLMF 8.17.22).</summary>
    public static double Regularized(double a, double b, double x)
    {
        if (x <= 0) return 0;
        if (x >= 1) return 1;
        // The fraction converges fast below the mean; above, the mirrored one does.
        if (x > (a + 1) / (a + b + 2)) return 1 - Regularized(b, a, 1 - x);
        double logFactor = LogGamma(a + b) - LogGamma(a) - LogGamma(b) + (a * Math.Log(x)) + (b * double.LogP1(-x));
        return Math.Exp(logFactor) / a / Fraction(a, b, x);
    }

    private static double Fraction(double a, double b, double x)
    {
        const double Tiny = 1e-300;
        // Of the order of the square root of the larger parameter.
        const int MaxTerms = 1_000_000;
        double value = 1, c = 1, d = 0;
        for (int term = 1; term <= MaxTerms; term++)
        {
            int m = term / 2;
            double coefficient = term % 2 == 0
                ? m * (b - m) * x / ((a + (2 * m) - 1) * (a + (2 * m)))
                : -(a + m) * (a + b + m) * x / ((a + (2 * m)) * (a + (2 * m) + 1));
            d = 1 + (coefficient * d);
            if (d == 0) d = Tiny;
            d = 1 / d;
            c = 1 + (coefficient / c);
            if (c == 0) c = Tiny;
            double step = c * d;
            value *= step;
            if (Math.Abs(step - 1) < 1e-15) break;
        }

        return value;
    }

    // Stirling's series, whose error is below 1e-16 from 15 on; smaller arguments are raised by Γ(x + 1) = x · Γ(x).
    private static double LogGamma(double x)
    {
        double shift = 0;
        for (; x < 15; x++) shift += Math.Log(x);
        double square = 1 / (x * x);
        double series = (1.0 / 12 - square * (1.0 / 360 - square * (1.0 / 1260 - square * (1.0 / 1680 - square / 1188)))) / x;
        return ((x - 0.5) * Math.Log(x)) - x + (0.5 * Math.Log(2 * Math.PI)) + series - shift;
    }
}
