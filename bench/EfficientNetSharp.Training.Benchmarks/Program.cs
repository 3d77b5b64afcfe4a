using System.Diagnostics;
using System.Globalization;
using EfficientNetSharp.Architectures;
using EfficientNetSharp.Models;
using EfficientNetSharp.Training.Benchmarks;
using EfficientNetSharp.Training.Recipes;
using EfficientNetSharp.Training.Steps;
using EfficientNetSharp.Training.Torch;
using EfficientNetSharp.Training.Torch.Functions;
using TorchSharp;
using static TorchSharp.torch;

// A training step of EfficientNet-B0 (forward, backward, AdamW) by the same libtorch in one process:
//   plain          TorchSharp modules, NCHW maps, torch's AdamW, the C library's defaults
//   plain, kept    the same, with the C library keeping freed memory
//   autograd       the graph by libtorch's autograd, channels innermost, our AdamW over one vector, freed memory kept
//   ours           the same with our own passes
//   bf16           the graph with maps and convolutions in bfloat16
//   plain, fixed   and ours, fixed: as in fine-tuning, all normalisations with their running statistics
// Rounds alternate; medians and ratios are printed. Arguments: [batch] [resolution] [rounds] [only] [architecture], where only names one
// of the above, for a profiler, or all; another architecture than B0 has no plain rival.
// Or: mpiexec -n 2 … allreduce, for sums over processes.
if (args is ["allreduce"])
{
    AllReduceBenchmark.Run();
    return;
}

int batch = Argument(0, 32), resolution = Argument(1, 224), rounds = Argument(2, 5);
string? only = args.ElementAtOrDefault(3) is "all" ? null : args.ElementAtOrDefault(3);
string architecture = args.ElementAtOrDefault(4) ?? "efficientnet_b0";

var graph = ArchitectureRegistry.Get(architecture).Build(new BuildOptions { Height = resolution, Width = resolution });
using var ours = new GraphModule(graph, WeightInitializer.Initialize(graph, 1));
var ourGroups = ParameterLayout.GroupsOf(ours.Parameters, graph, new TrainingRecipe { WeightDecay = 0.01 }, []);
var ourOptimizer = new EfficientNetSharp.Training.Optimizers.AdamW((int)ours.Parameters.Values.numel());
using var half = new GraphModule(graph, ours.Parameters, new ModuleOptions { Precision = Precision.Bf16 });
using var settled = new GraphModule(graph, ours.Parameters, new ModuleOptions { FixedStatistics = true });
using var plain = new PlainTorch(1000);
using var plainOptimizer = optim.AdamW(plain.parameters());
using var images = randn(batch, 3, resolution, resolution);
using var labels = randint(1000, batch);
long step = 0;

(string Name, bool KeepMemory, Action Run)[] rivals =
[
    ("plain", false, PlainStep), ("plain, kept", true, PlainStep), ("autograd", true, AutogradStep), ("ours", true, () => OurStep(ours)),
    ("bf16", true, () => OurStep(half)), ("plain, fixed", true, () => Fixed(PlainStep)), ("ours, fixed", true, () => OurStep(settled)),
];
if (architecture != "efficientnet_b0") rivals = [.. rivals.Where(rival => !rival.Name.StartsWith("plain", StringComparison.Ordinal))];
if (only is not null) rivals = [.. rivals.Where(rival => rival.Name == only)];
var times = rivals.ToDictionary(rival => rival.Name, _ => new List<(double Wall, double Processor)>());
using var process = Process.GetCurrentProcess();
for (int round = -1; round < rounds; round++)
{
    foreach (var (name, keepMemory, run) in rivals)
    {
        TorchRuntime.KeepFreedMemory(keepMemory);
        process.Refresh();
        var before = process.TotalProcessorTime;
        var watch = Stopwatch.StartNew();
        run();
        double wall = watch.Elapsed.TotalSeconds;
        process.Refresh();
        // The first round warms up.
        if (round >= 0) times[name].Add((wall, (process.TotalProcessorTime - before).TotalSeconds));
    }
}

Console.WriteLine($"{architecture}, batch {batch}, {resolution} pixels, {get_num_threads()} threads, medians of {rounds}");
// Processor time tells more on a machine that others use too.
var (baseline, processorBaseline) = Medians(times[rivals[0].Name]);
foreach (var (name, _, _) in rivals)
{
    var (wall, processor) = Medians(times[name]);
    Console.WriteLine(FormattableString.Invariant(
        $"{name,-12} {1000 * wall,8:F0} ms  {batch / wall,7:F1} images/s  {baseline / wall:F2}×   processor {processor,6:F2} s  {processorBaseline / processor:F2}×"));
}

process.Refresh();
if (only is not null) Console.WriteLine(FormattableString.Invariant($"resident at most {process.PeakWorkingSet64 / 1e6:F0} MB"));

void Fixed(Action run)
{
    foreach (var norm in plain.modules().OfType<TorchSharp.Modules.BatchNorm2d>()) norm.eval();
    run();
    plain.train();
}

void PlainStep()
{
    using var scope = NewDisposeScope();
    plainOptimizer.zero_grad();
    nn.functional.cross_entropy(plain.forward(images), labels, label_smoothing: 0.1).backward();
    plainOptimizer.step();
}

void AutogradStep()
{
    using var scope = NewDisposeScope();
    ours.Parameters.Gradients.zero_();
    nn.functional.cross_entropy(ours.Forward(images, new TrainingNoise(1, step)), labels, label_smoothing: 0.1).backward();
    ourOptimizer.Step(TensorMemory.SpanOf(ours.Parameters.Values), TensorMemory.SpanOf(ours.Parameters.Gradients), ourGroups, 1e-3, step++);
}

void OurStep(GraphModule module)
{
    using var scope = NewDisposeScope();
    ours.Parameters.Gradients.zero_();
    using var pass = module.Train(images, new TrainingNoise(1, step));
    nn.functional.cross_entropy(pass.Output, labels, label_smoothing: 0.1).backward();
    pass.Backward();
    ourOptimizer.Step(TensorMemory.SpanOf(ours.Parameters.Values), TensorMemory.SpanOf(ours.Parameters.Gradients), ourGroups, 1e-3, step++);
}

int Argument(int index, int standard) => args.Length > index ? int.Parse(args[index], CultureInfo.InvariantCulture) : standard;

static (double Wall, double Processor) Medians(List<(double Wall, double Processor)> values) =>
    (values.Select(value => value.Wall).Order().ElementAt(values.Count / 2),
        values.Select(value => value.Processor).Order().ElementAt(values.Count / 2));
