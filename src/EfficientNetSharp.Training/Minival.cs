using EfficientNetSharp.Data;

namespace EfficientNetSharp.Training;

/// <summary>
/// A part of the training images by which the best epoch is chosen, so that the validation part has no say and can judge (the
/// EfficientNet paper sets 25,000 of ImageNet's images aside so, §5).
/// </summary>
public static class Minival
{
    /// <summary>
    /// Splits the training part. What was the validation part becomes the test part where there is none; a test part that there is
    /// stays, and the validation part is then left out.
    /// </summary>
    /// <param name="splits">The dataset's parts.</param>
    /// <param name="fraction">Share of each class to set aside, above 0 and below 1.</param>
    /// <param name="seed">Names the split.</param>
    /// <exception cref="InvalidInputException">The fraction is out of range, or no class has two images.</exception>
    public static DatasetSplits SetAside(DatasetSplits splits, double fraction, ulong seed)
    {
        ArgumentNullException.ThrowIfNull(splits);
        var (train, minival) = StratifiedSplit.Of(splits.Train, fraction, seed);
        if (minival.Count == 0)
            throw new InvalidInputException("--minival found no class with two training images to set one aside; leave it out.");
        var warnings = splits.Test is null
            ? splits.Warnings
            : splits.Warnings.Add("With --minival the best epoch is chosen on training images and judged on test/; val/ is not looked at.");
        return new DatasetSplits(train, minival, splits.Test ?? splits.Validation, warnings);
    }
}
