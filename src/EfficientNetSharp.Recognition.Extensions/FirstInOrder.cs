namespace EfficientNetSharp.Recognition.Extensions;

/// <summary>The first of many items in an order, which alone are kept in memory.</summary>
internal sealed class FirstInOrder<T>(long count, IComparer<T> order)
{
    // The last of those that are kept is the next to go.
    private readonly PriorityQueue<T, T> _kept = new(Comparer<T>.Create((a, b) => order.Compare(b, a)));

    public void Add(T item)
    {
        if (_kept.Count < count) _kept.Enqueue(item, item);
        else _kept.EnqueueDequeue(item, item);
    }

    public void Clear() => _kept.Clear();

    /// <summary>The items, of which none is kept any more.</summary>
    public T[] Take()
    {
        var items = new T[_kept.Count];
        for (int i = items.Length - 1; i >= 0; i--) items[i] = _kept.Dequeue();
        return items;
    }
}
