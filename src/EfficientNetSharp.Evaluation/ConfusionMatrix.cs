using System.Collections.Immutable;
using System.Text.Json.Serialization;

namespace EfficientNetSharp.Evaluation;

/// <summary>A cell of a <see cref="ConfusionMatrix"/>.</summary>
/// <param name="Label">The class that the images belong to: the row.</param>
/// <param name="Predicted">The class that the network predicted: the column.</param>
/// <param name="Count">Images.</param>
public readonly record struct ConfusionCell(int Label, int Predicted, int Count);

/// <summary>
/// How many images of each class (row) were predicted as each class (column). Only cells above 0 are stored, so that many
/// thousands of classes fit into memory.
/// </summary>
[JsonConverter(typeof(ConfusionMatrixJsonConverter))]
public sealed class ConfusionMatrix
{
    private readonly ImmutableArray<ConfusionCell> _cells;
    private readonly int[] _rowStarts;

    /// <summary>Makes a matrix from its cells; several for the same place are summed.</summary>
    /// <param name="classes">Rows and columns.</param>
    /// <param name="cells">Cells in any order.</param>
    /// <exception cref="ArgumentOutOfRangeException">A cell lies outside the matrix or has a negative count.</exception>
    public ConfusionMatrix(int classes, IEnumerable<ConfusionCell> cells)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(classes);
        ArgumentNullException.ThrowIfNull(cells);
        Classes = classes;
        var sums = new SortedDictionary<(int Label, int Predicted), int>();
        foreach (var cell in cells)
        {
            CheckClass(cell.Label);
            CheckClass(cell.Predicted);
            ArgumentOutOfRangeException.ThrowIfNegative(cell.Count);
            if (cell.Count == 0) continue;
            sums[(cell.Label, cell.Predicted)] = checked(sums.GetValueOrDefault((cell.Label, cell.Predicted)) + cell.Count);
        }

        _cells = [.. sums.Select(sum => new ConfusionCell(sum.Key.Label, sum.Key.Predicted, sum.Value))];
        _rowStarts = new int[classes + 1];
        foreach (var cell in _cells) _rowStarts[cell.Label + 1]++;
        for (int i = 0; i < classes; i++) _rowStarts[i + 1] += _rowStarts[i];
    }

    /// <summary>Rows and columns.</summary>
    public int Classes { get; }

    /// <summary>The cells above 0, by row, then by column.</summary>
    public IReadOnlyList<ConfusionCell> Cells => _cells;

    /// <summary>Images of class <paramref name="label"/> that were predicted as class <paramref name="predicted"/>.</summary>
    /// <exception cref="ArgumentOutOfRangeException">A class is below 0 or not below <see cref="Classes"/>.</exception>
    public int this[int label, int predicted]
    {
        get
        {
            CheckClass(predicted);
            var row = Row(label);
            int low = 0, high = row.Length - 1;
            while (low <= high)
            {
                int middle = (low + high) >>> 1;
                if (row[middle].Predicted == predicted) return row[middle].Count;
                if (row[middle].Predicted < predicted) low = middle + 1;
                else high = middle - 1;
            }

            return 0;
        }
    }

    /// <summary>The cells above 0 of one row, by column.</summary>
    /// <exception cref="ArgumentOutOfRangeException">The class is below 0 or not below <see cref="Classes"/>.</exception>
    public ReadOnlySpan<ConfusionCell> Row(int label)
    {
        CheckClass(label);
        return _cells.AsSpan()[_rowStarts[label].._rowStarts[label + 1]];
    }

    /// <summary>
    /// The largest cells off the diagonal, largest first; ties by row, then by column.
    /// </summary>
    /// <param name="count">How many at most.</param>
    public ImmutableArray<ConfusionCell> MaxConfused(int count) =>
        [.. _cells.Where(cell => cell.Label != cell.Predicted).OrderByDescending(cell => cell.Count).Take(count)];

    private void CheckClass(int index)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(index);
        ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual(index, Classes);
    }
}
