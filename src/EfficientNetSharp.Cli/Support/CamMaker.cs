using EfficientNetSharp.Evaluation;
using EfficientNetSharp.Evaluation.ActivationMaps;
using EfficientNetSharp.Graphs;
using EfficientNetSharp.Imaging.Transforms;
using EfficientNetSharp.Models;
using EfficientNetSharp.Onnx;
using EfficientNetSharp.Training.Torch;

namespace EfficientNetSharp.Cli.Support;

/// <summary>Makes the activation maps of images for one model.</summary>
internal sealed class CamMaker : IDisposable
{
    private readonly Model _model;
    private readonly Graph _graph;
    private readonly EvaluationTransform _transform;
    private readonly IModelRunner? _runner;
    private readonly ActivationGradients? _gradients;

    /// <summary>Prepares a model.</summary>
    /// <param name="model">A classifier.</param>
    /// <param name="withCam">Whether class activation maps are wanted; the network has to be fit for them.</param>
    /// <param name="withGradCam">Whether Grad-CAMs are.</param>
    /// <param name="stride">Stride of the Grad-CAM's map; the last map before the classifier where <see langword="null"/>.</param>
    public CamMaker(Model model, bool withCam, bool withGradCam, int? stride)
    {
        (_model, _graph) = (model, model.BuildGraph());
        _transform = new EvaluationTransform(model.Card.Preprocessing);
        if (_transform.OutputShape != _graph.Input.Shape)
            throw new InvalidInputException($"The model takes {_graph.Input.Shape}, its preprocessing makes {_transform.OutputShape} of an image; use 'effnet run'.");
        LastMap = ClassifierLayers.LastMap(_graph);
        Layer = stride is null ? LastMap : _graph[model.BuildFeatureGraph([stride.Value]).Output.Name];
        if (withCam) _runner = OnnxRuntimeRunner.Create(_graph.WithOutputs(_graph.Output, LastMap), model.Weights);
        if (withGradCam) _gradients = CreateGradients();
    }

    /// <summary>The map that class activation maps are made of.</summary>
    public Node LastMap { get; }

    /// <summary>The map that Grad-CAMs are made of.</summary>
    public Node Layer { get; }

    /// <summary>Makes the maps of an image.</summary>
    /// <param name="encoded">The bytes of its file.</param>
    /// <param name="name">What to call it in errors.</param>
    /// <param name="classIndex">The class; the best one where <see langword="null"/>.</param>
    public Result Make(ReadOnlySpan<byte> encoded, string name, int? classIndex)
    {
        var input = new float[_transform.OutputShape.Count];
        _transform.Apply(encoded, name, input);
        ActivationMap? cam = null, gradCam = null;
        float[] logits = [];
        if (_runner is not null)
        {
            logits = new float[_graph.Output.Shape.Count];
            var activations = new float[LastMap.Shape.Count];
            _runner.RunAll(input, 1, logits, activations);
            classIndex ??= Best(logits).ClassIndex;
            cam = ActivationMap.OfClass(activations, LastMap.Shape, ClassifierLayers.ClassWeights(_graph, _model.Weights, classIndex.Value).Span);
        }

        if (_gradients is not null)
        {
            var found = _gradients.Of(input, classIndex);
            (logits, classIndex) = (found.Row, found.Output);
            gradCam = ActivationMap.OfGradients(found.Activations, found.Gradients, Layer.Shape);
        }

        var prediction = TopK.Of(logits, _model.Card.Classes, logits.Length).First(prediction => prediction.ClassIndex == classIndex);
        return new Result(prediction, cam, gradCam);
    }

    public void Dispose()
    {
        _runner?.Dispose();
        _gradients?.Dispose();
    }

    private Prediction Best(float[] logits) => TopK.Of(logits, _model.Card.Classes, 1)[0];

    // Of its own, so that libtorch is not loaded where only class activation maps are made.
    private ActivationGradients CreateGradients()
    {
        TorchRuntime.Prepare();
        return new ActivationGradients(_graph, _model.Weights, Layer);
    }

    /// <summary>An image's maps.</summary>
    /// <param name="Prediction">The class that the maps are for, and its probability.</param>
    /// <param name="Cam">The class activation map, where wanted.</param>
    /// <param name="GradCam">The Grad-CAM, where wanted.</param>
    public sealed record Result(Prediction Prediction, ActivationMap? Cam, ActivationMap? GradCam);
}
