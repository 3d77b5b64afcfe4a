namespace EfficientNetSharp.Graphs;

/// <summary>
/// The part of a network that a node belongs to. Freezing, layer-wise rates, fresh classifiers and feature maps go by it, never by
/// names. The order is that from the image to the result.
/// </summary>
public enum NodeRole
{
    /// <summary>Nothing is known: the input, and nodes of networks that were read from elsewhere and not recognised.</summary>
    None,

    /// <summary>The first convolutions.</summary>
    Stem,

    /// <summary>A block of a stage; <see cref="NodePlace.Stage"/> and <see cref="NodePlace.Block"/> say which.</summary>
    Stage,

    /// <summary>The last convolution and the pooling.</summary>
    Head,

    /// <summary>A hidden layer between pooling and classifier.</summary>
    Hidden,

    /// <summary>What makes an embedding of the last map.</summary>
    Embedding,

    /// <summary>The last linear layer, which has an output per class, and the dropout before it.</summary>
    Classifier,
}

/// <summary>Where in a network a node stands.</summary>
/// <param name="Role">The part.</param>
/// <param name="Stage">Number of the stage, from 0; 0 outside the stages.</param>
/// <param name="Block">Number of the block within its stage, from 0; 0 outside the stages.</param>
public readonly record struct NodePlace(NodeRole Role, int Stage = 0, int Block = 0);
