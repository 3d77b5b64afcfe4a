using EfficientNetSharp.Graphs;
using EfficientNetSharp.Models;
using EfficientNetSharp.Testing;
using EfficientNetSharp.Training.Torch;

namespace EfficientNetSharp.Training.Tests.Torch;

/// <summary>What every backend must do, for libtorch.</summary>
public sealed class SpecificationTests : BackendSpecification
{
    /// <inheritdoc />
    protected override IEnumerable<IModelRunner> Runners(Graph graph, WeightSet weights) => [new TorchRunner(graph, weights)];
}
