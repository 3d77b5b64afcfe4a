using EfficientNetSharp.Costs.Devices;
using EfficientNetSharp.Costs.Devices.Fitting;

namespace EfficientNetSharp.Cli.Support.Devices;

/// <summary>Devices and fits for people.</summary>
internal static class DeviceView
{
    public static void Write(Terminal terminal, DeviceProfile profile)
    {
        terminal.Output.WriteLine($"{profile.Name}: {profile.Description}");
        if (profile.Source.Length > 0) terminal.Output.WriteLine(profile.Source);
        terminal.Output.WriteLine(profile.Model == DeviceModel.Sum
            ? "A step takes the sum of its terms, each an amount of work times its price; a network takes the sum of its steps."
            : "A step takes its launches and the longest of its other terms, each an amount of work times its price; a network takes the sum of its steps.");
        var table = new TextTable().Left("term").Right("price").Right("lowest").Right("highest").Left("unit");
        foreach (var (term, price) in profile.Prices)
        {
            table.Add(
                DeviceTerms.NameOf(term), NumberText.Rounded(price.Ms), price.Lowest is { } low ? NumberText.Rounded(low) : "–",
                price.Highest is { } high ? NumberText.Rounded(high) : "–", DeviceTerms.UnitOf(term));
        }

        terminal.Write(table);
        if (profile.Prices.Values.Any(price => price.Lowest is not null))
            terminal.Output.WriteLine("Lowest and highest: the price with one network's rows left out.");
        foreach (var (name, type) in profile.Types)
            terminal.Output.WriteLine($"{name}: {NumberText.Counted(type.Bytes, "byte")} a value, a multiply-add counts as {NumberText.Of(type.Passes)}");
        terminal.Output.WriteLine($"Maps are computed in tiles of {profile.TilePixels} pixels.");
    }

    public static void Write(Terminal terminal, DeviceFit fit)
    {
        terminal.Output.WriteLine($"Model '{DeviceProfileJson.WordOf(fit.Profile.Model)}':");
        var rows = new TextTable().Left("row").Right("ms").Right("predicted").Right("error").Right("left out");
        foreach (var row in fit.Rows.Where(row => row.Measurement.Group == row.Measurement.Name))
        {
            string name = row.Measurement.Weight > 0 ? row.Measurement.Name : $"{row.Measurement.Name} (not fitted)";
            rows.Add(name, $"{row.Measurement.Ms:F2}", $"{row.Ms:F2}", Percent(row.Error), Percent(row.LeftOutError));
        }

        foreach (var group in fit.Rows.Where(row => row.Measurement.Group != row.Measurement.Name).GroupBy(row => row.Measurement.Group))
        {
            double ms = group.Sum(row => row.Measurement.Ms), predicted = group.Sum(row => row.Ms);
            double? leftOut = group.Any(row => row.LeftOutMs is null) ? null : group.Sum(row => row.LeftOutMs!.Value);
            rows.Add(
                $"{group.Key}, {NumberText.Counted(group.Count(), "layer")} together", $"{ms:F2}", $"{predicted:F2}",
                Percent((predicted / ms) - 1), Percent((leftOut / ms) - 1));
        }

        terminal.Write(rows);
        terminal.Output.WriteLine($"Errors with a row's network left out, root mean square: {Percent(fit.LeftOutError)[1..]}");
        var prices = new TextTable().Left("term").Right("price").Right("lowest").Right("highest").Left("what the rows say");
        var known = fit.Identification;
        foreach (var (term, price) in fit.Profile.Prices)
        {
            string say = known.Absent.Contains(term) ? "nothing: no row has it"
                : known.Zero.Contains(term) ? "no more than other terms already do"
                : known.Uncertain.Contains(term) ? "little: one network decides more than half of it" : "the price";
            prices.Add(DeviceTerms.NameOf(term), NumberText.Rounded(price.Ms),
                price.Lowest is { } low ? NumberText.Rounded(low) : "–", price.Highest is { } high ? NumberText.Rounded(high) : "–", say);
        }

        terminal.Write(prices);
        terminal.Output.WriteLine(FormattableString.Invariant(
            $"{known.Rank} of {fit.Profile.Prices.Count - known.Absent.Length} prices are independent in the rows; condition {known.Condition:F0}"));
        foreach (var direction in known.Directions)
        {
            var (with, against) = (direction.Shares.Where(share => share.Share * direction.Shares[0].Share > 0).ToList(),
                direction.Shares.Where(share => share.Share * direction.Shares[0].Share < 0).ToList());
            terminal.Output.WriteLine(
                $"Hardly told apart: {Names(with)}{(against.Count == 0 ? "" : $" against {Names(against)}")}.");
        }

        static string Names(IEnumerable<(DeviceTerm Term, double Share)> shares) =>
            string.Join(" and ", shares.Select(share => DeviceTerms.NameOf(share.Term)));
    }

    public static string Percent(double? share) => share is { } value && double.IsFinite(value)
        ? FormattableString.Invariant($"{100 * value:+0.0;-0.0;+0.0} %")
        : "–";
}
