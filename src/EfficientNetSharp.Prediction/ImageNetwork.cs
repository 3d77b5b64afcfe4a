using EfficientNetSharp.Graphs;
using EfficientNetSharp.Imaging.Transforms;
using EfficientNetSharp.Models;
using EfficientNetSharp.Running;

namespace EfficientNetSharp.Prediction;

/// <summary>A network that is ready for images: its runner, and the transform that makes its input of an image.</summary>
public sealed class ImageNetwork : IDisposable
{
    private readonly OpenedRunner _open;

    internal ImageNetwork(OpenedRunner open, ModelCard card, string path)
    {
        Transform = new EvaluationTransform(card.Preprocessing);
        if (Transform.OutputShape != open.Runner.InputShape)
        {
            throw new InvalidInputException(
                $"'{path}' takes {open.Runner.InputShape}, its preprocessing makes {Transform.OutputShape} of an image; run tensors through it instead.");
        }

        (_open, Card, Path) = (open, card, path);
    }

    /// <summary>The file.</summary>
    public string Path { get; }

    /// <summary>The card, with the preprocessing that is carried out.</summary>
    public ModelCard Card { get; }

    /// <summary>The network.</summary>
    public IModelRunner Runner => _open.Runner;

    /// <summary>What makes the network's input of an image.</summary>
    public EvaluationTransform Transform { get; }

    /// <summary>The network that was read from the file; <see langword="null"/> where a backend runs the file itself.</summary>
    public OpenedModel? Source => _open.Source;

    /// <summary>Makes sure that the network's outputs are the card's classes.</summary>
    /// <exception cref="InvalidInputException">They are not.</exception>
    public void EnsureClassifier()
    {
        if (Card.Classes.IsEmpty && Source?.Graph.Nodes.Any(node => node.Role == NodeRole.Embedding) == true)
        {
            throw new InvalidInputException(
                $"'{Path}' yields an embedding of {Runner.OutputShape.Count} features and names no classes; compare images by 'effnet embed', or use a model with classes.");
        }

        if (Card.Classes.IsEmpty)
            throw new InvalidInputException(
                $"'{Path}' names no classes: its outputs are features, or nobody says what they stand for; use a model with classes, or give their names with --classes.");
        if (Runner.OutputShape.Count != Card.Classes.Length)
            throw new InvalidInputException(
                $"'{Path}' has {NumberText.Counted(Runner.OutputShape.Count, "output")} but " +
                    $"names {NumberText.Counted(Card.Classes.Length, "class", "classes")}; export it again.");
    }

    /// <summary>Disposes the runner.</summary>
    public void Dispose() => _open.Dispose();
}
