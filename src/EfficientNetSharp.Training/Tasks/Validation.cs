using System.Collections.Immutable;
using EfficientNetSharp.Data;
using EfficientNetSharp.Data.Loading;
using EfficientNetSharp.Evaluation;
using EfficientNetSharp.Imaging.Transforms;
using EfficientNetSharp.Models;
using EfficientNetSharp.Training.Distributed;

namespace EfficientNetSharp.Training.Tasks;

/// <summary>What a network is judged with.</summary>
/// <param name="Context">The run's parts.</param>
/// <param name="Runner">The network as it would be exported, at the size of the context's preprocessing.</param>
/// <param name="Options">Batch size, threads, and what is done about broken images.</param>
/// <param name="Group">The processes that judge together.</param>
/// <param name="CancellationToken">Ends it.</param>
internal sealed record ValidationInput(
    TaskContext Context, IModelRunner Runner, EvaluationOptions Options, IProcessGroup Group, CancellationToken CancellationToken)
{
    /// <summary>Told how far this process is; <see langword="null"/> for nobody.</summary>
    public IProgress<EvaluationProgress>? Progress { get; init; }

    /// <summary>The validation images.</summary>
    public IImageDataset Images => Context.Data.Validation;

    /// <summary>What is done to them.</summary>
    public EvaluationTransform Transform => new(Context.Preprocessing);
}

/// <summary>How good a network is.</summary>
/// <param name="Count">Images judged.</param>
/// <param name="Score">The task's <see cref="TrainingTask.Score"/>.</param>
/// <param name="Loss">The mean validation loss; <see langword="null"/> where there is none.</param>
internal sealed record ValidationResult(long Count, double Score, double? Loss)
{
    /// <summary>What a person should know of the network, one line each.</summary>
    public ImmutableArray<string> Notes { get; init; } = [];

    /// <summary>Images that could not be read, of several processes this one's.</summary>
    public ImmutableArray<BrokenImage> Unreadable { get; init; } = [];
}
