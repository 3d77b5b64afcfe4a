namespace EfficientNetSharp.Graphs;

/// <summary>
/// One method for each operator: how a backend or a walk handles it. A new operator adds a method here, and the compiler
/// then names every backend that has not got it yet.
/// </summary>
/// <typeparam name="TState">What the walk passes along, such as the node and the values of its inputs.</typeparam>
/// <typeparam name="TResult">What the walk makes of a node.</typeparam>
public interface IOperatorVisitor<in TState, out TResult>
{
    /// <summary>Handles the network's input.</summary>
    TResult Visit(Input op, TState state);

    /// <summary>Handles a convolution.</summary>
    TResult Visit(Convolution op, TState state);

    /// <summary>Handles a convolution whose kernel is mixed for each image.</summary>
    TResult Visit(ConditionalConvolution op, TState state);

    /// <summary>Handles a batch normalisation.</summary>
    TResult Visit(BatchNormalization op, TState state);

    /// <summary>Handles an element-wise function.</summary>
    TResult Visit(Activation op, TState state);

    /// <summary>Handles a parametric ReLU.</summary>
    TResult Visit(PRelu op, TState state);

    /// <summary>Handles a maximum pooling.</summary>
    TResult Visit(MaxPool op, TState state);

    /// <summary>Handles an average pooling.</summary>
    TResult Visit(AveragePool op, TState state);

    /// <summary>Handles a global average pooling.</summary>
    TResult Visit(GlobalAveragePool op, TState state);

    /// <summary>Handles a flattening.</summary>
    TResult Visit(Flatten op, TState state);

    /// <summary>Handles a linear layer.</summary>
    TResult Visit(Linear op, TState state);

    /// <summary>Handles a sum.</summary>
    TResult Visit(Add op, TState state);

    /// <summary>Handles a channel gate.</summary>
    TResult Visit(Gate op, TState state);

    /// <summary>Handles zeros around a map, or rows and columns taken away.</summary>
    TResult Visit(ZeroPad op, TState state);

    /// <summary>Handles a concatenation.</summary>
    TResult Visit(Concatenation op, TState state);

    /// <summary>Handles a slice of channels.</summary>
    TResult Visit(ChannelSlice op, TState state);

    /// <summary>Handles a channel shuffle.</summary>
    TResult Visit(ChannelShuffle op, TState state);

    /// <summary>Handles dropout.</summary>
    TResult Visit(Dropout op, TState state);

    /// <summary>Handles stochastic depth.</summary>
    TResult Visit(StochasticDepth op, TState state);
}
