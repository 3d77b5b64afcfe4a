using System.Collections.Immutable;
using EfficientNetSharp.Graphs;
using EfficientNetSharp.Imaging.Augmentations;
using EfficientNetSharp.Imaging.Augmentations.Policies;
using EfficientNetSharp.Imaging.Codecs;
using EfficientNetSharp.Imaging.Resampling;
using EfficientNetSharp.Models;
using EfficientNetSharp.Randomness;

namespace EfficientNetSharp.Imaging.Transforms;

/// <summary>
/// The way of an image to the network in training: decode, random resized crop, random flip, policy, colour jitter, cutout, normalise,
/// random erasing; what is off costs nothing. All chance comes from the generator passed in; equal generators give equal values on every
/// thread. Safe to use from many threads at once.
/// </summary>
public sealed class TrainingTransform : IImageTransform
{
    private readonly Preprocessing _preprocessing;
    private readonly DecodeOptions _options;
    private readonly Normalizer _normalizer;
    private readonly RandomResizedCrop _crop;
    private readonly ImmutableArray<IAugmentation> _augmentations;
    private readonly RandomErasing? _erasing;

    /// <summary>Prepares for the settings of a model and a recipe.</summary>
    /// <param name="preprocessing">
    /// Size, interpolation, statistics and channel order of the input; its crop rule is for evaluation and not used.
    /// </param>
    /// <param name="augmentation">How much chance changes images; <see langword="null"/> for the defaults.</param>
    /// <param name="options">Limits for decoding; <see langword="null"/> for the defaults.</param>
    /// <exception cref="InvalidInputException">The settings do not fit together; the message says which.</exception>
    public TrainingTransform(Preprocessing preprocessing, AugmentationOptions? augmentation = null, DecodeOptions? options = null)
    {
        augmentation ??= new AugmentationOptions();
        augmentation.Check();
        _normalizer = new Normalizer(preprocessing);
        _preprocessing = preprocessing;
        _options = options ?? DecodeOptions.Default;
        _crop = augmentation.CreateCrop();
        _augmentations = [.. Augmentations(augmentation, preprocessing)];
        _erasing = augmentation.Erasing is { } erasing ? new RandomErasing(erasing) : null;
    }

    /// <inheritdoc />
    public TensorShape OutputShape => _normalizer.OutputShape;

    /// <inheritdoc />
    public void Apply(ReadOnlySpan<byte> encoded, string name, ref SeededRandom random, Span<float> destination)
    {
        _normalizer.CheckDestination(destination);
        using var image = Render(encoded, name, ref random);
        _normalizer.Apply(image, destination);
        _erasing?.Apply(destination, OutputShape, ref random);
    }

    /// <summary>What the network sees of an image file, before normalisation and erasing, H×W pixels.</summary>
    /// <param name="encoded">The bytes of an image file.</param>
    /// <param name="name">What to call the image in errors, usually its path.</param>
    /// <param name="random">The image's own stream of random numbers.</param>
    /// <exception cref="InvalidInputException">The image is broken, empty or refused; the message names it.</exception>
    public Image Render(ReadOnlySpan<byte> encoded, string name, ref SeededRandom random)
    {
        using var source = ImageSource.Open(encoded, name, _options);
        var crop = _crop.Draw(source.Size, ref random);
        using var band = source.Decode(crop);
        var image = Cut(band, crop);
        foreach (var augmentation in _augmentations) augmentation.Apply(image, ref random);
        return image;
    }

    /// <summary>The order of timm's and torchvision's reference recipes.</summary>
    private static IEnumerable<IAugmentation> Augmentations(AugmentationOptions options, Preprocessing preprocessing)
    {
        yield return new RandomHorizontalFlip(options.FlipProbability);
        if (options.LowResolution > 0) yield return new RandomApply(options.LowResolution, new RandomLowResolution());
        if (options.Policy is { } policy)
        {
            yield return new RandomApply(
                options.PolicyProbability ?? 1, AugmentationPolicies.Parse(policy, preprocessing, options.PolicyMagnitude));
        }
        yield return options.CreateJitter();
        if (options.Grey > 0) yield return new RandomApply(options.Grey, new RandomGrayscale());
        if (options.CutoutSide > 0) yield return new RandomCutout(options.CutoutSide, PolicySettings.Timm(preprocessing).Fill);
    }

    private Image Cut(ImageBand band, PixelRectangle crop)
    {
        if (OutputShape.Channels > 1) return Resize(band, crop);
        using var grey = Luma.Grey(band.Part);
        return Resize(band with { Part = grey }, crop);
    }

    private Image Resize(ImageBand band, PixelRectangle crop) =>
        Resampler.ResizeCrop(band, crop, _preprocessing.Width, _preprocessing.Height, _preprocessing.Interpolation);
}
