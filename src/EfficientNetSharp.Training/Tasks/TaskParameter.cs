using EfficientNetSharp.Graphs;
using EfficientNetSharp.Models;

namespace EfficientNetSharp.Training.Tasks;

/// <summary>
/// A tensor that a task trains beside the network, for example a prototype for each class, or keeps, such as a running mean.
/// </summary>
/// <param name="Parameter">
/// Name, shape and role. The name is none of the network's; kernels are laid among the network's kernels, running values among its running
/// statistics, anything else among its biases or normalisations. Several processes take the means of running values.
/// </param>
/// <param name="Initial">What it starts from.</param>
internal sealed record TaskParameter(Parameter Parameter, WeightTensor Initial)
{
    /// <summary>Whether the recipe's weight decay applies to it; by default to kernels.</summary>
    public bool Decays { get; init; } = Parameter.IsKernel;

    /// <summary>Its share of the learning rate; default 1.</summary>
    public double RateScale { get; init; } = 1;

    /// <summary>
    /// Whether each process has other rows of it, which it alone trains: its gradients are not exchanged, and its shape is this process's.
    /// A checkpoint has the rows of all, in the order of the processes.
    /// </summary>
    public bool IsSplit { get; init; }
}
