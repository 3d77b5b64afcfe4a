using System.Collections.Immutable;
using EfficientNetSharp.Graphs;

namespace EfficientNetSharp.Onnx.Reading;

/// <summary>
/// Reshapes that cut channels into groups and join them again, as channel shuffles do it: cut, transpose, join. Reshapes keep the order of
/// values, so that whichever way the dimensions are met is the same.
/// </summary>
internal static class GroupRules
{
    // A map with groups has six axes at most; dimensions of 1 meet in more ways the more there are.
    private const int MaxRank = 8;

    /// <summary>The value under the new dimensions; <see langword="null"/> where they are no such.</summary>
    /// <param name="node">The reshape.</param>
    /// <param name="x">The value.</param>
    /// <param name="to">The new dimensions.</param>
    /// <param name="batch">Images at once.</param>
    public static Feature? Reshape(OnnxNode node, Feature x, ImmutableArray<int> to, int batch)
    {
        if (x.Value.Shape is { IsVector: false } && x.Value is Padding) x = x with { Value = ValueBuilder.Whole(node, x.Value) };
        if (x.Rank > MaxRank || to.Length > MaxRank) return null;

        // A flattening undone.
        if (x.Value is Layer { Operator: Flatten } flat && flat.Inputs[0].Shape is { IsVector: false } map
            && to.SequenceEqual([batch, map.Channels, map.Height, map.Width]))
            return Feature.Of(flat.Inputs[0], "NCHW") with { IsIntegers = x.IsIntegers };

        // Whole axes, where they meet; where an axis has one entry, dimensions meet in several ways.
        var meeting = new Meeting(x, to, batch, mayCut: false);
        if (!meeting.Meets(0, 0))
        {
            meeting = new Meeting(x, to, batch, mayCut: true);
            if (!meeting.Meets(0, 0)) return null;
        }

        string axes = Complete(x, meeting.Axes)!;
        bool isCut = meeting.Axes.Contains('G', StringComparison.Ordinal);

        // Joined in the other order, the groups have changed places with their channels.
        var value = meeting.IsTurned ? ValueBuilder.Layer(node, node.Name, new ChannelShuffle(x.Groups), [x.Value]) : x.Value;
        return new Feature(value, axes) { Groups = isCut ? meeting.Groups : 0, IsIntegers = x.IsIntegers };
    }

    // Rows or columns of one entry may stand anywhere: at the first place that is left.
    private static string? Complete(Feature x, string axes)
    {
        foreach (char axis in "HW")
        {
            if (!x.Axes.Contains(axis, StringComparison.Ordinal) || axes.Contains(axis, StringComparison.Ordinal)
                || axes.Contains('P', StringComparison.Ordinal)) continue;
            int place = axes.IndexOf('1', StringComparison.Ordinal);
            if (place < 0) return null;
            axes = string.Concat(axes.AsSpan(0, place), [axis], axes.AsSpan(place + 1));
        }

        return axes;
    }

    // Walks along both lists of dimensions; an axis of ours may become two of theirs, or two of ours one.
    private sealed class Meeting(Feature x, ImmutableArray<int> to, int batch, bool mayCut)
    {
        private readonly List<char> _axes = [];

        public string Axes => string.Concat(_axes);

        public int Groups { get; private set; } = x.Groups;

        public bool IsTurned { get; private set; }

        public bool Meets(int ours, int theirs)
        {
            if (ours == x.Rank && theirs == to.Length) return Complete(x, Axes) is not null;
            if (ours < x.Rank)
            {
                char axis = x.Axes[ours];
                int length = x.Length(ours, batch);
                if (axis == 'P' && theirs + 1 < to.Length && to[theirs] == x.Value.Shape.Height && to[theirs + 1] == x.Value.Shape.Width
                    && TakesTwo(ours, theirs, 'H', 'W')) return true;
                if (Takes(theirs, length, ours + 1, axis)) return true;
                if ((axis == '1' || (axis is 'H' or 'W' && length == 1)) && Meets(ours + 1, theirs)) return true;
                if (mayCut && axis == 'C' && theirs + 1 < to.Length && to[theirs] > 0 && to[theirs + 1] > 0
                    && (long)to[theirs] * to[theirs + 1] == length && TakesGroups(ours, theirs)) return true;
                string pair = ours + 1 < x.Rank ? x.Axes.Substring(ours, 2) : "";
                if (pair == "HW" && Takes(theirs, (int)x.Value.Shape.Positions, ours + 2, 'P')) return true;
                if (pair is "GK" or "KG" && Takes(theirs, x.Value.Shape.Channels, ours + 2, 'C'))
                {
                    IsTurned = pair == "KG";
                    return true;
                }
            }

            return theirs > 0 && Takes(theirs, 1, ours, '1');
        }

        private bool Takes(int theirs, int length, int ours, char axis)
        {
            if (!mayCut && axis is ('G' or 'K' or 'P')) return false;
            if (theirs >= to.Length || to[theirs] != length || (axis == 'N') != (theirs == 0)) return false;
            _axes.Add(axis);
            if (Meets(ours, theirs + 1)) return true;
            _axes.RemoveAt(_axes.Count - 1);
            return false;
        }

        private bool TakesGroups(int ours, int theirs)
        {
            Groups = to[theirs];
            if (TakesTwo(ours, theirs, 'G', 'K')) return true;
            Groups = x.Groups;
            return false;
        }

        private bool TakesTwo(int ours, int theirs, char first, char second)
        {
            _axes.AddRange([first, second]);
            if (Meets(ours + 1, theirs + 2)) return true;
            _axes.RemoveRange(_axes.Count - 2, 2);
            return false;
        }
    }
}
