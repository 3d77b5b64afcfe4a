namespace EfficientNetSharp.Quantization.Search;

/// <summary>A search's choice as people would say it.</summary>
internal static class SearchWords
{
    // Names beyond these are counted.
    private const int MaxNames = 8;

    public static string Of(SearchResult result)
    {
        var (target, chosen, all) = (result.Target, result.Chosen, result.Layers);
        string ms = FormattableString.Invariant($"{chosen.Ms:F2} ms predicted on {Files.OneLine.Clean(result.Device)}");
        if (chosen.Wide.Count == 0) return $"All {all.Length} layers in {target.NarrowType}: {ms}. {Reason(result)}";
        if (chosen.Wide.Count == all.Length) return $"All {all.Length} layers in {target.WideType}: {ms}. {Reason(result)}";
        double noise = all.Sum(layer => layer.Noise);
        var wide = all.Where(layer => chosen.Wide.Contains(layer.Layer.Name)).OrderByDescending(layer => layer.Noise).ToList();
        var narrow = result.Tried[0];
        double macs = all.Sum(layer => (double)layer.Layer.Macs);
        string names = string.Join(", ", wide.Take(MaxNames).Select(layer =>
            $"{Files.OneLine.Clean(layer.Layer.Name)} ({Percent(layer.Noise / noise)})"));
        string more = wide.Count > MaxNames ? $" and {wide.Count - MaxNames} more" : "";
        return FormattableString.Invariant(
            $"{target.NarrowType} but {NumberText.Counted(wide.Count, "layer")} of {all.Length}: {names}{more} in {target.WideType}, because they make {Percent(wide.Sum(layer => layer.Noise) / noise)} of what rounding to {target.NarrowType} loses, with {Percent(macs == 0 ? 0 : wide.Sum(layer => layer.Layer.Macs) / macs)} of the multiply-adds. {ms} instead of {narrow.Ms:F2}, {NumberText.Counted(chosen.Converters, "converter")} included. {Reason(result)}");
    }

    private static string Reason(SearchResult result)
    {
        var (limit, judged, measured) = (result.Limit, result.Chosen.Judged!, result.Chosen.Drop!.Value);
        string drop = FormattableString.Invariant($"{limit.Measure.Describe(measured.Points)} ({NumberText.Counted(judged.Images, "image")} that the search did not see, ± {measured.Error:0.##})");
        return limit.MaxDrop is { } max
            ? FormattableString.Invariant($"{drop}; {max:0.##} % were allowed{(result.KeepsLimit ? "" : ", and no plan keeps that")}.")
            : FormattableString.Invariant($"{limit.MaxMs:0.##} ms were allowed; {drop}.");
    }

    private static string Percent(double share) => FormattableString.Invariant($"{100 * share:0.#} %");
}
