namespace EfficientNetSharp.Graphs;

/// <summary>The channels of several maps, or the entries of several vectors, one after another.</summary>
/// <param name="Inputs">How many, at least 2.</param>
public sealed record Concatenation(int Inputs) : Operator
{
    /// <inheritdoc />
    public override int InputCount => Inputs;

    /// <inheritdoc />
    public override TensorShape Infer(ReadOnlySpan<TensorShape> inputs)
    {
        var first = inputs[0];
        long channels = 0;
        foreach (var input in inputs)
        {
            if (input with { Channels = first.Channels } != first)
                throw Misfit(nameof(Concatenation), $"inputs like the first of {first}, whatever their channels", input);
            channels += input.Channels;
        }

        return channels <= int.MaxValue ? first with { Channels = (int)channels }
            : throw Misfit(nameof(Concatenation), $"at most {int.MaxValue} channels together", first);
    }

    /// <inheritdoc />
    public override TResult Accept<TState, TResult>(IOperatorVisitor<TState, TResult> visitor, TState state) => visitor.Visit(this, state);
}

/// <summary>Some channels of a map, or entries of a vector, that follow each other.</summary>
/// <param name="First">The first, from 0.</param>
/// <param name="Count">How many.</param>
public sealed record ChannelSlice(int First, int Count) : Operator
{
    /// <inheritdoc />
    public override TensorShape Infer(ReadOnlySpan<TensorShape> inputs) => (long)First + Count <= inputs[0].Channels
        ? inputs[0] with { Channels = Count }
        : throw Misfit(nameof(ChannelSlice), $"at least {(long)First + Count} channels", inputs[0]);

    /// <inheritdoc />
    public override TResult Accept<TState, TResult>(IOperatorVisitor<TState, TResult> visitor, TState state) => visitor.Visit(this, state);
}

/// <summary>
/// Channel shuffle (ShuffleNet, Zhang et al. 2017): the first channels of all groups, then the second ones, and so on. What was channel
/// j of group g of G becomes channel j·G + g. Groups of C/G channels undo it.
/// </summary>
/// <param name="Groups">Groups of channels that follow each other; a divisor of their number.</param>
public sealed record ChannelShuffle(int Groups) : Operator
{
    /// <inheritdoc />
    public override TensorShape Infer(ReadOnlySpan<TensorShape> inputs) => inputs[0].Channels % Groups == 0
        ? inputs[0]
        : throw Misfit(nameof(ChannelShuffle), $"a multiple of {Groups} channels", inputs[0]);

    /// <summary>Which of so many channels comes to a place.</summary>
    /// <param name="place">Place in the result, from 0.</param>
    /// <param name="channels">Number of channels.</param>
    public int SourceOf(int place, int channels) => (place % Groups * (channels / Groups)) + (place / Groups);

    /// <inheritdoc />
    public override TResult Accept<TState, TResult>(IOperatorVisitor<TState, TResult> visitor, TState state) => visitor.Visit(this, state);
}
