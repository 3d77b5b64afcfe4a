namespace EfficientNetSharp.Quantization.Search;

/// <summary>The choice among the plans on a way: within a time the nearest to the floats, otherwise the cheapest that keeps the drop.</summary>
internal sealed class PlanChoice
{
    private readonly MixedSearch _search;
    private readonly WideningPath _path;
    private QuantizedNetwork? _network;
    private int _chosen = -1;

    /// <summary>Chooses.</summary>
    /// <param name="search">Whose.</param>
    /// <param name="path">The way; what is judged of it is noted there, and what is tried beside.</param>
    public PlanChoice(MixedSearch search, WideningPath path)
    {
        (_search, _path) = (search, path);
        Halve();
        if (search.Limit.MaxMs is null && Keeps(_chosen)) HalveBetween();
        if (Tried[0].Judged is null) Tried[0] = search.Judge(Tried[0]).Point;
    }

    /// <summary>The chosen plan.</summary>
    public PlanPoint Point => Tried[_chosen];

    /// <summary>Its network.</summary>
    public QuantizedNetwork Network => _network!;

    /// <summary>Whether it keeps the limit.</summary>
    public bool KeepsLimit => Keeps(_chosen);

    private List<PlanPoint> Tried => _path.Tried;

    private bool Keeps(int point) => _search.Limit.Keeps(Tried[point].Drop!.Value);

    // The first that keeps the limit, by halving: wider plans are nearer to the floats but for what images scatter. What costs no less than
    // a wider plan is passed over.
    private void Halve()
    {
        var all = Enumerable.Range(0, Tried.Count);
        int[] order = _search.Limit.MaxMs is { } max
            ? [.. all.Where(i => Tried[i].Ms <= max).OrderByDescending(i => Tried[i].Searched.SignalToNoise).Take(1)]
            : [.. Rising(all, i => Tried[i].Ms)];
        int low = 0, high = order.Length - 1;
        while (low <= high)
        {
            int middle = (low + high) / 2, at = order[middle];
            _search.Progress?.Report(new QuantizationProgress("judging plans", 1 - ((double)(high - low + 1) / order.Length)));
            (var network, Tried[at]) = _search.Judge(Tried[at]);
            // Where none keeps it, the last that is judged, the widest, is what there is.
            if (Keeps(at) || _chosen < 0 || !Keeps(_chosen)) (_network, _chosen) = (network, at);
            if (Keeps(at)) high = middle - 1;
            else low = middle + 1;
        }
    }

    // What was not tried between the chosen plan and the one before it that costs less.
    private void HalveBetween()
    {
        int upper = _path.PlaceOf(Point), before = Tried.FindLastIndex(_chosen, point => point.Ms < Point.Ms);
        if (before < 0) return;
        int first = _path.PlaceOf(Tried[before]) + 1;
        double most = Point.Ms;
        int[] order = [.. Rising(
            Enumerable.Range(first, upper - first).Where(place => MsOf(place) < most), MsOf)];
        int low = 0, high = order.Length - 1;
        while (low <= high)
        {
            int middle = (low + high) / 2, place = order[middle];
            _search.Progress?.Report(new QuantizationProgress("judging plans between", 1 - ((double)(high - low + 1) / order.Length)));
            var (network, point) = _search.Judge(_search.Try(_path.Sets[place]));
            int at = Tried.FindIndex(other => _path.PlaceOf(other) > place);
            Tried.Insert(at, point);
            if (Keeps(at)) (_network, _chosen, high) = (network, at, middle - 1);
            else (_chosen, low) = (_chosen + 1, middle + 1);
        }

        double MsOf(int place) => _search.Cost(_path.Sets[place]).Ms;
    }

    // Those than which none that follows costs as little, so that what they cost rises along the way.
    private static IEnumerable<int> Rising(IEnumerable<int> places, Func<int, double> msOf)
    {
        double least = double.PositiveInfinity;
        var rising = new List<int>();
        foreach (int place in places.Reverse())
        {
            double ms = msOf(place);
            if (ms >= least) continue;
            least = ms;
            rising.Add(place);
        }

        return rising.AsEnumerable().Reverse();
    }
}
