using System.Collections.Immutable;
using EfficientNetSharp.Graphs;
using EfficientNetSharp.Inference.Memory;
using EfficientNetSharp.Models;
using EfficientNetSharp.Testing.Networks;

namespace EfficientNetSharp.Inference.Tests;

/// <summary>
/// The kernels on generated networks between guard pages: one that reads or writes outside its memory ends the test run with an access
/// violation that names it; what it reads without anybody having written it is NaN.
/// </summary>
public sealed class GuardedMemoryTests
{
    public static TheoryData<int, int> Seeds => RandomNetworks.Blocks(usual: 1000);

    [Theory]
    [MemberData(nameof(Seeds))]
    public void No_kernel_leaves_its_memory_behind_the_end(int first, int count) => Check(first, count, GuardSide.After);

    [Theory]
    [MemberData(nameof(Seeds))]
    public void No_kernel_leaves_its_memory_before_the_start(int first, int count) => Check(first, count, GuardSide.Before);

    private static void Check(int first, int count, GuardSide side)
    {
        Assert.SkipUnless(OperatingSystem.IsLinux(), "Guard pages are made on Linux only.");
        using var guard = MemoryGuard.Use(side);
        RandomNetworks.Check(first, count, Runners, batch: 2);

        // Guarded memory takes many mappings, of which a process has 65,530, and goes with the garbage.
        static IEnumerable<IModelRunner> Runners(Graph graph, WeightSet weights)
        {
            GC.Collect();
            GC.WaitForPendingFinalizers();
            return SimdLevels.Available.Select(level => new GuardedRunner(
                EngineRunner.Create(graph, weights, new PlanOptions { Level = level, Threads = 1, ImagesPerPass = 1 })));
        }
    }

    // Images and results lie in guarded memory too.
    private sealed class GuardedRunner(EngineRunner engine) : IModelRunner
    {
        public string Backend => "guarded engine";

        public TensorShape InputShape => engine.InputShape;

        public TensorShape OutputShape => engine.OutputShape;

        public ImmutableArray<TensorShape> OutputShapes => engine.OutputShapes;

        public void Run(ReadOnlySpan<float> input, int batch, Span<float> output) => throw new NotSupportedException();

        public void RunAll(ReadOnlySpan<float> input, int batch, params ReadOnlySpan<Memory<float>> outputs)
        {
            var images = new AlignedBuffer<float>(input, input.Length);
            var results = new AlignedBuffer<float>(OutputShapes.Sum(shape => shape.Count) * batch);
            ((IModelRunner)engine).Run(images.Span, batch, results.Span);
            var rest = results.Span;
            foreach (var output in outputs)
            {
                rest[..output.Length].CopyTo(output.Span);
                rest = rest[output.Length..];
            }

            GC.KeepAlive(images);
            GC.KeepAlive(results);
        }

        public void Dispose() => engine.Dispose();
    }
}
