using System.CommandLine;
using EfficientNetSharp.Arrays;
using EfficientNetSharp.Cli.Support;
using EfficientNetSharp.Cli.Support.Paths;
using EfficientNetSharp.Cli.Support.Words;
using EfficientNetSharp.Graphs;
using EfficientNetSharp.Models;
using EfficientNetSharp.Models.Safetensors;
using EfficientNetSharp.Onnx;
using EfficientNetSharp.Prediction;
using EfficientNetSharp.Running;
using EfficientNetSharp.Weights.Formats;
using EfficientNetSharp.Weights.Importing;
using EfficientNetSharp.Weights.NameMaps;

namespace EfficientNetSharp.Cli.Commands;

/// <summary><c>effnet export</c>: a model as ONNX, checked against libtorch, or its weights under other people's names.</summary>
internal static class ExportCommand
{
    private const string Onnx = "onnx", Tensors = "safetensors", ModelFormat = "model";

    // The first is what is stored if nothing is said.
    private static readonly OrderedDictionary<string, ElementType> Storages = new(StringComparer.Ordinal)
    {
        ["float32"] = ElementType.F32, ["float16"] = ElementType.F16, ["bfloat16"] = ElementType.BF16,
    };

    // Two float32 implementations of one network agree to about 1e-6; the bar is ten times that.
    private const double Tolerance = 1e-5;

    public static Command Create(Terminal terminal)
    {
        var model = SharedOptions.Model();
        var format = new Option<string>("--format")
        {
            Description = "onnx; or weights named as torchvision, timm, lukemelas, transformers or insightface name them (.pth, or "
                + ".safetensors by the output's ending); or safetensors, tensors alone; or model, a model file with weights stored as --weights says.",
            DefaultValueFactory = _ => Onnx,
        };
        var weights = new Option<string?>("--weights")
        {
            Description = "With --format model: how kernels and matrices are stored, float32, float16 or bfloat16 (half the size).",
        };
        var output = new OutputOption("--output", "-o")
        {
            Kind = OutputKind.File,
            Description = "File to write; if not given, in the current folder, the model's name with .onnx, .pth or the format's own ending.",
            Endings = parsed => EndingsOf(parsed.GetRequiredValue(format)),
            Otherwise = parsed => ModelLocation.StemOf(parsed.GetRequiredValue(model)) + parsed.GetRequiredValue(format) switch
            {
                Tensors => ".tensors.safetensors",
                ModelFormat => $".{parsed.GetValue(weights) ?? Storages.Keys.First()}.safetensors",
                var kind => EndingsOf(kind)[0],
            },
        };
        weights.Among([.. Storages.Keys]);
        format.Among([Onnx, Tensors, ModelFormat, .. WeightExporter.Targets.Where(target => target != NameMapRegistry.Own).Select(target => target.Name)]);
        var resolution = SharedOptions.Size();
        var features = SharedOptions.Features();
        var opset = SharedOptions.Ranged(
            new Option<int?>("--opset")
            {
                Description = "ONNX operator set; 17 if not given, and 21 for a network with 16-bit integers. RKNN-Toolkit 1 takes 12 at most.",
            }, 11, 22);
        var microsoft = new Option<bool>("--microsoft-domain")
        {
            Description = "Write 16-bit integers below operator set 21 with ONNX Runtime's own operators (com.microsoft).",
        };
        var dynamicResolution = new Option<bool>("--dynamic-resolution")
        {
            Description = "Leave height and width open (symmetric padding only).",
        };
        var keepNorm = new Option<bool>("--keep-batch-norm")
        {
            Description = "Write batch normalisations instead of folding them into convolutions.",
        };
        var softmax = new Option<bool>("--softmax") { Description = "Append a softmax, so that the outputs are probabilities." };
        var noCheck = new Option<bool>("--no-check") { Description = "Do not run the file and compare it with libtorch." };
        var command = new Command("export", "Write a model as ONNX, or its weights for other software.")
        {
            model, output, format, weights, resolution, features, opset, microsoft, dynamicResolution, keepNorm, softmax, noCheck,
        };
        command.SetAction(parsed =>
        {
            string path = ModelLocation.Find(terminal, parsed.GetRequiredValue(model));
            string kind = parsed.GetRequiredValue(format);
            if (parsed.GetValue(weights) is { } storage && kind != ModelFormat)
                throw new InvalidInputException($"--weights {storage} goes with --format {ModelFormat}, found --format {kind}.");
            string target = output.RequiredPathIn(parsed);
            if (kind == ModelFormat) return WriteModel(terminal, path, target, parsed.GetValue(weights) ?? Storages.Keys.First());
            if (kind != Onnx) return WriteWeights(terminal, path, kind, target);
            var size = parsed.GetValue(resolution);
            var wanted = parsed.GetValue(features);
            var source = Host.Opener.ReadForImages(path);
            var options = new OnnxExportOptions
            {
                Height = size?.Height,
                Width = size?.Width,
                FeatureStrides = wanted?.Strides ?? [],
                PooledFeatures = wanted is { IsPooled: true },
                OpsetVersion = parsed.GetValue(opset),
                MicrosoftDomain = parsed.GetValue(microsoft),
                DynamicResolution = parsed.GetValue(dynamicResolution),
                FoldBatchNormalization = !parsed.GetValue(keepNorm),
                AppendSoftmax = parsed.GetValue(softmax),
            };
            OnnxExporter.Export(source, target, options);
            terminal.Output.WriteLine($"{target}: {new FileInfo(target).Length / 1e6:F1} MB, opset {options.OpsetFor(source.Graph.Quantization)}");
            if (parsed.GetValue(noCheck) || parsed.GetValue(softmax)) return EffnetCommand.Done;
            return source.Graph.Quantization is { } plan
                ? QuantizedExportCheck.Run(terminal, path, plan, target, size, wanted)
                : Check(terminal, path, target, size, wanted);
        });
        return command;
    }

    private static string[] EndingsOf(string format) => format switch
    {
        Onnx => [".onnx"],
        Tensors or ModelFormat => [".safetensors"],
        _ => [".pth", ".pt", ".safetensors"],
    };

    private static int WriteModel(Terminal terminal, string path, string target, string storage)
    {
        var model = Host.Opener.ReadForImages(path);
        ModelFile.Save(model with { Weights = model.Weights.StoredAs(Storages[storage]) }, target);
        terminal.Output.WriteLine($"{target}: {new FileInfo(target).Length / 1e6:F1} MB, weights in {storage}");
        return EffnetCommand.Done;
    }

    private static int WriteWeights(Terminal terminal, string path, string kind, string target)
    {
        var names = kind == Tensors ? NameMapRegistry.Own : NameMapRegistry.Get(kind);
        var tensors = WeightExporter.Export(Host.Opener.ReadForImages(path), names);
        if (target.EndsWith(".safetensors", StringComparison.OrdinalIgnoreCase))
        {
            var metadata = new Dictionary<string, string> { ["format"] = "pt" };
            SafetensorsWriter.Write(target, metadata,
                tensors.Select(tensor => SafetensorsEntry.FromFloats(tensor.Name, tensor.Tensor.Shape, tensor.Tensor.Values)));
        }
        else
        {
            TorchFile.Write(target, tensors);
        }

        terminal.Output.WriteLine(
            $"{target}: {new FileInfo(target).Length / 1e6:F1} MB, {NumberText.Counted(tensors.Count, "tensor")} named as {names.Title} names them");
        return EffnetCommand.Done;
    }

    private static int Check(Terminal terminal, string source, string target, InputSize? size, FeatureSelection? features)
    {
        using var torch = Host.Opener.Open(source, new OpenOptions { Backend = Host.Torch.Name, Size = size, Features = features });
        var shape = torch.Runner.InputShape;
        using var onnx = Host.Opener.Open(target,
            new OpenOptions { Backend = Host.OnnxRuntime.Name, Size = new InputSize(shape.Height, shape.Width) });
        var errors = RunnerComparison.RelativeErrors(torch.Runner, onnx.Runner);
        foreach (var (i, error) in errors.Index())
        {
            string name = errors.Length == 1 ? "" : $"{onnx.OutputNames[i]} {onnx.Runner.OutputShapes[i]}: ";
            terminal.Output.WriteLine(FormattableString.Invariant(
                $"checked: {name}ONNX Runtime and libtorch {(error <= Tolerance ? "agree" : "DIFFER")}, ‖difference‖/‖output‖ = {NumberText.Rounded(error, 2)} (at most {NumberText.Of(Tolerance)})"));
        }

        return errors.All(error => error <= Tolerance) ? EffnetCommand.Done : EffnetCommand.Failed;
    }
}
