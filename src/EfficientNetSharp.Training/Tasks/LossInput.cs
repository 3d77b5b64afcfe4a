using EfficientNetSharp.Models;
using EfficientNetSharp.Training.Distributed;
using static TorchSharp.torch;

namespace EfficientNetSharp.Training.Tasks;

/// <summary>What a loss is made of.</summary>
internal readonly ref struct LossInput
{
    /// <summary>The run's parts.</summary>
    public required TaskContext Context { get; init; }

    /// <summary>The network's output [N,…], on the device that computes.</summary>
    public required Tensor Output { get; init; }

    /// <summary>The images and their labels.</summary>
    public required TrainingBatch Batch { get; init; }

    /// <summary>Size and statistics of the images, which may differ from epoch to epoch.</summary>
    public required Preprocessing Input { get; init; }

    /// <summary>The processes that train together, all of which make the same losses; <see langword="null"/> for this one alone.</summary>
    public IProcessGroup? Group { get; init; }

    /// <summary>Number of the step over the whole run, from 0.</summary>
    public long Step { get; init; }

    /// <summary>Epochs since the run began, with their fraction; those of a probe are not counted.</summary>
    public double Epoch { get; init; }

    /// <summary>The tensors in training by name, on the device that computes: the network's, and what the task trains beside it.</summary>
    public required IReadOnlyDictionary<string, Tensor> Parameters { get; init; }
}

/// <summary>What a task finds of some images.</summary>
/// <param name="Loss">The mean loss over the images, a number that can be differentiated.</param>
/// <param name="MeasureSum">Sum of <see cref="TrainingTask.TrainMeasure"/> over the images, such as how many are right.</param>
internal readonly record struct TaskLoss(Tensor Loss, double MeasureSum = 0);
