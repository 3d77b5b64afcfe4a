using System.Collections.Immutable;
using EfficientNetSharp.Inference.Memory;

namespace EfficientNetSharp.Inference.Layout;

/// <summary>
/// Gives each slot a place in one arena such that slots which are needed at the same time do not overlap: largest first, each at the
/// lowest place that is free while it lives.
/// </summary>
internal sealed class ArenaLayout
{
    private readonly Dictionary<Slot, (int First, int Last)> _lives = [];

    /// <summary>Bytes of the arena for one image.</summary>
    public long Bytes { get; private set; }

    /// <summary>Notes that a step writes or reads a slot.</summary>
    public void Use(Slot slot, int step)
    {
        slot = slot.Whole;
        var (first, last) = _lives.TryGetValue(slot, out var life) ? life : (step, step);
        _lives[slot] = (Math.Min(first, step), Math.Max(last, step));
    }

    /// <summary>Pages between the slots, by offset, that a run's memory guards; none but in tests.</summary>
    public ImmutableArray<long> GuardPages { get; private set; } = [];

    /// <summary>Sets the slots' offsets.</summary>
    public void Place()
    {
        if (MemoryGuard.Side != GuardSide.None)
        {
            PlaceApart(MemoryGuard.Side);
            return;
        }

        var placed = new List<Slot>();
        foreach (var slot in _lives.Keys.OrderByDescending(slot => slot.Bytes).ThenBy(slot => _lives[slot].First))
        {
            var (first, last) = _lives[slot];
            long offset = 0;
            var contemporaries = placed.Where(other => _lives[other].First <= last && _lives[other].Last >= first);
            foreach (var other in contemporaries.OrderBy(other => other.Offset))
            {
                if (other.Offset >= offset + slot.Bytes) break;
                offset = Math.Max(offset, other.Offset + other.Bytes);
            }

            slot.Offset = offset;
            placed.Add(slot);
            Bytes = Math.Max(Bytes, offset + slot.Bytes);
        }
    }

    // Each in pages of its own, a guard page after them. Multiplied by a number of images, pages stay whole pages.
    private void PlaceApart(GuardSide side)
    {
        var guards = ImmutableArray.CreateBuilder<long>();
        foreach (var slot in _lives.Keys)
        {
            long end = Bytes + MemoryGuard.RoundUp(slot.Bytes);
            slot.Offset = side == GuardSide.After ? end - slot.Bytes : Bytes;
            guards.Add(end);
            Bytes = end + MemoryGuard.PageBytes;
        }

        GuardPages = guards.ToImmutable();
    }
}
