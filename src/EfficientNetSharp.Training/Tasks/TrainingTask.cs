using System.Collections.Immutable;
using EfficientNetSharp.Architectures;
using EfficientNetSharp.Data;
using EfficientNetSharp.Evaluation;
using EfficientNetSharp.Graphs;
using EfficientNetSharp.Models;

namespace EfficientNetSharp.Training.Tasks;

/// <summary>
/// What a network is trained for: the network that it needs, the loss and what the loss itself learns, and by what the best epoch is
/// chosen. A task holds settings and nothing of a run, so several runs may share one.
/// </summary>
/// <remarks>What a task computes with libtorch is internal, as libtorch's types stay out of this library's surface.</remarks>
public abstract class TrainingTask
{
    private protected TrainingTask()
    {
    }

    /// <summary>What cards and runs call it, in lower case with underscores.</summary>
    public abstract string Name { get; }

    /// <summary>What an epoch is judged by.</summary>
    public abstract Measure Score { get; }

    /// <summary>What the steps measure of the training images beside the loss; <see langword="null"/> for nothing.</summary>
    public virtual Measure? TrainMeasure => null;

    /// <summary>How runs of it are told of.</summary>
    public TaskSummary Summary => new(Name, Score, TrainMeasure);

    /// <summary>Names the task and its settings: a run goes on only with the same.</summary>
    internal virtual string Identity => Name;

    /// <summary>What the card of a trained model says of the task's own sources, beside what all tasks have.</summary>
    internal virtual IEnumerable<KeyValuePair<string, string>> Provenance => [];

    /// <summary>What the card of a trained model says of what the task made of the run's parts.</summary>
    internal virtual IEnumerable<KeyValuePair<string, string>> ProvenanceOf(TaskContext context) => [];

    /// <summary>Checks that the run's parts fit the task.</summary>
    /// <exception cref="InvalidInputException">They do not.</exception>
    internal abstract void Check(TaskContext context);

    /// <summary>The classes that the trained model names, in the order of its outputs; empty where it names none.</summary>
    internal abstract ImmutableArray<string> ClassesOf(DatasetSplits data);

    /// <summary>The network to train.</summary>
    /// <param name="context">The run's parts.</param>
    /// <param name="options">Size, channels, dropout and stochastic depth; the classes are for the task to say.</param>
    internal virtual Graph BuildGraph(TaskContext context, BuildOptions options) =>
        context.Network.Build(options with { Classes = ClassesOf(context.Data).Length });

    /// <summary>The trained model.</summary>
    /// <param name="context">The run's parts.</param>
    /// <param name="card">Its card.</param>
    /// <param name="weights">The weights of <see cref="BuildGraph"/>'s network.</param>
    internal virtual Model ModelOf(TaskContext context, ModelCard card, WeightSet weights) => context.Network.ModelOf(card, weights);

    /// <summary>
    /// What the task trains beside the network: in steps, averages, checkpoints and the exchange between processes it is treated as the
    /// network's own; the trained model does not hold it.
    /// </summary>
    /// <param name="context">The run's parts.</param>
    /// <param name="graph">The network.</param>
    internal virtual ImmutableArray<TaskParameter> ParametersOf(TaskContext context, Graph graph) => [];

    /// <summary>Names of the network's parameters that keep their first values.</summary>
    /// <param name="context">The run's parts.</param>
    internal virtual ImmutableHashSet<string> FixedParameters(TaskContext context) => [];

    /// <summary>The loss of some images.</summary>
    internal abstract TaskLoss Loss(in LossInput input);

    /// <summary>
    /// Judges the network on the validation images, by itself: what the task trained beside it has no say. All processes of a run call it
    /// and receive the same.
    /// </summary>
    /// <exception cref="OperationCanceledException">It was cancelled.</exception>
    internal abstract ValidationResult Validate(ValidationInput input);
}

/// <summary>A task as files and views name it.</summary>
/// <param name="Name">The task's name.</param>
/// <param name="Score">What an epoch is judged by.</param>
/// <param name="TrainMeasure">What the steps measure of the training images beside the loss; <see langword="null"/> for nothing.</param>
public sealed record TaskSummary(string Name, Measure Score, Measure? TrainMeasure = null);
