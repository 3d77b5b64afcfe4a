namespace EfficientNetSharp.Training.Optimizers;

/// <summary>Makes an optimizer by its kind.</summary>
internal static class OptimizerFactory
{
    // All four papers and frameworks have 0.9.
    private const double DefaultMomentum = 0.9;

    /// <summary>The optimizer for a vector of weights.</summary>
    /// <param name="kind">Which.</param>
    /// <param name="count">Number of weights.</param>
    /// <param name="momentum">
    /// Memory of the gradients' mean, or share of the last step that is kept; 0.9 where <see langword="null"/>.
    /// </param>
    /// <param name="epsilon">
    /// What keeps the division finite; the optimizer's own where <see langword="null"/>: AdamW 1e-8, LAMB 1e-6, RMSProp 1e-3.
    /// </param>
    /// <exception cref="InvalidInputException">There is no such optimizer.</exception>
    public static IOptimizer Create(OptimizerKind kind, int count, double? momentum = null, double? epsilon = null)
    {
        double kept = momentum ?? DefaultMomentum;
        return kind switch
        {
            OptimizerKind.AdamW => new AdamW(count) { Beta1 = kept, Epsilon = epsilon ?? 1e-8 },
            OptimizerKind.SgdNesterov => new SgdNesterov(count) { Momentum = kept },
            OptimizerKind.RmsPropTf => new RmsPropTf(count) { Momentum = kept, Epsilon = epsilon ?? 1e-3 },
            OptimizerKind.Lamb => new Lamb(count) { Beta1 = kept, Epsilon = epsilon ?? 1e-6 },
            _ => throw new InvalidInputException(
                $"There is no optimizer {kind}; the known ones are {string.Join(", ", Enum.GetNames<OptimizerKind>())}."),
        };
    }
}
