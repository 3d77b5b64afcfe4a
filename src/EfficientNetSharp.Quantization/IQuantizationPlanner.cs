namespace EfficientNetSharp.Quantization;

/// <summary>Chooses what becomes integers and how, given what is known of a network's numbers.</summary>
public interface IQuantizationPlanner
{
    /// <summary>Makes the network of integers.</summary>
    /// <param name="network">The network with its statistics and images.</param>
    /// <param name="progress">Told of what is being done.</param>
    /// <param name="cancellationToken">Ends the work.</param>
    /// <exception cref="InvalidInputException">The network cannot be quantized so; the message says why.</exception>
    QuantizedNetwork Plan(
        CalibratedNetwork network, IProgress<QuantizationProgress>? progress = null, CancellationToken cancellationToken = default);
}

/// <summary>How far the work is.</summary>
/// <param name="Work">What is being done, in words.</param>
/// <param name="Share">How much of it is done, 0 to 1.</param>
public sealed record QuantizationProgress(string Work, double Share);
