using EfficientNetSharp.Graphs;
using EfficientNetSharp.Inference;

namespace EfficientNetSharp.Cli.Support.Benchmarking;

/// <summary>What a benchmark measures, and on what.</summary>
/// <param name="Name">The network's name.</param>
/// <param name="Input">Shape of an image.</param>
/// <param name="Macs">Multiply-adds for one image.</param>
/// <param name="Batch">Images of a run.</param>
/// <param name="Threads">Threads of a run.</param>
/// <param name="Level">The engine's vectors.</param>
/// <param name="CoreGigaflops">What one core was measured to be able to do with them.</param>
internal sealed record BenchmarkSubject(
    string Name, TensorShape Input, long Macs, int Batch, int Threads, SimdLevel Level, double CoreGigaflops)
{
    /// <summary>What the cores that are used can do together.</summary>
    public double PeakGigaflops => CoreGigaflops * Math.Min(Threads, Environment.ProcessorCount);
}
