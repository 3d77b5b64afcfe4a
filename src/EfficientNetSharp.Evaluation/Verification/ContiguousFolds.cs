namespace EfficientNetSharp.Evaluation.Verification;

/// <summary>
/// Folds of neighbours in the order given, of which the first n mod k hold one more: scikit-learn's <c>KFold</c> without shuffling.
/// </summary>
internal static class ContiguousFolds
{
    /// <exception cref="InvalidInputException">There are fewer pairs than folds.</exception>
    public static Range[] Of(int count, int folds)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(folds, 2);
        if (count < folds)
            throw new InvalidInputException($"Expected at least one pair per fold, {folds} in all, found {count}; give more pairs.");
        var ranges = new Range[folds];
        for (int fold = 0, start = 0; fold < folds; fold++)
        {
            int end = start + (count / folds) + (fold < count % folds ? 1 : 0);
            ranges[fold] = start..end;
            start = end;
        }

        return ranges;
    }
}
