using EfficientNetSharp.Evaluation.Verification;

namespace EfficientNetSharp.Studies.Statistics;

/// <summary>Student's t distribution.</summary>
internal static class StudentT
{
    /// <summary>
    /// The t that a share of the distribution lies within on either side of 0: 12.706 for 0.95 and one degree of freedom.
    /// </summary>
    /// <param name="confidence">The share, within 0 … 1.</param>
    /// <param name="freedom">Degrees of freedom, at least 1.</param>
    public static double TwoSided(double confidence, int freedom)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(freedom, 1);
        if (!(confidence is > 0 and < 1))
            throw new ArgumentOutOfRangeException(nameof(confidence), confidence, "A confidence is above 0 and below 1.");
        // P(|T| > t) = I_x(ν/2, 1/2) with x = ν/(ν + t²), which rises with x (Abramowitz and Stegun 26.7.1).
        double low = 0, high = 1;
        for (int i = 0; i < 200; i++)
        {
            double middle = (low + high) / 2;
            if (middle <= low || middle >= high) break;
            if (IncompleteBeta.Regularized(freedom / 2.0, 0.5, middle) < 1 - confidence) low = middle;
            else high = middle;
        }

        double x = (low + high) / 2;
        return Math.Sqrt(freedom * (1 - x) / x);
    }
}
