using System.Security.Cryptography;
using System.Text;
using EfficientNetSharp.Architectures;
using EfficientNetSharp.Data;
using EfficientNetSharp.Evaluation.Reports;
using EfficientNetSharp.Graphs;
using EfficientNetSharp.Graphs.Quantization;
using EfficientNetSharp.Models;
using EfficientNetSharp.Running;
using EfficientNetSharp.Training.Distributed;
using EfficientNetSharp.Training.Probing;
using EfficientNetSharp.Training.Recipes;
using EfficientNetSharp.Training.Runs;
using EfficientNetSharp.Training.Tasks;
using EfficientNetSharp.Training.Transfer;

namespace EfficientNetSharp.Training;

/// <summary>What is to be trained, on what, how, and where it goes.</summary>
public sealed record TrainingJob
{
    /// <summary>The network.</summary>
    public required NetworkDefinition Network { get; init; }

    /// <summary>What it is trained for. Default: what the recipe says, without a teacher.</summary>
    public TrainingTask Task
    {
        get => field ??= Recipe.Task == TaskKind.Embedding ? new EmbeddingTask(Recipe.Embedding) : new ClassificationTask();
        init;
    }

    /// <summary>The images; a classifier's classes are theirs.</summary>
    public required DatasetSplits Data { get; init; }

    /// <summary>What is done to an image before the network sees it; it travels with the model.</summary>
    public required Preprocessing Preprocessing { get; init; }

    /// <summary>How to train.</summary>
    public required TrainingRecipe Recipe { get; init; }

    /// <summary>
    /// The run's folder; it is made. It receives the model, the checkpoint, the recipe and the history. <see langword="null"/> (default)
    /// for a run in memory: no file is written, a run that is stopped is lost, and the best model is in the outcome alone.
    /// </summary>
    public string? Folder { get; init; }

    /// <summary>
    /// The weights to start from, for example <see cref="Transfer.StartModel.WeightsFor"/>'s; <see langword="null"/> to draw them.
    /// </summary>
    public WeightSet? StartWeights { get; init; }

    /// <summary>
    /// The model that <see cref="StartWeights"/> are of, for the trained model's card; <see langword="null"/> where none is known.
    /// </summary>
    public ModelOrigin? From { get; init; }

    /// <summary>
    /// The name of the recipe that <see cref="Recipe"/> began as, for the trained model's card; <see langword="null"/> for none.
    /// </summary>
    public string? RecipeName { get; init; }

    /// <summary>
    /// <see cref="DatasetFingerprint.Of"/> of the training images, if it is known; found anew where <see langword="null"/>.
    /// </summary>
    public string? DataFingerprint { get; init; }

    /// <summary>Where to compute: <c>cpu</c>, or <c>cuda</c> with or without a number (<c>cuda:1</c>). Default <c>cpu</c>.</summary>
    public string Device { get; init; } = "cpu";

    /// <summary>What is written into the folder for repeating the run; <see langword="null"/> for nothing.</summary>
    public RunDescription? Description { get; init; }

    /// <summary>Go on from the folder's checkpoint, where there is one. A run in memory has none.</summary>
    public bool Resume { get; init; }

    /// <summary>Threads that decode. Default null: one a processor.</summary>
    public int? Workers { get; init; }

    /// <summary>Whether an image that cannot be read ends the run; by default it is left out and counted.</summary>
    public bool Strict { get; init; }

    /// <summary>
    /// The processes that train together, each with its part of every batch. Default: this one alone. Not disposed by the run.
    /// </summary>
    public IProcessGroup Group { get; init; } = new SingleProcessGroup();

    /// <summary>Told in a line what a person may want to know, such as that a folder is taken over from a process that is gone.</summary>
    public Action<string>? OnNote { get; init; }

    /// <summary>Measures speed. Default <see cref="TimeProvider.System"/>.</summary>
    public TimeProvider TimeProvider { get; init; } = TimeProvider.System;

    /// <summary>
    /// What runs the network where a probe reads features and where held-out images are judged; <see langword="null"/>, the default, for
    /// libtorch. The engine, which this library does not know, is quicker.
    /// </summary>
    public IBackend? Inference { get; init; }

    /// <summary>
    /// Whether the run begins with a probe (<see cref="TrainingRecipe.Probe"/>): it starts from trained weights, names classes, and its
    /// network ends in one linear layer.
    /// </summary>
    public bool BeginsWithProbe => this is { Recipe.Probe: not null, StartWeights: not null, Task: ClassificationTask }
        && LinearHead.Fits(BuildGraph());

    /// <summary>Whether the images judge by folds, so that the model learns from all of them: <see cref="ProbeOptions.Folds"/>.</summary>
    public bool IsFolded => BeginsWithProbe && Data.Undivided is not null && Recipe.Probe!.Folds > 1;

    /// <summary>
    /// Which values and kernels of the network are integers: it is trained as those see it, rounded, and their scales learn beside the
    /// weights (quantization-aware training). The network is folded, as the plan's is, and of floats; the trained model is quantized. It is
    /// judged in integers where <see cref="Inference"/> has them. <see langword="null"/>, the default, for floats.
    /// </summary>
    public QuantizationPlan? Quantization { get; init; }

    /// <summary>The epoch before the first: the weights that training starts from are judged as an epoch's would be.</summary>
    internal EpochRecord? Start { get; init; }

    /// <summary>Whether the last epoch is kept, whatever validation says of it.</summary>
    internal bool KeepsLast { get; init; }

    // What is trained for, and in which integers.
    internal string Identity => Quantization is null ? Task.Identity
        : $"{Task.Identity} in integers {Convert.ToHexString(SHA256.HashData(Encoding.UTF8.GetBytes(QuantizationJson.Serialize(Quantization))), 0, 8)}";

    internal TaskContext Context => new(Network, Data, Preprocessing, Recipe) { Processes = Group.Size, Rank = Group.Rank };

    /// <summary>The network at the size that it is judged and kept at.</summary>
    internal Graph BuildGraph() => Task.BuildGraph(Context, new BuildOptions
    {
        InputChannels = Preprocessing.Mean.Length, Height = Preprocessing.Height, Width = Preprocessing.Width,
    });
}
