using System.Diagnostics;
using EfficientNetSharp.Architectures;
using EfficientNetSharp.Models;
using EfficientNetSharp.Training.Benchmarks;
using EfficientNetSharp.Training.Torch;
using TorchSharp;
using static TorchSharp.torch;

int batch = args.Length > 0 ? int.Parse(args[0]) : 32, resolution = args.Length > 1 ? int.Parse(args[1]) : 224, rounds = args.Length > 2 ? int.Parse(args[2]) : 5;
var graph = ArchitectureRegistry.Get("efficientnet_b0").Build(new BuildOptions { Height = resolution, Width = resolution });
using var ours = new GraphModule(graph, WeightInitializer.Initialize(graph, 1));
using var plain = new PlainTorch(1000);
var optimizer = optim.AdamW(plain.parameters());
using var pictures = randn(batch, 3, resolution, resolution);
using var labels = randint(1000, batch);
long step = 0;
var a = new List<double>(); var b = new List<double>(); var c = new List<double>();
for (int i = 0; i < rounds + 1; i++)
{
    var ta = Time(() => { using var s = NewDisposeScope(); optimizer.zero_grad(); var loss = nn.functional.cross_entropy(plain.forward(pictures), labels); loss.backward(); optimizer.step(); });
    var tb = Time(() => { using var s = NewDisposeScope(); ours.Parameters.Gradients.zero_(); var loss = nn.functional.cross_entropy(ours.Forward(pictures, new TrainingNoise(1, step++)), labels); loss.backward(); });
    Console.WriteLine($"plain {ta:F0} ms, ours {tb:F0} ms, ratio {ta / tb:F2}");
    if (i > 0) { a.Add(ta); b.Add(tb); }
}
a.Sort(); b.Sort();
Console.WriteLine($"median plain {a[a.Count / 2]:F0}, ours {b[b.Count / 2]:F0}, ratio {a[a.Count / 2] / b[b.Count / 2]:F2}");
double Time(Action action) { var w = Stopwatch.StartNew(); action(); return w.Elapsed.TotalMilliseconds; }
