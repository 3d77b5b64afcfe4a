using System.Collections.Immutable;
using EfficientNetSharp.Randomness;

namespace EfficientNetSharp.Imaging.Augmentations.Policies;

/// <summary>
/// AutoAugment (Cubuk et al. 2018): one of 25 learned sub-policies at random, each of two operations that come with their own
/// probabilities.
/// </summary>
/// <remarks>
/// The TPU table is made of Pillow's operations here; TensorFlow's differ in details (the mean of its contrast, the centre of its
/// rotation).
/// </remarks>
internal sealed class AutoAugment : SequentialPolicy
{
    /// <summary>Shift in pixels and half cutout at the top level (distort_image_with_autoaugment in the TPU code).</summary>
    private const int TpuTranslate = 250, TpuCutout = 100;

    private readonly ImmutableArray<(AutoAugmentRow First, AutoAugmentRow Second)> _rows;
    private readonly AutoAugmentTable _table;
    private readonly double _deviation;

    /// <summary>Takes a table.</summary>
    /// <param name="table">The sub-policies and what their levels mean.</param>
    /// <param name="settings">Fill colour and filter.</param>
    /// <param name="magnitudeDeviation">
    /// Standard deviation of a normal noise on levels, timm's <c>mstd</c>; 0, the default, for none. torchvision's table has none.
    /// </param>
    /// <exception cref="InvalidInputException">The deviation is negative, or the table takes none.</exception>
    public AutoAugment(AutoAugmentTable table, PolicySettings settings, double magnitudeDeviation = 0)
        : base(settings)
    {
        if (!Enum.IsDefined(table)) throw new ArgumentOutOfRangeException(nameof(table), table, "There is no such table.");
        PolicyChecks.Range(
            "magnitude deviation", magnitudeDeviation, 0, table == AutoAugmentTable.Torchvision ? 0 : PolicyChecks.MaxDeviation);
        (_table, _deviation) = (table, magnitudeDeviation);
        _rows = table is AutoAugmentTable.Original or AutoAugmentTable.OriginalR or AutoAugmentTable.Torchvision
            ? AutoAugmentRows.Original
            : AutoAugmentRows.V0;
    }

    /// <summary>How many sub-policies there are.</summary>
    internal int Count => _rows.Length;

    /// <inheritdoc />
    public override ImmutableArray<PolicyOperation> Draw(ImageSize size, ref SeededRandom random)
    {
        var (first, second) = _rows[random.NextInt(_rows.Length)];
        var operations = ImmutableArray.CreateBuilder<PolicyOperation>(2);
        Add(operations, first, size, ref random);
        Add(operations, second, size, ref random);
        return operations.DrainToImmutable();
    }

    /// <summary>The operation that a row names in this table, and its scale.</summary>
    internal (LeveledOperation Operation, LevelScale Scale) Resolve(string name, ImageSize size)
    {
        if (_table == AutoAugmentTable.Torchvision)
        {
            var operation = TorchvisionOperations.WithInvert.First(row => row.Name == name);
            return (operation, new LevelScale(size, Bins: TorchvisionOperations.AutoAugmentBins));
        }

        string known = (_table, name) switch
        {
            (AutoAugmentTable.V0 or AutoAugmentTable.V0R, "TranslateY") => "TranslateYRel",
            (AutoAugmentTable.V0R or AutoAugmentTable.OriginalR, "Posterize") => "PosterizeIncreasing",
            (AutoAugmentTable.Original, "Posterize") => "PosterizeOriginal",
            _ => name,
        };
        var scale = _table == AutoAugmentTable.Tpu
            ? new LevelScale(size, TpuTranslate, TpuCutout)
            : new LevelScale(size, TimmOperations.RelativeTranslate);
        return (TimmOperations.Named(known), scale);
    }

    private void Add(ImmutableArray<PolicyOperation>.Builder operations, AutoAugmentRow row, ImageSize size, ref SeededRandom random)
    {
        if (random.NextDouble() >= row.Probability) return;
        var (operation, scale) = Resolve(row.Name, size);
        double level = Levels.Draw(row.Level, _deviation, TimmOperations.TopLevel, ref random);
        operations.Add(operation.Draw(level, scale, Settings.Filter, ref random));
    }
}
