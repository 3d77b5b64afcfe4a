using System.Collections.Immutable;
using EfficientNetSharp.Imaging;
using EfficientNetSharp.Imaging.Transforms;
using EfficientNetSharp.Models;

namespace EfficientNetSharp.Prediction.ActivationMaps;

/// <summary>Explains what a classifier finds in image files, by one mapper or several side by side.</summary>
public sealed class ImageExplainer : IDisposable
{
    private readonly ModelCard _card;
    private readonly EvaluationTransform _transform;

    /// <summary>Joins mappers of one network and its card.</summary>
    /// <param name="card">The card, whose preprocessing makes the network's input.</param>
    /// <param name="mappers">At least one; <see cref="Dispose"/> disposes them.</param>
    /// <exception cref="ArgumentException">There is none.</exception>
    public ImageExplainer(ModelCard card, params ImmutableArray<IActivationMapper> mappers)
    {
        ArgumentNullException.ThrowIfNull(card);
        if (mappers.IsDefaultOrEmpty) throw new ArgumentException("At least one mapper is expected.", nameof(mappers));
        (_card, Mappers, _transform) = (card, mappers, new EvaluationTransform(card.Preprocessing));
    }

    /// <summary>The mappers.</summary>
    public ImmutableArray<IActivationMapper> Mappers { get; }

    /// <summary>Explains an image.</summary>
    /// <param name="encoded">The bytes of an image file.</param>
    /// <param name="name">What to call the image in errors, usually its path.</param>
    /// <param name="classIndex">The class; the image's best where <see langword="null"/>.</param>
    /// <exception cref="InvalidInputException">The bytes are no usable image, or the network gives no finite outputs.</exception>
    public ImageExplanation Explain(ReadOnlySpan<byte> encoded, string name, int? classIndex = null)
    {
        var input = new float[_transform.OutputShape.Count];
        _transform.Apply(encoded, name, input);
        var maps = ImmutableArray.CreateBuilder<ActivationMap>(Mappers.Length);
        float[] logits = [];
        foreach (var mapper in Mappers)
        {
            // All of them explain one class: the first one's, where none is asked for.
            var mapped = mapper.Of(input, classIndex);
            (classIndex, logits) = (mapped.ClassIndex, mapped.Logits);
            maps.Add(mapped.Map);
        }

        var row = SoftmaxRow.Of(logits);
        if (!row.IsValid) throw new InvalidInputException(ImageRows.NotFinite(name));
        int index = classIndex!.Value;
        return new ImageExplanation(
            new ClassPrediction(index, _card.Classes[index], row.Probability(logits[index])), maps.MoveToImmutable(),
            NetworkView.Render(_card.Preprocessing, encoded, name));
    }

    /// <summary>Disposes the mappers.</summary>
    public void Dispose()
    {
        foreach (var mapper in Mappers) mapper.Dispose();
    }
}

/// <summary>Where in an image a class is found.</summary>
/// <param name="Prediction">The class, and its probability.</param>
/// <param name="Maps">A map of each of the explainer's mappers.</param>
/// <param name="Seen">The part of the image that the network sees, to lay the maps over; disposed with this.</param>
public sealed record ImageExplanation(ClassPrediction Prediction, ImmutableArray<ActivationMap> Maps, Image Seen) : IDisposable
{
    /// <summary>Disposes the image.</summary>
    public void Dispose() => Seen.Dispose();
}
