using System.Runtime.Intrinsics;
using EfficientNetSharp.Graphs;
using EfficientNetSharp.Graphs.Quantization;
using EfficientNetSharp.Models;

namespace EfficientNetSharp.Inference.Integers;

/// <summary>The planner of integers for vectors as wide as the floats' beside them.</summary>
internal static class IntegerPlanners
{
    /// <param name="lanes">Float32 values of a vector.</param>
    /// <param name="graph">The folded network.</param>
    /// <param name="weights">Its weights.</param>
    /// <param name="plan">Its plan.</param>
    public static IIntegerPlanner For(int lanes, Graph graph, WeightSet weights, QuantizationPlan plan) => lanes switch
    {
        16 => new IntegerPlanner<IntegerSimd512, Vector512<int>, Vector512<short>>(graph, weights, plan),
        8 => new IntegerPlanner<IntegerSimd256, Vector256<int>, Vector256<short>>(graph, weights, plan),
        _ => new IntegerPlanner<IntegerSimd128, Vector128<int>, Vector128<short>>(graph, weights, plan),
    };
}
