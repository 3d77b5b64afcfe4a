namespace EfficientNetSharp.Recognition.Search;

/// <summary>An identity's best row so far.</summary>
internal readonly record struct IdentityScore(int Identity, float Score, long Row);

/// <summary>
/// The best identities of a query, each with its best row: sorted, best first; of equal scores the earlier row, so that the result does not
/// depend on how rows are shared between threads.
/// </summary>
internal sealed class TopIdentities(int capacity)
{
    private readonly IdentityScore[] _best = new IdentityScore[capacity];
    private int _count;

    /// <summary>What a row has to exceed, or to equal from an earlier place, to matter.</summary>
    public float Threshold { get; private set; } = float.NegativeInfinity;

    public ReadOnlySpan<IdentityScore> Best => _best.AsSpan(0, _count);

    public void Offer(IdentityScore one)
    {
        // A score that is no number comes from a damaged row; it is nobody's best.
        if (!(one.Score >= Threshold)) return;
        int known = 0;
        while (known < _count && _best[known].Identity != one.Identity) known++;
        if (known < _count && !IsBefore(one, _best[known])) return;
        if (known == _count)
        {
            if (_count == capacity && !IsBefore(one, _best[^1])) return;
            if (_count < capacity) _count++;
            known = _count - 1;
        }

        int place = known;
        for (; place > 0 && IsBefore(one, _best[place - 1]); place--) _best[place] = _best[place - 1];
        _best[place] = one;
        if (_count == capacity) Threshold = _best[^1].Score;
    }

    private static bool IsBefore(IdentityScore a, IdentityScore b) => a.Score > b.Score || (a.Score == b.Score && a.Row < b.Row);
}
