using System.Collections.Immutable;
using EfficientNetSharp.Randomness;

namespace EfficientNetSharp.Imaging.Augmentations.Policies;

/// <summary>RandAugment (Cubuk et al. 2019): a few operations drawn at random, all of one strength.</summary>
internal sealed class RandAugment : SequentialPolicy
{
    /// <summary>Shift in pixels and half cutout at level 10 (distort_image_with_randaugment in the TPU code and automl).</summary>
    private const int TpuTranslate = 100, TpuCutout = 40;

    /// <summary>timm's chance of an operation once drawn.</summary>
    private const double TimmProbability = 0.5;

    private readonly RandAugmentOptions _options;
    private readonly RandAugmentSet _set;
    private readonly double _limit;
    private readonly double _probability;

    /// <summary>Takes the options.</summary>
    /// <param name="options">Operations, number and strength.</param>
    /// <param name="settings">Fill colour and filter.</param>
    /// <exception cref="InvalidInputException">An option is out of its range; the message names it.</exception>
    public RandAugment(RandAugmentOptions options, PolicySettings settings)
        : base(settings)
    {
        ArgumentNullException.ThrowIfNull(options);
        options.Check();
        _options = options;
        _set = RandAugmentSet.Of(options.Table);
        bool isTimm = options.Table is not (RandAugmentTable.Tpu or RandAugmentTable.Torchvision);
        _limit = options.MagnitudeLimit ?? (isTimm ? TimmOperations.TopLevel : double.PositiveInfinity);
        _probability = options.Probability ?? (isTimm ? TimmProbability : 1);
    }

    /// <inheritdoc />
    public override ImmutableArray<PolicyOperation> Draw(ImageSize size, ref SeededRandom random)
    {
        var scale = _options.Table switch
        {
            RandAugmentTable.Tpu => new LevelScale(size, TpuTranslate, TpuCutout),
            RandAugmentTable.Torchvision => new LevelScale(size, Bins: TorchvisionOperations.Bins),
            _ => new LevelScale(size, TimmOperations.RelativeTranslate),
        };
        Span<double> weights = stackalloc double[_set.Weights.Length];
        _set.Weights.CopyTo(weights);
        var operations = ImmutableArray.CreateBuilder<PolicyOperation>(_options.Layers);
        for (int layer = 0; layer < _options.Layers; layer++)
        {
            var operation = _set.Operations[weights.IsEmpty ? random.NextInt(_set.Operations.Length) : DrawWeighted(weights, ref random)];
            if (_probability < 1 && random.NextDouble() >= _probability) continue;
            double level = Levels.Draw(_options.Magnitude, _options.MagnitudeDeviation, _limit, ref random);
            operations.Add(operation.Draw(level, scale, Settings.Filter, ref random));
        }

        return operations.DrainToImmutable();
    }

    /// <summary>Draws a position and takes it out, so that it does not come again; when all are out, the first.</summary>
    private static int DrawWeighted(Span<double> weights, ref SeededRandom random)
    {
        double sum = 0;
        foreach (double weight in weights) sum += weight;
        double at = random.NextDouble() * sum;
        int drawn = 0;
        for (int i = 0; i < weights.Length; i++)
        {
            if (weights[i] == 0) continue;
            drawn = i;
            at -= weights[i];
            if (at < 0) break;
        }

        weights[drawn] = 0;
        return drawn;
    }
}
