using EfficientNetSharp.Graphs;
using EfficientNetSharp.Imaging.Codecs;
using EfficientNetSharp.Models;
using EfficientNetSharp.Randomness;

namespace EfficientNetSharp.Imaging.Transforms;

/// <summary>
/// The way of an image to the network outside training: decode, crop and resize by the model's rule, normalise. Pixels are bit-exact
/// to Pillow and torchvision. Safe to use from many threads at once.
/// </summary>
/// <remarks>Networks with one channel get the luma, taken before resizing, as loaders that open images in Pillow's mode L do.</remarks>
public sealed class EvaluationTransform : IImageTransform
{
    private readonly Preprocessing _preprocessing;
    private readonly DecodeOptions _options;
    private readonly Normalizer _normalizer;

    /// <summary>Prepares for the settings of a model.</summary>
    /// <param name="preprocessing">The settings.</param>
    /// <param name="options">Limits for decoding; <see langword="null"/> for the defaults.</param>
    /// <exception cref="InvalidInputException">The settings do not fit together; the message says which.</exception>
    public EvaluationTransform(Preprocessing preprocessing, DecodeOptions? options = null)
    {
        _normalizer = new Normalizer(preprocessing);
        _preprocessing = preprocessing;
        _options = options ?? DecodeOptions.Default;
    }

    /// <inheritdoc />
    public TensorShape OutputShape => _normalizer.OutputShape;

    /// <inheritdoc />
    public void Apply(ReadOnlySpan<byte> encoded, string name, ref SeededRandom random, Span<float> destination) =>
        Apply(encoded, name, destination);

    /// <summary>Decodes, crops, resizes and normalises one image.</summary>
    /// <param name="encoded">The bytes of an image file.</param>
    /// <param name="name">What to call the image in errors, usually its path.</param>
    /// <param name="destination">Receives the values [C,H,W].</param>
    /// <exception cref="InvalidInputException">The image is broken, empty or refused; the message names it.</exception>
    public void Apply(ReadOnlySpan<byte> encoded, string name, Span<float> destination)
    {
        _normalizer.CheckDestination(destination);
        using var image = Render(encoded, name);
        _normalizer.Apply(image, destination);
    }

    /// <summary>Crops, resizes and normalises an image that is decoded already.</summary>
    /// <param name="image">The image; it is not changed.</param>
    /// <param name="destination">Receives the values [C,H,W].</param>
    public void Apply(Image image, Span<float> destination)
    {
        _normalizer.CheckDestination(destination);
        using var rendered = Render(image);
        _normalizer.Apply(rendered, destination);
    }

    /// <summary>What the network sees of an image file, before normalisation, H×W pixels.</summary>
    /// <param name="encoded">The bytes of an image file.</param>
    /// <param name="name">What to call the image in errors, usually its path.</param>
    /// <exception cref="InvalidInputException">The image is broken, empty or refused; the message names it.</exception>
    public Image Render(ReadOnlySpan<byte> encoded, string name)
    {
        using var source = ImageSource.Open(encoded, name, _options);
        var plan = CropPlan.For(source.Size, _preprocessing);
        using var band = source.Decode(plan.AreaNeeded(_preprocessing.Interpolation));
        return Render(band, plan);
    }

    /// <summary>What the network sees of an image, before normalisation, H×W pixels.</summary>
    /// <param name="image">The image; it is not changed.</param>
    public Image Render(Image image)
    {
        ArgumentNullException.ThrowIfNull(image);
        return Render(ImageBand.Whole(image), CropPlan.For(image.Size, _preprocessing));
    }

    private Image Render(ImageBand band, CropPlan plan)
    {
        if (OutputShape.Channels > 1) return plan.Render(band, _preprocessing);
        using var grey = Luma.Grey(band.Part);
        return plan.Render(band with { Part = grey }, _preprocessing);
    }
}
