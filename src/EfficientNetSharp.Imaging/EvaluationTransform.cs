using EfficientNetSharp.Graphs;
using EfficientNetSharp.Imaging.Decoding;
using EfficientNetSharp.Models;
using EfficientNetSharp.Randomness;

namespace EfficientNetSharp.Imaging;

/// <summary>
/// The way of a picture to the network outside training: decode, crop and resize by the model's rule, normalise. Pixels are bit-exact
/// to Pillow and torchvision. Safe to use from many threads at once.
/// </summary>
/// <remarks>Networks with one channel get the luma, taken before resizing, as loaders that open pictures in Pillow's mode L do.</remarks>
public sealed class EvaluationTransform : IPictureTransform
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
    public void Apply(ReadOnlySpan<byte> encoded, string name, ref SeededRandom random, Span<float> destination) => Apply(encoded, name, destination);

    /// <summary>Decodes, crops, resizes and normalises one picture.</summary>
    /// <param name="encoded">The bytes of a picture file.</param>
    /// <param name="name">What to call the picture in errors, usually its path.</param>
    /// <param name="destination">Receives the values [C,H,W].</param>
    /// <exception cref="InvalidInputException">The picture is broken, empty or refused; the message names it.</exception>
    public void Apply(ReadOnlySpan<byte> encoded, string name, Span<float> destination)
    {
        _normalizer.CheckDestination(destination);
        using var picture = Render(encoded, name);
        _normalizer.Apply(picture, destination);
    }

    /// <summary>Crops, resizes and normalises a picture that is decoded already.</summary>
    /// <param name="picture">The picture; it is not changed.</param>
    /// <param name="destination">Receives the values [C,H,W].</param>
    public void Apply(Picture picture, Span<float> destination)
    {
        _normalizer.CheckDestination(destination);
        using var rendered = Render(picture);
        _normalizer.Apply(rendered, destination);
    }

    /// <summary>What the network sees of a picture file, before normalisation, H×W pixels.</summary>
    /// <param name="encoded">The bytes of a picture file.</param>
    /// <param name="name">What to call the picture in errors, usually its path.</param>
    /// <exception cref="InvalidInputException">The picture is broken, empty or refused; the message names it.</exception>
    public Picture Render(ReadOnlySpan<byte> encoded, string name)
    {
        using var source = PictureSource.Open(encoded, name, _options);
        var plan = CropPlan.For(source.Size, _preprocessing);
        var (top, count) = plan.RowsNeeded(_preprocessing.Interpolation);
        using var band = source.DecodeRows(top, count);
        return Render(band, plan);
    }

    /// <summary>What the network sees of a picture, before normalisation, H×W pixels.</summary>
    /// <param name="picture">The picture; it is not changed.</param>
    public Picture Render(Picture picture)
    {
        ArgumentNullException.ThrowIfNull(picture);
        return Render(new PictureBand(picture, 0, picture.Height), CropPlan.For(picture.Size, _preprocessing));
    }

    private Picture Render(PictureBand band, CropPlan plan)
    {
        if (OutputShape.Channels > 1) return plan.Render(band, _preprocessing);
        using var grey = Luma.Grey(band.Rows);
        return plan.Render(band with { Rows = grey }, _preprocessing);
    }
}
