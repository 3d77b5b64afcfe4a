using System.Globalization;

namespace EfficientNetSharp.Evaluation.Reports.Writing;

/// <summary>Numbers as a report prints them.</summary>
internal static class Numbers
{
    /// <summary>0.8734 → 87.3%.</summary>
    public static string Percent(double share) => share.ToString("0.0%", CultureInfo.InvariantCulture);

    /// <summary>5288548 → 5,288,548.</summary>
    public static string Whole(long value) => value.ToString("N0", CultureInfo.InvariantCulture);

    /// <summary>“1 image”, “2,000 images”.</summary>
    public static string Counted(long value, string one, string many) => NumberText.Counted(value, one, many);

    /// <summary>Three digits and a unit: 5288548 → 5.29 M.</summary>
    public static string Short(long value)
    {
        (double scaled, string unit) = value switch
        {
            >= 1_000_000_000 => (value / 1e9, " G"),
            >= 1_000_000 => (value / 1e6, " M"),
            >= 10_000 => (value / 1e3, " k"),
            _ => (value, ""),
        };
        string format = scaled >= 100 || unit.Length == 0 ? "0" : scaled >= 10 ? "0.0" : "0.00";
        return scaled.ToString(format, CultureInfo.InvariantCulture) + unit;
    }

    /// <summary>At most four characters, for a cell of a heat map: 1234 → 1.2k.</summary>
    public static string Cell(long value) => value switch
    {
        < 1000 => value.ToString(CultureInfo.InvariantCulture),
        < 9950 => (value / 1e3).ToString("0.0", CultureInfo.InvariantCulture) + "k",
        < 999_500 => (value / 1e3).ToString("0", CultureInfo.InvariantCulture) + "k",
        _ => (value / 1e6).ToString("0", CultureInfo.InvariantCulture) + "M",
    };

    /// <summary>With a fixed number of digits after the decimal point.</summary>
    public static string Fixed(double value, int digits) =>
        value.ToString("F" + digits.ToString(CultureInfo.InvariantCulture), CultureInfo.InvariantCulture);

    /// <summary>
    /// Bounds of the share behind <paramref name="share"/> of <paramref name="count"/> independent trials, at 95 per cent (Wilson 1927).
    /// </summary>
    public static (double Low, double High) Interval(double share, long count)
    {
        const double Z = 1.959964; // the normal distribution's 97.5 per cent point
        double n = count, centre = (share + (Z * Z / (2 * n))) / (1 + (Z * Z / n));
        double half = Z / (1 + (Z * Z / n)) * Math.Sqrt((share * (1 - share) / n) + (Z * Z / (4 * n * n)));
        return (Math.Max(0, centre - half), Math.Min(1, centre + half));
    }
}
