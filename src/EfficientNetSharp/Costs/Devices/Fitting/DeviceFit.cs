using System.Collections.Immutable;

namespace EfficientNetSharp.Costs.Devices.Fitting;

/// <summary>A row of a fit.</summary>
/// <param name="Measurement">What was measured.</param>
/// <param name="Ms">What the fitted profile predicts.</param>
/// <param name="LeftOutMs">
/// What a profile predicts that was fitted without the row's group; <see langword="null"/> without other rows.
/// </param>
public sealed record FittedRow(DeviceMeasurement Measurement, double Ms, double? LeftOutMs)
{
    /// <summary>The relative error, as 0.05 for a prediction 5 % too high.</summary>
    public double Error => (Ms / Measurement.Ms) - 1;

    /// <summary>As <see cref="Error"/>, with the row's group left out.</summary>
    public double? LeftOutError => (LeftOutMs / Measurement.Ms) - 1;
}

/// <summary>
/// Prices of a device's terms from measured times: those that are 0 or more and make the weighted squared relative errors smallest.
/// </summary>
public sealed class DeviceFit
{
    // Damped rounds of the roofline's fit: after each the term that bounds each step is chosen anew.
    private const int Rounds = 40;

    private const double Damping = 0.5;

    private const int PriceDigits = 5;

    private const double Nothing = 1e-7;

    private static readonly ImmutableArray<DeviceTerm> SumTerms =
    [
        DeviceTerm.WeightMegabytes, DeviceTerm.ConvolutionGmacs, DeviceTerm.PointwiseGmacs, DeviceTerm.TensorLaunches,
        DeviceTerm.TensorMegavalues, DeviceTerm.ShaderLaunches, DeviceTerm.ShaderMegavalues,
    ];

    private DeviceFit(DeviceProfile profile, ImmutableArray<FittedRow> rows, Identification identification) =>
        (Profile, Rows, Identification) = (profile, rows, identification);

    /// <summary>The fitted profile; its prices have the ranges that they had with each group left out.</summary>
    public DeviceProfile Profile { get; }

    /// <summary>The rows, in their order.</summary>
    public ImmutableArray<FittedRow> Rows { get; }

    /// <summary>What the rows say about the prices, and what not.</summary>
    public Identification Identification { get; }

    /// <summary>
    /// The root mean square of the relative errors, each row predicted without its group and counted as it was in the fit; infinite where
    /// nothing can be left out.
    /// </summary>
    public double LeftOutError => LeftOut(Rows);

    /// <summary>The terms of a model. Maps that move cost time of their own only where nothing else hides it.</summary>
    public static ImmutableArray<DeviceTerm> TermsOf(DeviceModel model) =>
        model == DeviceModel.Sum ? SumTerms : [.. Enum.GetValues<DeviceTerm>()];

    /// <summary>Fits.</summary>
    /// <param name="structure">What is not fitted: types, tiles, the names.</param>
    /// <param name="model">How terms make a time.</param>
    /// <param name="measurements">The rows.</param>
    /// <exception cref="InvalidInputException">There are no rows that count, or a time or weight is no positive number.</exception>
    public static DeviceFit Run(DeviceProfile structure, DeviceModel model, IReadOnlyList<DeviceMeasurement> measurements)
    {
        ArgumentNullException.ThrowIfNull(structure);
        ArgumentNullException.ThrowIfNull(measurements);
        foreach (var row in measurements)
        {
            NumberRange.Above(0).Require(row.Ms, $"The time of {Files.OneLine.Quote(row.Name)} in ms");
            new NumberRange(0, double.PositiveInfinity).Require(row.Weight, $"The weight of {Files.OneLine.Quote(row.Name)}");
        }

        if (!measurements.Any(row => row.Weight > 0))
            throw new InvalidInputException("A fit is expected to have a row that counts at least, found none; give rows with a weight above 0.");
        var unpriced = structure with { Model = model };
        var works = measurements.Select(row => row.Operations.Select(unpriced.WorkOf).ToArray()).ToArray();
        var all = Enumerable.Range(0, measurements.Count).ToArray();
        var terms = TermsOf(model);
        var whole = Prices(all);
        var without = measurements.Select(row => row.Group).Distinct().ToDictionary(
            group => group, group => all.Where(i => measurements[i].Group != group).ToArray() is var others
                && others.Any(i => measurements[i].Weight > 0)
                && measurements.Any(row => row.Group == group && row.Weight > 0) ? Prices(others) : null);
        var profile = WithPrices(whole, [.. without.Values.OfType<double[]>()]);
        ImmutableArray<FittedRow> rows = [.. all.Select(i => new FittedRow(
            measurements[i], Ms(profile, works[i]),
            without[measurements[i].Group] is { } others ? Ms(WithPrices(others, []), works[i]) : null))];
        return new DeviceFit(profile with { Source = SourceOf(rows) }, rows, Identification.Of(terms, Matrix(all, whole), profile));

        double[] Prices(int[] chosen)
        {
            double[] current = [.. terms.Select(term => HalfOfWhole(term, chosen))];
            if (model == DeviceModel.Sum) return Solve(chosen, current);
            double best = double.PositiveInfinity;
            double[] kept = current;
            for (int round = 0; round < Rounds; round++)
            {
                double[] next = Solve(chosen, current);
                current = [.. current.Select((price, k) => price + (Damping * (next[k] - price)))];
                var candidate = WithPrices(current, []);
                double error = chosen.Sum(i => measurements[i].Weight * Math.Pow((Ms(candidate, works[i]) / measurements[i].Ms) - 1, 2));
                if (error < best) (best, kept) = (error, current);
            }

            // Damping halves what is to be 0 and never gets there.
            return [.. kept.Select(price => price < Nothing ? 0 : price)];
        }

        // Half the price at which some row's time would be of this term alone: where the choice of bounds begins.
        double HalfOfWhole(DeviceTerm term, int[] chosen) =>
            chosen.Select(i => (measurements[i].Ms, Work: works[i].Sum(work => work[term]))).Where(row => row.Work > 0)
                .Select(row => row.Ms / row.Work / 2).DefaultIfEmpty(0).Min();

        double[] Solve(int[] chosen, double[] bounds)
        {
            var matrix = Matrix(chosen, bounds);
            return NonNegativeLeastSquares.Solve(matrix, [.. chosen.Select(i => Math.Sqrt(measurements[i].Weight))]);
        }

        // A row for each measurement, its work over its time. In a roofline a step has its launches and the term that bounds it.
        double[][] Matrix(int[] chosen, double[] prices)
        {
            var bounds = WithPrices(prices, []);
            return [.. chosen.Select(i =>
            {
                double scale = Math.Sqrt(measurements[i].Weight) / measurements[i].Ms;
                return terms.Select(term => scale * works[i].Sum(work =>
                    model == DeviceModel.Sum || DeviceProfile.IsLaunch(term) || bounds.BoundOf(work) == term ? work[term] : 0)).ToArray();
            })];
        }

        string SourceOf(ImmutableArray<FittedRow> fitted)
        {
            double[] errors = [.. fitted.Where(row => row.Measurement.Weight > 0).GroupBy(row => row.Measurement.Group)
                .Where(group => group.Count() == 1).Select(group => Math.Abs(group.Single().Error))];
            string rowsOf = NumberText.Counted(errors.Length, "network");
            return errors.Length == 0 ? "Prices fitted to times of single layers."
                : FormattableString.Invariant($"Prices fitted to the times of {rowsOf}, which they give back within {100 * errors.Max():F1} %; a network that was left out within {100 * LeftOut(fitted):F1} % (root mean square).");
        }

        DeviceProfile WithPrices(double[] prices, IReadOnlyList<double[]> others) => unpriced with
        {
            Prices = terms.Select((term, k) => (term, k)).ToImmutableSortedDictionary(pair => pair.term, pair => new DevicePrice(
                Rounded(prices[pair.k]), others.Count == 0 ? null : Rounded(others.Min(other => other[pair.k])),
                others.Count == 0 ? null : Rounded(others.Max(other => other[pair.k])))),
        };
    }

    // More digits than times have would pretend to be known.
    private static double Rounded(double price) =>
        NumberText.TryParse(NumberText.Rounded(price, PriceDigits), out double rounded) ? rounded : price;

    private static double LeftOut(ImmutableArray<FittedRow> rows)
    {
        var counted = rows.Where(row => row.Measurement.Weight > 0 && row.LeftOutError is not null).ToList();
        return counted.Count == 0 ? double.PositiveInfinity : Math.Sqrt(
            counted.Sum(row => row.Measurement.Weight * row.LeftOutError!.Value * row.LeftOutError.Value)
            / counted.Sum(row => row.Measurement.Weight));
    }

    private static double Ms(DeviceProfile profile, DeviceWork[] works) => works.Sum(profile.MsOf);
}
