using System.Diagnostics;
using EfficientNetSharp.Architectures;
using EfficientNetSharp.Graphs;
using EfficientNetSharp.Inference;
using EfficientNetSharp.Models;

namespace EfficientNetSharp.FirstCalls.Benchmarks;

/// <summary>What a user's program does: make a runner and call it.</summary>
internal static class UserProgram
{
    /// <summary>The time of each call from the first on, in milliseconds.</summary>
    public static double[] Call(string network, int threads, int calls)
    {
        var graph = ArchitectureRegistry.Get(network).Build();
        using var engine = EngineRunner.Create(graph, WeightInitializer.Initialize(graph, seed: 1), new PlanOptions { Threads = threads });
        float[] input = new float[graph.Input.Shape.Count], output = new float[graph.Output.Shape.Count];
        for (int i = 0; i < input.Length; i++) input[i] = MathF.Sin(0.1f * i);
        var times = new double[calls];
        for (int i = 0; i < calls; i++)
        {
            long start = Stopwatch.GetTimestamp();
            engine.Run(input, 1, output);
            times[i] = Stopwatch.GetElapsedTime(start).TotalMilliseconds;
        }

        return times;
    }
}
