using System.Collections.Immutable;

namespace EfficientNetSharp.Quantization.Search;

/// <summary>The way from all layers narrow to all wide: at each step the layer goes that loses most for the time that widening it adds.</summary>
internal sealed class WideningPath
{
    // Once what is left is this share of the whole loss, wider plans differ by nothing that images tell.
    private const double Negligible = 1e-3;

    // Plans are run where what is left to win has fallen by a part; between them images would tell nothing apart.
    private const double FallOfLoss = 0.75;

    private readonly MixedSearch _search;
    private readonly ImmutableArray<LayerSensitivity> _losses;
    private readonly Dictionary<string, HashSet<string>> _neighbours;
    private readonly double _wholeMs;

    /// <summary>Goes the way.</summary>
    /// <param name="search">Whose.</param>
    /// <param name="losses">What each layer loses alone.</param>
    public WideningPath(MixedSearch search, ImmutableArray<LayerSensitivity> losses)
    {
        (_search, _losses, _neighbours) = (search, losses, PlanLayer.Neighbours(search.Layers));
        _wholeMs = search.Cost(MixedSearch.None).Ms;
        Widen();
    }

    /// <summary>All sets of wide layers on the way.</summary>
    public List<ImmutableHashSet<string>> Sets { get; } = [MixedSearch.None];

    /// <summary>Plans that were tried, in the order of the way.</summary>
    public List<PlanPoint> Tried { get; } = [];

    /// <summary>Where on the way a plan is.</summary>
    public int PlaceOf(PlanPoint point) => Sets.FindIndex(wide => wide.SetEquals(point.Wide));

    private void Widen()
    {
        int layers = _search.Layers.Length;
        var wide = MixedSearch.None;
        double whole = LeftBy(wide), last = whole;
        Tried.Add(_search.Try(wide));
        while (wide.Count < layers)
        {
            _search.CancellationToken.ThrowIfCancellationRequested();
            var before = wide;
            wide = Joined(wide.Add(NextOf(wide)));
            if (_search.Limit.MaxMs is { } max && _search.Cost(before).Ms <= max && _search.Cost(wide).Ms > max && Tried[^1].Wide != before)
                Tried.Add(_search.Try(before));
            if (wide.Count < layers && LeftBy(wide) <= Negligible * whole)
            {
                Sets.Add(wide);
                Tried.Add(_search.Try(wide));
                wide = wide.Union(_search.Layers.Select(layer => layer.Name));
            }

            Sets.Add(wide);
            if (LeftBy(wide) > FallOfLoss * last && wide.Count < layers) continue;
            _search.Progress?.Report(new QuantizationProgress("widening layers", (double)wide.Count / layers));
            last = LeftBy(wide);
            Tried.Add(_search.Try(wide));
        }
    }

    private double LeftBy(ImmutableHashSet<string> wide) => _losses.Where(loss => !wide.Contains(loss.Layer.Name)).Sum(loss => loss.Noise);

    // The layer whose loss is largest for the time that widening it adds, beside those that are wide already; as long as any does, one that
    // keeps the time.
    private string NextOf(ImmutableHashSet<string> wide)
    {
        double now = _search.Cost(wide).Ms;
        var open = _losses.Where(loss => !wide.Contains(loss.Layer.Name))
            .Select(loss => (Loss: loss, _search.Cost(wide.Add(loss.Layer.Name)).Ms)).ToList();
        var fitting = open.Where(one => _search.Limit.MaxMs is not { } max || one.Ms <= max).ToList();
        return (fitting.Count > 0 ? fitting : open)
            .MaxBy(one => one.Loss.Noise / Math.Max(one.Ms - now, 1e-6 * _wholeMs)).Loss.Layer.Name;
    }

    // Layers beside wide ones that cost no more in the wide type than their converters.
    private ImmutableHashSet<string> Joined(ImmutableHashSet<string> wide)
    {
        while (true)
        {
            double now = _search.Cost(wide).Ms;
            var free = _search.Layers.FirstOrDefault(layer => !wide.Contains(layer.Name) && _neighbours[layer.Name].Overlaps(wide)
                && _search.Cost(wide.Add(layer.Name)).Ms <= now);
            if (free is null) return wide;
            wide = wide.Add(free.Name);
        }
    }
}
