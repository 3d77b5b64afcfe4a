using System.CommandLine;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics.Arm;
using System.Runtime.Intrinsics.X86;
using System.Text.Json.Nodes;
using EfficientNetSharp.Architectures;
using EfficientNetSharp.Cli.Support;
using EfficientNetSharp.Imaging.Codecs;
using EfficientNetSharp.Inference;
using EfficientNetSharp.Models;
using EfficientNetSharp.Onnx;
using EfficientNetSharp.Running;
using EfficientNetSharp.Training.Torch;

namespace EfficientNetSharp.Cli.Commands;

/// <summary><c>effnet doctor</c>: whether this machine has what the tool needs, and what to do where not.</summary>
internal static class DoctorCommand
{
    private sealed record Finding(string What, bool Good, string Found, string Advice);

    public static Command Create(Terminal terminal)
    {
        var json = SharedOptions.Json();
        var command = new Command("doctor", "Check native libraries, cores and vector instructions.") { json };
        command.SetAction(parsed => Run(terminal, parsed.GetValue(json)));
        return command;
    }

    private static int Run(Terminal terminal, bool json)
    {
        List<Finding> findings =
        [
            new("runtime", true,
            $"{RuntimeInformation.FrameworkDescription} on {RuntimeInformation.OSDescription}, {RuntimeInformation.ProcessArchitecture}",
            ""),
            new("cores", Environment.ProcessorCount > 1, $"{Environment.ProcessorCount}", "One core: training works, slowly."),
            Vectors(),
            Probe("images (SkiaSharp)", CheckImages, "Publish with SkiaSharp's native assets of this system (SkiaSharp.NativeAssets.*)."),
            Probe("engine", () => Agreement(Host.Engine), "Report it with this line; --backend onnxruntime runs the same models."),
            Probe("ONNX Runtime", () => Agreement(Host.OnnxRuntime),
            "Reference Microsoft.ML.OnnxRuntime in the executable; on Alpine use a glibc image."),
            Probe("libtorch (training)", () => Agreement(Host.Torch),
                "Build on this system so that libtorch's package of it is restored; needs glibc 2.28 or newer and 700 MB of disk. Only training and --backend torch need it."),
        ];
        if (json)
        {
            Json.Write(terminal, new JsonArray([.. findings.Select(finding => new JsonObject
            {
                ["what"] = finding.What, ["good"] = finding.Good, ["found"] = finding.Found, ["advice"] = finding.Good ? null
                    : finding.Advice,
            })]));
        }
        else
        {
            foreach (var finding in findings)
            {
                terminal.Output.WriteLine($"{(finding.Good ? "good" : "BAD ")}  {finding.What}: {finding.Found}");
                if (!finding.Good) terminal.Output.WriteLine($"      {finding.Advice}");
            }
        }

        return findings.All(finding => finding.Good) ? EffnetCommand.Done : EffnetCommand.Failed;
    }

    private static Finding Vectors()
    {
        string level = Avx512F.IsSupported ? "AVX-512" : Avx2.IsSupported && Fma.IsSupported ? "AVX2 with FMA" : AdvSimd.IsSupported
            ? "Neon (AdvSimd)" : "none";
        return new Finding("vector instructions", level != "none", level,
            "No AVX2 or Neon: all works, slowly. In a virtual machine, pass the host's processor through.");
    }

    private static Finding Probe(string what, Func<string> check, string advice)
    {
        try
        {
            return new Finding(what, true, check(), advice);
        }
        catch (Exception exception)
        {
            return new Finding(what, false, exception.GetBaseException().Message.Split('\n')[0].Trim(), advice);
        }
    }

    private static string CheckImages()
    {
        byte[] rgb = [10, 20, 30, 40, 50, 60];
        using var image = ImageDecoder.Decode(ImageEncoder.EncodePng(rgb, 2, 1), "probe");
        return image.ToRgb().AsSpan().SequenceEqual(rgb) ? "encodes and decodes"
            : throw new InvalidOperationException("an image came back changed");
    }

    // Runs a small network, and compares with plain arithmetic: a library that loads may still compute wrongly.
    private static string Agreement(IBackend backend)
    {
        var architecture = ArchitectureRegistry.Get("efficientnet_b0");
        var card = new ModelCard { Classes = ["a", "b", "c"], Preprocessing = Preprocessing.ForSize(64) };
        var graph = architecture.Build(new BuildOptions { Height = 64, Width = 64, Classes = 3 });
        var model = Model.Of(architecture, card, WeightInitializer.Initialize(graph, 1));
        using var reference = OnnxRuntimeRunner.Create(model);
        using var runner = backend.Create(graph, model.Weights, new RunnerOptions());
        var input = new float[graph.Input.Shape.Count];
        for (int i = 0; i < input.Length; i++) input[i] = MathF.Sin(i * 0.37f);
        float[] expected = new float[3], actual = new float[3];
        reference.Run(input, 1, expected);
        runner.Run(input, 1, actual);
        double difference = Math.Sqrt(expected.Zip(actual, (a, b) => Math.Pow(a - b, 2)).Sum() / expected.Sum(a => (double)a * a));
        if (double.IsNaN(difference) || difference > 1e-4)
            throw new InvalidOperationException($"its outputs are off by {NumberText.Rounded(difference, 2)} against ONNX Runtime");
        if (backend == Host.Engine) return $"computes as ONNX Runtime does, with {SimdLevels.Default}";
        return backend == Host.Torch ? $"loads, computes as ONNX Runtime does, {TorchRuntime.Threads} threads" : "loads and computes";
    }
}
