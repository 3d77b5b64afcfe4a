using EfficientNetSharp.Graphs;

namespace EfficientNetSharp.Costs;

/// <summary>Says how long a network takes for one image, by measuring or by a model of a device.</summary>
public interface ILatencyModel
{
    /// <summary>What is measured or modelled, for people, such as <c>ONNX Runtime, 1 thread</c>.</summary>
    string Name { get; }

    /// <summary>The time for one image (batch 1), in milliseconds; positive and finite.</summary>
    double EstimateMs(Graph graph);
}
