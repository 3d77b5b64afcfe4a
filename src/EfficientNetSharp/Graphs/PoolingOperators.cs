namespace EfficientNetSharp.Graphs;

/// <summary>The largest value in each window of a map; what the padding adds never counts.</summary>
/// <param name="Kernel">Window size in pixels.</param>
/// <param name="Stride">Step in pixels.</param>
/// <param name="Padding">Padding style.</param>
public sealed record MaxPool(int Kernel, int Stride, PaddingStyle Padding) : Operator
{
    /// <summary>
    /// What is added on every input, in place of what <see cref="Padding"/> asks for; <see langword="null"/> in networks built
    /// here. Networks read from elsewhere have it.
    /// </summary>
    public Pads? ExplicitPads { get; init; }

    /// <inheritdoc />
    public override int Step => Stride;

    /// <summary>What is added around an input of the given shape.</summary>
    public Pads PadsFor(TensorShape input) => ExplicitPads ?? Pads.For(Padding, Kernel, Stride, input.Height, input.Width);

    /// <inheritdoc />
    public override TensorShape Infer(ReadOnlySpan<TensorShape> inputs) => Pools.Infer(this, Kernel, Stride, inputs[0], PadsFor(inputs[0]));

    /// <inheritdoc />
    public override TResult Accept<TState, TResult>(IOperatorVisitor<TState, TResult> visitor, TState state) => visitor.Visit(this, state);
}

/// <summary>The mean of each window of a map.</summary>
/// <param name="Kernel">Window size in pixels; a window of one pixel that steps leaves rows and columns out.</param>
/// <param name="Stride">Step in pixels.</param>
/// <param name="Padding">Padding style.</param>
public sealed record AveragePool(int Kernel, int Stride, PaddingStyle Padding) : Operator
{
    /// <summary>
    /// What is added on every input, in place of what <see cref="Padding"/> asks for; <see langword="null"/> in networks built
    /// here. Networks read from elsewhere have it.
    /// </summary>
    public Pads? ExplicitPads { get; init; }

    /// <summary>
    /// Whether what the padding adds counts as zeros, PyTorch's <c>count_include_pad</c>; otherwise the mean is over the pixels of
    /// the map alone, as in TensorFlow.
    /// </summary>
    public bool CountsPadding { get; init; }

    /// <inheritdoc />
    public override int Step => Stride;

    /// <summary>What is added around an input of the given shape.</summary>
    public Pads PadsFor(TensorShape input) => ExplicitPads ?? Pads.For(Padding, Kernel, Stride, input.Height, input.Width);

    /// <inheritdoc />
    public override TensorShape Infer(ReadOnlySpan<TensorShape> inputs) => Pools.Infer(this, Kernel, Stride, inputs[0], PadsFor(inputs[0]));

    /// <inheritdoc />
    public override TResult Accept<TState, TResult>(IOperatorVisitor<TState, TResult> visitor, TState state) => visitor.Visit(this, state);
}

/// <summary>The mean of each channel: [C,H,W] → [C,1,1].</summary>
public sealed record GlobalAveragePool : Operator
{
    /// <inheritdoc />
    public override TensorShape Infer(ReadOnlySpan<TensorShape> inputs) =>
        inputs[0].IsVector ? throw Misfit(nameof(GlobalAveragePool), "a map", inputs[0]) : TensorShape.Map(inputs[0].Channels, 1, 1);

    /// <inheritdoc />
    public override TResult Accept<TState, TResult>(IOperatorVisitor<TState, TResult> visitor, TState state) => visitor.Visit(this, state);
}

/// <summary>A map with rows and columns of zeros around it; where a number is negative, as many are taken away there.</summary>
/// <param name="Pads">What is added on each side. Convolutions and poolings have their own padding; this stands for what they cannot.</param>
public sealed record ZeroPad(Pads Pads) : Operator
{
    /// <summary>
    /// The window whose SAME padding is added, which follows from the map's size, in place of <see cref="Pads"/>;
    /// <see langword="null"/> for those.
    /// </summary>
    public PadWindow? Window { get; init; }

    /// <summary>What is added to an input of the given shape.</summary>
    public Pads PadsFor(TensorShape input) => Window is { } window
        ? Pads.For(PaddingStyle.Same, window.Kernel, window.Stride, input.Height, input.Width) : Pads;

    /// <inheritdoc />
    public override TensorShape Infer(ReadOnlySpan<TensorShape> inputs)
    {
        var input = inputs[0];
        if (input.IsVector) throw Misfit(nameof(ZeroPad), "a map", input);

        var pads = PadsFor(input);
        // What is taken away is taken from the map, never from the zeros of the other side.
        bool isPart = Math.Min(pads.Top, 0) + Math.Min(pads.Bottom, 0) + input.Height > 0
            && Math.Min(pads.Left, 0) + Math.Min(pads.Right, 0) + input.Width > 0;
        return isPart
            ? TensorShape.Map(input.Channels, input.Height + pads.Top + pads.Bottom, input.Width + pads.Left + pads.Right)
            : throw new ArgumentException($"{nameof(ZeroPad)} would take all of the map {input} away: {pads}.");
    }

    /// <inheritdoc />
    public override TResult Accept<TState, TResult>(IOperatorVisitor<TState, TResult> visitor, TState state) => visitor.Visit(this, state);
}

/// <summary>A window that steps over a map.</summary>
/// <param name="Kernel">Its size in pixels.</param>
/// <param name="Stride">Its step in pixels.</param>
public sealed record PadWindow(int Kernel, int Stride);

/// <summary>What poolings have in common.</summary>
internal static class Pools
{
    /// <summary>The result's shape.</summary>
    /// <exception cref="ArgumentException">The input is no map, or a window would see nothing of it.</exception>
    public static TensorShape Infer(Operator op, int kernel, int stride, TensorShape input, Pads pads)
    {
        string name = op.GetType().Name;
        if (input.IsVector) throw new ArgumentException($"{name} expects a map, found {input}.");
        int height = Pads.OutputLength(input.Height, kernel, stride, pads.Top, pads.Bottom);
        int width = Pads.OutputLength(input.Width, kernel, stride, pads.Left, pads.Right);
        if (height == 0 || width == 0)
            throw new ArgumentException($"{name}'s window is larger than the map {input} with its padding: nothing would be left.");
        if (!Touches(height, input.Height, pads.Top) || !Touches(width, input.Width, pads.Left))
            throw new ArgumentException($"{name}'s windows are expected to touch the map {input}; with {pads} some would see nothing.");
        return TensorShape.Map(input.Channels, height, width);

        // The largest of no values is none, and so is their mean.
        bool Touches(int windows, int length, int before) => before < kernel && ((windows - 1) * (long)stride) - before < length;
    }
}
