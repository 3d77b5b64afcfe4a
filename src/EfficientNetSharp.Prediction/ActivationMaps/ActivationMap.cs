using EfficientNetSharp.Graphs;

namespace EfficientNetSharp.Prediction.ActivationMaps;

/// <summary>How much each position of a network's map speaks for a class: positive for it, negative against it.</summary>
public sealed class ActivationMap
{
    private readonly float[] _values;

    /// <summary>Takes values.</summary>
    /// <param name="height">Rows.</param>
    /// <param name="width">Columns.</param>
    /// <param name="values">[H,W], row-major.</param>
    /// <exception cref="ArgumentException">The number of values is not height · width, or a side is below 1.</exception>
    public ActivationMap(int height, int width, float[] values)
    {
        ArgumentNullException.ThrowIfNull(values);
        ArgumentOutOfRangeException.ThrowIfLessThan(height, 1);
        ArgumentOutOfRangeException.ThrowIfLessThan(width, 1);
        if (values.Length != (long)height * width) throw new ArgumentException(
            $"{height}×{width} values are expected, found {values.Length}.", nameof(values));
        (Height, Width, _values) = (height, width, values);
    }

    /// <summary>Rows.</summary>
    public int Height { get; }

    /// <summary>Columns.</summary>
    public int Width { get; }

    /// <summary>The values [H,W], row-major.</summary>
    public ReadOnlySpan<float> Values => _values;

    /// <summary>The value at a row and a column.</summary>
    public float this[int row, int column] => _values[(row * Width) + column];

    /// <summary>
    /// Class activation map (Zhou et al. 2016, equation 2): Σ_k w_k · A_k(x, y) for a network that takes the mean of its last map and
    /// goes straight on to the classes. Its mean over the positions is the class's logit without the bias.
    /// </summary>
    /// <param name="activations">The last map A, [C,H,W].</param>
    /// <param name="shape">Its shape.</param>
    /// <param name="classWeights">The classifier's row for the class, w, [C].</param>
    /// <exception cref="ArgumentException">A length does not fit the shape.</exception>
    public static ActivationMap OfClass(ReadOnlySpan<float> activations, TensorShape shape, ReadOnlySpan<float> classWeights)
    {
        Check(activations.Length, shape, nameof(activations));
        if (classWeights.Length != shape.Channels)
            throw new ArgumentException($"{shape.Channels} weights are expected, found {classWeights.Length}.", nameof(classWeights));
        var shares = new double[shape.Channels];
        for (int k = 0; k < shares.Length; k++) shares[k] = classWeights[k];
        return Mix(activations, shape, shares);
    }

    /// <summary>
    /// Grad-CAM (Selvaraju et al. 2017, equations 1 and 2): ReLU(Σ_k α_k · A_k(x, y)), where α_k is the mean over the positions of the
    /// class's gradient ∂y/∂A_k. For any map of any network.
    /// </summary>
    /// <param name="activations">The map A, [C,H,W].</param>
    /// <param name="gradients">The gradient of the class's logit with respect to it, [C,H,W].</param>
    /// <param name="shape">Their shape.</param>
    /// <exception cref="ArgumentException">A length does not fit the shape.</exception>
    public static ActivationMap OfGradients(ReadOnlySpan<float> activations, ReadOnlySpan<float> gradients, TensorShape shape)
    {
        Check(activations.Length, shape, nameof(activations));
        Check(gradients.Length, shape, nameof(gradients));
        int positions = (int)shape.Positions;
        var shares = new double[shape.Channels];
        for (int k = 0; k < shares.Length; k++)
        {
            foreach (float gradient in gradients.Slice(k * positions, positions)) shares[k] += gradient;
            shares[k] /= positions;
        }

        return Mix(activations, shape, shares).Rectified();
    }

    /// <summary>The map without what speaks against the class: max(value, 0).</summary>
    public ActivationMap Rectified() => new(Height, Width, [.. _values.Select(value => Math.Max(value, 0))]);

    /// <summary>
    /// The map as it is drawn: rectified and divided by its greatest value, so that it lies in 0…1. All zero where nothing speaks for
    /// the class.
    /// </summary>
    /// <exception cref="InvalidInputException">A value is not finite.</exception>
    public ActivationMap Normalized()
    {
        float greatest = 0;
        foreach (float value in _values)
        {
            if (!float.IsFinite(value))
                throw new InvalidInputException(
                    "Expected finite activations of the network, found NaN or infinity; check its weights, for example with 'effnet evaluate'.");
            greatest = Math.Max(greatest, value);
        }

        var scaled = Rectified();
        if (greatest == 0) return scaled;
        for (int i = 0; i < scaled._values.Length; i++) scaled._values[i] /= greatest;
        return scaled;
    }

    private static ActivationMap Mix(ReadOnlySpan<float> activations, TensorShape shape, double[] shares)
    {
        int positions = (int)shape.Positions;
        var sums = new double[positions];
        for (int k = 0; k < shares.Length; k++)
        {
            var channel = activations.Slice(k * positions, positions);
            for (int i = 0; i < positions; i++) sums[i] += shares[k] * channel[i];
        }

        return new ActivationMap(shape.Height, shape.Width, [.. sums.Select(sum => (float)sum)]);
    }

    private static void Check(int length, TensorShape shape, string name)
    {
        if (shape.IsVector) throw new ArgumentException($"A map [C,H,W] is expected, found a vector of {shape}.", nameof(shape));
        if (length != shape.Count) throw new ArgumentException($"{shape} are {shape.Count} values, found {length}.", name);
    }
}
