using System.Collections.Immutable;
using EfficientNetSharp.Graphs;

namespace EfficientNetSharp.Onnx.Reading;

/// <summary>
/// A value of the file: a step of ours, and how the file's axes lie on it. An axis is <c>N</c>, <c>C</c>, <c>H</c>, <c>W</c>, or
/// <c>1</c> where it has one entry and means nothing: a mean [N,C,1,1] and a row [N,C] are the same values under <c>NC11</c> and
/// <c>NC</c>, so that reshaping between them costs nothing.
/// </summary>
/// <param name="Value">The step.</param>
/// <param name="Axes">The file's axes, in its order.</param>
internal sealed record Feature(GraphValue Value, string Axes)
{
    /// <summary>Whether the value went through a softmax, which is left out; only an output may.</summary>
    public bool IsSoftmax { get; init; }

    /// <summary>Whether the file has it as integers here, between a QuantizeLinear and its DequantizeLinear; the step is rounded.</summary>
    public bool IsIntegers { get; init; }

    /// <summary>
    /// Groups that the channels are cut into; 0 where they are on one axis, <c>C</c>. Cut, they are on two: <c>G</c>, the groups, and
    /// <c>K</c>, the channels of a group.
    /// </summary>
    public int Groups { get; init; }

    /// <summary>Whether channels are cut into groups, or rows and columns lie on one axis, <c>P</c>: on the way to a shuffle.</summary>
    public bool IsCut => Groups > 0 || Axes.Contains('P', StringComparison.Ordinal);

    /// <summary>Whether there is one value per channel.</summary>
    public bool IsRow => Value.Shape.Positions == 1;

    public int Rank => Axes.Length;

    public int ChannelAxis => Axes.IndexOf('C', StringComparison.Ordinal);

    /// <summary>The axes of a step that lie as the file's do: rows and columns of a map of one pixel mean nothing.</summary>
    public static Feature Of(GraphValue step, string axes) =>
        new(step, step.Shape.Positions == 1 ? axes.Replace('H', '1').Replace('W', '1') : axes);

    /// <summary>Entries of an axis; the batch's is given.</summary>
    public int Length(int axis, int batch) => Axes[axis] switch
    {
        'N' => batch,
        'C' => Value.Shape.Channels,
        'H' => Value.Shape.Height,
        'W' => Value.Shape.Width,
        'G' => Groups,
        'K' => Value.Shape.Channels / Groups,
        'P' => (int)Value.Shape.Positions,
        _ => 1,
    };

    public ImmutableArray<int> Dims(int batch) => [.. Enumerable.Range(0, Rank).Select(axis => Length(axis, batch))];

    public Feature With(GraphValue step) => Of(step, Axes);

    /// <summary>Text for messages.</summary>
    public string Describe() =>
        $"[{string.Join(", ", Enumerable.Range(0, Rank).Select(axis => Axes[axis] == 'N' ? "N" : $"{Length(axis, 1)}"))}]";
}
