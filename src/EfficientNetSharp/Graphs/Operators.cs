namespace EfficientNetSharp.Graphs;

/// <summary>
/// What a node computes. The set is closed: each operator is one record here and one method in
/// <see cref="IOperatorVisitor{TState,TResult}"/>, so a backend that lacks one does not compile.
/// </summary>
public abstract record Operator
{
    private protected Operator()
    {
    }

    /// <summary>Number of inputs.</summary>
    public virtual int InputCount => 1;

    /// <summary>Pixels of the input from one to the next of the output; 1 where nothing is left out.</summary>
    public virtual int Step => 1;

    /// <summary>Whether it changes values only in training; at inference such an operator is the identity.</summary>
    public virtual bool IsTrainingOnly => false;

    /// <summary>Shape of the result.</summary>
    /// <exception cref="ArgumentException">The inputs do not fit the operator.</exception>
    public abstract TensorShape Infer(ReadOnlySpan<TensorShape> inputs);

    /// <summary>Tensors that it needs, named below <paramref name="name"/>.</summary>
    public virtual IEnumerable<Parameter> Parameters(string name) => [];

    /// <summary>Calls the visitor's method for this operator.</summary>
    public abstract TResult Accept<TState, TResult>(IOperatorVisitor<TState, TResult> visitor, TState state);

    // A map of no rows would pass for a vector, so the window is checked where it is known.
    private protected static TensorShape Windowed(string operatorName, int channels, int height, int width, TensorShape input) =>
        height > 0 && width > 0 ? TensorShape.Map(channels, height, width)
            : throw new ArgumentException(
            $"{operatorName}'s window is larger than the map {input} with its padding: nothing would be left.");

    private protected static ArgumentException Misfit(string operatorName, string expected, TensorShape found) =>
        new($"{operatorName} expects {expected}, found {found}.");
}

/// <summary>The image, [C,H,W].</summary>
public sealed record Input(int Channels, int Height, int Width) : Operator
{
    /// <inheritdoc />
    public override int InputCount => 0;

    /// <inheritdoc />
    public override TensorShape Infer(ReadOnlySpan<TensorShape> inputs) => TensorShape.Map(Channels, Height, Width);

    /// <inheritdoc />
    public override TResult Accept<TState, TResult>(IOperatorVisitor<TState, TResult> visitor, TState state) => visitor.Visit(this, state);
}

/// <summary>A two-dimensional convolution.</summary>
/// <param name="InChannels">Channels of the input.</param>
/// <param name="OutChannels">Channels of the output.</param>
/// <param name="Kernel">Kernel size in pixels, rows and columns unless <see cref="KernelWidth"/> says otherwise.</param>
/// <param name="Stride">Step in pixels.</param>
/// <param name="Groups">Channel groups; equal to <paramref name="InChannels"/> for a depthwise convolution.</param>
/// <param name="Padding">
/// Padding style; the zeros follow from it and the input's size, unless <see cref="ExplicitPads"/> names them.
/// </param>
/// <param name="HasBias">Whether a bias is added.</param>
public sealed record Convolution(int InChannels, int OutChannels, int Kernel, int Stride, int Groups, PaddingStyle Padding, bool HasBias)
    : Operator
{
    /// <summary>Columns of the kernel; as many as rows but for a global convolution over an oblong map.</summary>
    public int KernelWidth { get; init; } = Kernel;

    /// <summary>
    /// Zeros that are the same on every input, in place of those that <see cref="Padding"/> asks for; <see langword="null"/> in
    /// networks built here. Networks read from elsewhere have them.
    /// </summary>
    public Pads? ExplicitPads { get; init; }

    /// <summary>Whether each channel is filtered by itself.</summary>
    public bool IsDepthwise => Groups == InChannels && Groups > 1;

    /// <inheritdoc />
    public override int Step => Stride;

    /// <summary>The zeros on an input of the given shape.</summary>
    public Pads PadsFor(TensorShape input)
    {
        if (ExplicitPads is { } pads) return pads;
        if (KernelWidth == Kernel) return Pads.For(Padding, Kernel, Stride, input.Height, input.Width);
        var rows = Pads.For(Padding, Kernel, Stride, input.Height, input.Height);
        var columns = Pads.For(Padding, KernelWidth, Stride, input.Width, input.Width);
        return new Pads(rows.Top, columns.Left, rows.Bottom, columns.Right);
    }

    /// <inheritdoc />
    public override TensorShape Infer(ReadOnlySpan<TensorShape> inputs)
    {
        var input = inputs[0];
        if (input.IsVector || input.Channels != InChannels) throw Misfit(nameof(Convolution), $"a map with {InChannels} channels", input);
        var pads = PadsFor(input);
        int height = Pads.OutputLength(input.Height, Kernel, Stride, pads.Top, pads.Bottom);
        int width = Pads.OutputLength(input.Width, KernelWidth, Stride, pads.Left, pads.Right);
        return Windowed(nameof(Convolution), OutChannels, height, width, input);
    }

    /// <inheritdoc />
    public override IEnumerable<Parameter> Parameters(string name)
    {
        yield return new Parameter($"{name}.weight", [OutChannels, InChannels / Groups, Kernel, KernelWidth],
            ParameterRole.ConvolutionKernel);
        if (HasBias) yield return new Parameter($"{name}.bias", [OutChannels], ParameterRole.Bias);
    }

    /// <inheritdoc />
    public override TResult Accept<TState, TResult>(IOperatorVisitor<TState, TResult> visitor, TState state) => visitor.Visit(this, state);
}

/// <summary>
/// A convolution whose kernel is a mixture, made for each image, of several (CondConv, Yang et al. 2019): the second input
/// [experts] has the weights of the mixture.
/// </summary>
/// <param name="Shape">The convolution that each kernel fits.</param>
/// <param name="Experts">Number of kernels.</param>
public sealed record ConditionalConvolution(Convolution Shape, int Experts) : Operator
{
    /// <inheritdoc />
    public override int InputCount => 2;

    /// <inheritdoc />
    public override int Step => Shape.Stride;

    /// <inheritdoc />
    public override TensorShape Infer(ReadOnlySpan<TensorShape> inputs) => inputs[1] == TensorShape.Vector(Experts)
        ? Shape.Infer(inputs)
        : throw Misfit(nameof(ConditionalConvolution), $"a mixture of {Experts}", inputs[1]);

    /// <inheritdoc />
    public override IEnumerable<Parameter> Parameters(string name)
    {
        foreach (var parameter in Shape.Parameters(name))
        {
            yield return parameter.Role == ParameterRole.ConvolutionKernel
                ? new Parameter(parameter.Name, [Experts, .. parameter.Shape], ParameterRole.ExpertKernels)
                : parameter;
        }
    }

    /// <inheritdoc />
    public override TResult Accept<TState, TResult>(IOperatorVisitor<TState, TResult> visitor, TState state) => visitor.Visit(this, state);
}

/// <summary>Batch normalisation over the channels of a map or the entries of a vector.</summary>
/// <param name="Channels">Channels.</param>
/// <param name="Epsilon">Added to the variance.</param>
/// <param name="Momentum">Share of the new batch in the running statistics (PyTorch's sense; TensorFlow's is 1 − this).</param>
public sealed record BatchNormalization(int Channels, double Epsilon, double Momentum) : Operator
{
    /// <inheritdoc />
    public override TensorShape Infer(ReadOnlySpan<TensorShape> inputs) =>
        inputs[0].Channels == Channels ? inputs[0] : throw Misfit(nameof(BatchNormalization), $"{Channels} channels", inputs[0]);

    /// <inheritdoc />
    public override IEnumerable<Parameter> Parameters(string name)
    {
        yield return new Parameter($"{name}.weight", [Channels], ParameterRole.NormScale);
        yield return new Parameter($"{name}.bias", [Channels], ParameterRole.NormShift);
        yield return new Parameter($"{name}.running_mean", [Channels], ParameterRole.RunningMean);
        yield return new Parameter($"{name}.running_var", [Channels], ParameterRole.RunningVariance);
    }

    /// <inheritdoc />
    public override TResult Accept<TState, TResult>(IOperatorVisitor<TState, TResult> visitor, TState state) => visitor.Visit(this, state);
}

/// <summary>An element-wise function without parameters.</summary>
public sealed record Activation(ActivationKind Kind) : Operator
{
    /// <inheritdoc />
    public override TensorShape Infer(ReadOnlySpan<TensorShape> inputs) => Kind == ActivationKind.PRelu
        ? throw new ArgumentException("A parametric ReLU has parameters; its operator is PRelu.")
        : inputs[0];

    /// <inheritdoc />
    public override TResult Accept<TState, TResult>(IOperatorVisitor<TState, TResult> visitor, TState state) => visitor.Visit(this, state);
}

/// <summary>Parametric ReLU (He et al. 2015): max(x, 0) + a · min(x, 0) with a slope a for each channel.</summary>
/// <param name="Channels">Channels.</param>
public sealed record PRelu(int Channels) : Operator
{
    /// <inheritdoc />
    public override TensorShape Infer(ReadOnlySpan<TensorShape> inputs) =>
        inputs[0].Channels == Channels ? inputs[0] : throw Misfit(nameof(PRelu), $"{Channels} channels", inputs[0]);

    /// <inheritdoc />
    public override IEnumerable<Parameter> Parameters(string name) => [new Parameter($"{name}.weight", [Channels], ParameterRole.Slope)];

    /// <inheritdoc />
    public override TResult Accept<TState, TResult>(IOperatorVisitor<TState, TResult> visitor, TState state) => visitor.Visit(this, state);
}

/// <summary>[C,H,W] → [C·H·W].</summary>
public sealed record Flatten : Operator
{
    /// <inheritdoc />
    public override TensorShape Infer(ReadOnlySpan<TensorShape> inputs) => inputs[0].Count <= int.MaxValue
        ? TensorShape.Vector((int)inputs[0].Count)
        : throw Misfit(nameof(Flatten), $"at most {int.MaxValue} values", inputs[0]);

    /// <inheritdoc />
    public override TResult Accept<TState, TResult>(IOperatorVisitor<TState, TResult> visitor, TState state) => visitor.Visit(this, state);
}

/// <summary>A matrix product with bias on a vector: y = W·x + b.</summary>
public sealed record Linear(int InFeatures, int OutFeatures, bool HasBias) : Operator
{
    /// <inheritdoc />
    public override TensorShape Infer(ReadOnlySpan<TensorShape> inputs) =>
        inputs[0].IsVector && inputs[0].Channels == InFeatures
            ? TensorShape.Vector(OutFeatures)
            : throw Misfit(nameof(Linear), $"a vector of {InFeatures}", inputs[0]);

    /// <inheritdoc />
    public override IEnumerable<Parameter> Parameters(string name)
    {
        yield return new Parameter($"{name}.weight", [OutFeatures, InFeatures], ParameterRole.LinearKernel);
        if (HasBias) yield return new Parameter($"{name}.bias", [OutFeatures], ParameterRole.Bias);
    }

    /// <inheritdoc />
    public override TResult Accept<TState, TResult>(IOperatorVisitor<TState, TResult> visitor, TState state) => visitor.Visit(this, state);
}

/// <summary>The sum of two values of one shape.</summary>
public sealed record Add : Operator
{
    /// <inheritdoc />
    public override int InputCount => 2;

    /// <inheritdoc />
    public override TensorShape Infer(ReadOnlySpan<TensorShape> inputs) =>
        inputs[0] == inputs[1] ? inputs[0] : throw Misfit(nameof(Add), $"a second input of {inputs[0]}", inputs[1]);

    /// <inheritdoc />
    public override TResult Accept<TState, TResult>(IOperatorVisitor<TState, TResult> visitor, TState state) => visitor.Visit(this, state);
}

/// <summary>A map times a gate of one value per channel: [C,H,W] · [C,1,1].</summary>
public sealed record Gate : Operator
{
    /// <inheritdoc />
    public override int InputCount => 2;

    /// <inheritdoc />
    public override TensorShape Infer(ReadOnlySpan<TensorShape> inputs) =>
        inputs[1] == TensorShape.Map(inputs[0].Channels, 1, 1)
            ? inputs[0]
            : throw Misfit(nameof(Gate), $"a gate of {inputs[0].Channels}×1×1", inputs[1]);

    /// <inheritdoc />
    public override TResult Accept<TState, TResult>(IOperatorVisitor<TState, TResult> visitor, TState state) => visitor.Visit(this, state);
}

/// <summary>
/// Dropout: in training each value is zeroed with probability <paramref name="Rate"/> and the rest scaled by 1/(1 − rate).
/// </summary>
public sealed record Dropout(double Rate) : Operator
{
    /// <inheritdoc />
    public override bool IsTrainingOnly => true;

    /// <inheritdoc />
    public override TensorShape Infer(ReadOnlySpan<TensorShape> inputs) => inputs[0];

    /// <inheritdoc />
    public override TResult Accept<TState, TResult>(IOperatorVisitor<TState, TResult> visitor, TState state) => visitor.Visit(this, state);
}

/// <summary>
/// Stochastic depth on a residual branch (Huang et al. 2016): in training an image's whole branch is zeroed with probability
/// <paramref name="Rate"/> and otherwise scaled by 1/(1 − rate).
/// </summary>
public sealed record StochasticDepth(double Rate) : Operator
{
    /// <inheritdoc />
    public override bool IsTrainingOnly => true;

    /// <inheritdoc />
    public override TensorShape Infer(ReadOnlySpan<TensorShape> inputs) => inputs[0];

    /// <inheritdoc />
    public override TResult Accept<TState, TResult>(IOperatorVisitor<TState, TResult> visitor, TState state) => visitor.Visit(this, state);
}
