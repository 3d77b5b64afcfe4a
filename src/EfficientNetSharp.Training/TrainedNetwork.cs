using EfficientNetSharp.Arrays;
using EfficientNetSharp.Graphs;
using EfficientNetSharp.Models;
using EfficientNetSharp.Running;
using EfficientNetSharp.Training.Tasks;
using EfficientNetSharp.Training.Torch;

namespace EfficientNetSharp.Training;

/// <summary>A network as training leaves it.</summary>
/// <param name="Graph">The graph, with the plan of its integers where it has some.</param>
/// <param name="Weights">Its weights.</param>
internal readonly record struct TrainedNetwork(Graph Graph, WeightSet Weights)
{
    /// <summary>The model of it.</summary>
    public Model ModelOf(TrainingTask task, TaskContext context, ModelCard card)
    {
        if (Graph.Quantization is not { } plan) return task.ModelOf(context, card, Weights);
        var model = task.ModelOf(context, card, Weights.StoredAs(ElementType.F32));
        return model with { Graph = model.Graph.WithQuantization(plan), Weights = Weights };
    }

    /// <summary>What judges it: for integers the host's own arithmetic, where it has one; else libtorch, which rounds as in training.</summary>
    public IModelRunner Runner(IBackend? inference) => Graph.Quantization is not null && inference is not null
        ? inference.Create(Graph, Weights, new RunnerOptions())
        : new TorchRunner(Graph, Weights);
}
