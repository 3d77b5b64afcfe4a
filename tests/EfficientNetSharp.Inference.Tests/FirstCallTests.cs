using System.Diagnostics.Tracing;
using System.Reflection;
using System.Runtime.CompilerServices;
using System.Runtime.Loader;
using EfficientNetSharp.Architectures;
using EfficientNetSharp.Graphs;
using EfficientNetSharp.Graphs.Quantization;
using EfficientNetSharp.Models;
using EfficientNetSharp.Testing;
using EfficientNetSharp.Testing.IntegerMath;
using EfficientNetSharp.Testing.Networks;

namespace EfficientNetSharp.Inference.Tests;

/// <summary>
/// A process's first calls are as fast as its later ones only if nothing on their way is compiled in haste first: the runtime replaces such
/// code after some dozens of calls and some tenths of a second, which for a network of a few milliseconds is a hundred calls.
/// </summary>
public sealed class FirstCallTests
{
    [Fact]
    public void What_a_call_runs_is_compiled_for_speed_at_once()
    {
        using var listener = new CompiledMethods();

        // In copies of the assemblies none of whose methods other tests have called, and the runtime compiled, before.
        var copies = new Copies();
        var probe = copies.LoadFromAssemblyPath(typeof(Probe).Assembly.Location).GetType(typeof(Probe).FullName!)!;
        probe.GetMethod(nameof(Probe.CallAll))!.Invoke(null, null);
        var methods = listener.Between(nameof(Probe.Begin), nameof(Probe.End), TestContext.Current.CancellationToken);

        Assert.Contains(methods, method => method.Tier == CompiledMethod.Optimized);
        var slow = methods
            .Where(method => (method.Tier is CompiledMethod.Unoptimized or CompiledMethod.Quick) && !IsOfTheFirstCallAlone(method.Name))
            .Select(method => method.Name).Distinct().Order();
        Assert.True(!slow.Any(), $"To be marked, or who calls them, with {nameof(MethodImplOptions.AggressiveOptimization)}:\n"
            + string.Join('\n', slow));
    }

    // A runner's first call takes the memory for it and the next ones.
    private static bool IsOfTheFirstCallAlone(string name) =>
        name.Contains(".Context..ctor", StringComparison.Ordinal)
        || name.Contains(".Context+<>c", StringComparison.Ordinal)
        || name.Contains(".Memory.", StringComparison.Ordinal);

    /// <summary>What is called, in the copies.</summary>
    public static class Probe
    {
        // Enough of the generated networks for every step and kernel.
        private const int Networks = 40;

        /// <summary>Makes runners, then calls each between the two marks.</summary>
        public static void CallAll()
        {
            Graph[] graphs =
            [
                EveryOperator.Build(),
                .. new[] { "efficientnet_b0", "efficientnet_lite0", "efficientnetv2_s", "mobilenet_v2", "mobilenet_v3_large", "resnet50" }
                    .Select(name => ArchitectureRegistry.Get(name).Scale(0.5, 0.3, 64).Build(new BuildOptions { Classes = 10 })),
                .. Enumerable.Range(0, Networks).Select(RandomNetwork.Build),
            ];
            var networks = graphs.Select(graph => (Graph: graph, Weights: SyntheticWeights.For(graph, gain: 1))).ToList();
            networks.AddRange([.. networks.SelectMany(network => Quantized(network.Graph, network.Weights))]);
            var runners = networks.SelectMany(network => SimdLevels.Available.SelectMany(level => new[] { 1, 2 }.Select(threads =>
                EngineRunner.Create(network.Graph, network.Weights, new PlanOptions { Level = level, Threads = threads })))).ToList();
            var inputs = runners.ConvertAll(runner => new float[runner.InputShape.Count]);
            var outputs = runners.ConvertAll(runner => new float[runner.OutputShapes.Sum(shape => shape.Count)]);
            Begin();
            for (int i = 0; i < runners.Count; i++) runners[i].Run(inputs[i], 1, outputs[i]);
            End();
            runners.ForEach(runner => runner.Dispose());
        }

        // In the arithmetic of each target, where the network has integers at all.
        private static IEnumerable<(Graph, WeightSet)> Quantized(Graph graph, WeightSet weights)
        {
            var network = graph.WithOutputs(graph.Output);
            if (network.Nodes.Any(node => node.Operator is ConditionalConvolution)) return [];
            var own = weights.For(network);
            float[] input = SyntheticInput.Batch(network.Input.Shape, 1, 1);
            return Enum.GetValues<IntegerArithmetic>()
                .SelectMany(arithmetic => new[] { 1UL, 2UL, 3UL }.Select(seed => RandomQuantization.Of(network, own, arithmetic, seed, input)));
        }

        [MethodImpl(MethodImplOptions.NoInlining)]
        public static void Begin()
        {
        }

        [MethodImpl(MethodImplOptions.NoInlining)]
        public static void End()
        {
        }
    }

    private sealed class Copies() : AssemblyLoadContext("first calls")
    {
        protected override Assembly? Load(AssemblyName name)
        {
            string path = Path.Combine(AppContext.BaseDirectory, name.Name + ".dll");
            return name.Name!.StartsWith(nameof(EfficientNetSharp), StringComparison.Ordinal) && File.Exists(path)
                ? LoadFromAssemblyPath(path)
                : null;
        }
    }

    /// <summary>A method that the runtime compiled.</summary>
    /// <param name="Thread">On which of the system's threads.</param>
    /// <param name="Module">The module that holds it.</param>
    /// <param name="Name">Its name with its type's.</param>
    /// <param name="Tier">How.</param>
    private sealed record CompiledMethod(long Thread, ulong Module, string Name, int Tier)
    {
        /// <summary>The tiers of a method's first code: for debuggers, for speed, in haste. Later code has others.</summary>
        public const int Unoptimized = 1, Optimized = 2, Quick = 3;
    }

    private sealed class CompiledMethods : EventListener
    {
        // Of the runtime's event MethodLoadVerbose: where in its flags the tier is.
        private const int TierShift = 7, TierMask = 7;
        private const EventKeywords Loader = (EventKeywords)0x8, Jit = (EventKeywords)0x10;

        private readonly List<CompiledMethod> _methods = [];

        /// <summary>
        /// What was compiled between two methods that one thread called, of the modules of which that thread called something.
        /// </summary>
        public List<CompiledMethod> Between(string first, string last, CancellationToken cancellationToken)
        {
            // Events come some time after what they tell of.
            while (true)
            {
                cancellationToken.ThrowIfCancellationRequested();
                lock (_methods)
                {
                    int begin = IndexOf(first), end = IndexOf(last);
                    if (begin >= 0 && end >= 0)
                    {
                        var all = _methods[(begin + 1)..end];
                        long thread = _methods[begin].Thread;
                        var modules = all.Where(method => method.Thread == thread).Select(method => method.Module).ToHashSet();
                        return all.FindAll(method => modules.Contains(method.Module));
                    }
                }

                Thread.Sleep(10);
            }
        }

        // Other types, which other tests call meanwhile, have methods of these names too.
        private int IndexOf(string method) =>
            _methods.FindIndex(one => one.Name.EndsWith($"+{nameof(Probe)}.{method}", StringComparison.Ordinal));

        protected override void OnEventSourceCreated(EventSource eventSource)
        {
            if (eventSource.Name == "Microsoft-Windows-DotNETRuntime") EnableEvents(eventSource, EventLevel.Verbose, Loader | Jit);
        }

        protected override void OnEventWritten(EventWrittenEventArgs eventData)
        {
            if (eventData.EventName?.StartsWith("MethodLoadVerbose", StringComparison.Ordinal) != true) return;
            string name = $"{Payload("MethodNamespace")}.{Payload("MethodName")}";
            if (!name.StartsWith(nameof(EfficientNetSharp), StringComparison.Ordinal)) return;
            int tier = (int)((uint)Payload("MethodFlags") >> TierShift) & TierMask;
            lock (_methods) _methods.Add(new CompiledMethod(eventData.OSThreadId, (ulong)Payload("ModuleID"), name, tier));

            object Payload(string field) => eventData.Payload![eventData.PayloadNames!.IndexOf(field)]!;
        }
    }
}
