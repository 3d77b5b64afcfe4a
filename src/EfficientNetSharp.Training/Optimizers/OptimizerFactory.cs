using EfficientNetSharp.Training.Recipes;

namespace EfficientNetSharp.Training.Optimizers;

/// <summary>Makes a recipe's optimizer.</summary>
public static class OptimizerFactory
{
    // All four papers and frameworks have 0.9.
    private const double Momentum = 0.9;

    /// <summary>The optimizer for a vector of weights.</summary>
    /// <param name="recipe">Which, and its numbers.</param>
    /// <param name="count">Number of weights.</param>
    public static IOptimizer Create(TrainingRecipe recipe, int count)
    {
        ArgumentNullException.ThrowIfNull(recipe);
        double momentum = recipe.Momentum ?? Momentum;
        return recipe.Optimizer switch
        {
            OptimizerKind.AdamW => new AdamW(count) { Beta1 = momentum, Epsilon = recipe.OptimizerEpsilon ?? 1e-8 },
            OptimizerKind.SgdNesterov => new SgdNesterov(count) { Momentum = momentum },
            OptimizerKind.RmsPropTf => new RmsPropTf(count) { Momentum = momentum, Epsilon = recipe.OptimizerEpsilon ?? 1e-3 },
            OptimizerKind.Lamb => new Lamb(count) { Beta1 = momentum, Epsilon = recipe.OptimizerEpsilon ?? 1e-6 },
            _ => throw new InvalidInputException($"There is no optimizer {recipe.Optimizer}; the known ones are {string.Join(", ", Enum.GetNames<OptimizerKind>())}."),
        };
    }
}
