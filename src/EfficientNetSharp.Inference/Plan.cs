using System.Collections.Immutable;
using EfficientNetSharp.Graphs;
using EfficientNetSharp.Graphs.Transforms;
using EfficientNetSharp.Inference.Kernels;
using EfficientNetSharp.Inference.Layout;
using EfficientNetSharp.Inference.Planning;
using EfficientNetSharp.Inference.Steps;
using EfficientNetSharp.Models;
using EfficientNetSharp.Vectors;

namespace EfficientNetSharp.Inference;

/// <summary>
/// A network compiled for one input size: batch normalisations folded, functions and sums fused into the convolutions before them,
/// weights packed for the kernels, every value at its place in one arena. A plan does not change; any number of threads may run it
/// at once through an <see cref="EngineRunner"/>.
/// </summary>
public sealed class Plan
{
    // More than any machine has cores; a number beyond it is a slip.
    private const int MaxThreads = 1024;

    // More images side by side gain nothing, as the weights' share of the time is gone, and an address would not fit.
    private const int MaxImagesPerPass = 64;

    private Plan(Graph graph, BuiltPlan built, PlanOptions options, SimdLevel level)
    {
        InputShape = graph.Input.Shape;
        OutputShapes = [.. graph.Outputs.Select(output => output.Shape)];
        (Level, Threads, ImagesPerPass) = (level, options.Threads, options.ImagesPerPass);
        (Steps, Arena, ScratchBytes) = (built.Steps, built.Arena, built.ScratchBytes);
        WeightBytes = built.WeightBytes;
    }

    /// <summary>The shape of one image, [C,H,W].</summary>
    public TensorShape InputShape { get; }

    /// <summary>The shapes of the results for one image.</summary>
    public ImmutableArray<TensorShape> OutputShapes { get; }

    /// <summary>The vectors that the kernels work with.</summary>
    public SimdLevel Level { get; }

    /// <summary>Threads that work on one call.</summary>
    public int Threads { get; }

    /// <summary>Images that go through the network side by side.</summary>
    public int ImagesPerPass { get; }

    /// <summary>Memory of the packed weights, in bytes.</summary>
    public long WeightBytes { get; }

    /// <summary>Memory that a call needs beyond the weights, for one image at a time, in bytes.</summary>
    public long PeakBytes => Arena.Bytes + (ScratchBytes * Threads);

    /// <summary>The steps with the work in them, in order.</summary>
    public ImmutableArray<PlanStepInfo> Profile => [.. Steps.Select(step => new PlanStepInfo(step.Name, step.Kind, step.Macs))];

    internal PlanStep[] Steps { get; }

    internal ArenaLayout Arena { get; }

    internal long ScratchBytes { get; }

    /// <summary>Compiles a network.</summary>
    /// <param name="graph">The network, as trained or folded.</param>
    /// <param name="weights">Its weights; they are copied.</param>
    /// <param name="options">
    /// Threads and vectors; <see langword="null"/> for one thread per core and <see cref="SimdLevels.Default"/>.
    /// </param>
    /// <exception cref="InvalidInputException">
    /// The weights do not fit the network, an operator is not supported, a value is larger than the engine's kernels count or the
    /// machine has memory for, or the machine lacks the vectors that the options name.
    /// </exception>
    public static Plan Create(Graph graph, WeightSet weights, PlanOptions? options = null)
    {
        ArgumentNullException.ThrowIfNull(graph);
        ArgumentNullException.ThrowIfNull(weights);
        options ??= new PlanOptions();
        if (options.Threads is < 0 or > MaxThreads)
            throw new InvalidInputException(
                $"The number of threads is expected to be 0 (one per core) to {MaxThreads}, found {options.Threads}.");
        if (options.ImagesPerPass is < 1 or > MaxImagesPerPass)
            throw new InvalidInputException(
                $"The images of one pass are expected to be 1 to {MaxImagesPerPass}, found {options.ImagesPerPass}.");
        var level = options.Level is { } chosen ? SimdLevels.Of((int)chosen, nameof(PlanOptions.Level)) : SimdLevels.Default;
        weights.EnsureFit(graph);
        var (folded, foldedWeights) = InferenceTransform.Apply(graph, weights);
        var builder = new Builder(folded, foldedWeights);
        SimdLevels.Choose(level, ref builder);
        int threads = options.Threads == 0 ? Environment.ProcessorCount : options.Threads;
        var plan = new Plan(folded, builder.Built!, options with { Threads = threads }, level);
        PlanLimits.EnsureMemory(plan.WeightBytes + (plan.Arena.Bytes * plan.ImagesPerPass) + (plan.ScratchBytes * plan.Threads));
        return plan;
    }

    private struct Builder(Graph graph, WeightSet weights) : IVectorUser
    {
        public BuiltPlan? Built { get; private set; }

        public void Use<TSimd, TVector>()
            where TSimd : struct, ISimd<TVector>
            where TVector : struct => Built = PlanBuilder<TSimd, TVector>.Build(graph, weights);
    }
}
