using EfficientNetSharp.Graphs;
using EfficientNetSharp.Models;
using EfficientNetSharp.Testing;

namespace EfficientNetSharp.Inference.Tests;

/// <summary>What every backend must do, for the engine at every level.</summary>
public sealed class SpecificationTests : BackendSpecification
{
    /// <inheritdoc />
    protected override IEnumerable<IModelRunner> Runners(Graph graph, WeightSet weights) => SimdLevels.Available.Select(level =>
        EngineRunner.Create(graph, weights, new PlanOptions { Level = level, Threads = 2, ImagesPerPass = 2 }));
}
