using System.CommandLine;
using EfficientNetSharp.Cli.Support;
using EfficientNetSharp.Models;
using EfficientNetSharp.Models.Safetensors;
using EfficientNetSharp.Onnx;
using EfficientNetSharp.Weights.Formats;
using EfficientNetSharp.Weights.Importing;
using EfficientNetSharp.Weights.NameMaps;

namespace EfficientNetSharp.Cli.Commands;

/// <summary><c>effnet export</c>: a model as ONNX, checked against libtorch, or its weights under other people's names.</summary>
internal static class ExportCommand
{
    private const string Onnx = "onnx", Tensors = "safetensors";

    // Two float32 implementations of one network agree to about 1e-6; the bar is ten times that.
    private const double Tolerance = 1e-5;

    public static Command Create(Terminal terminal)
    {
        var model = new Argument<string>("MODEL") { Description = "A .safetensors model file." };
        var output = new Option<string?>("--output", "-o") { Description = "File to write; the model's name with .onnx, .pth or the format's own ending if not given." };
        var format = new Option<string>("--format") { Description = "onnx; or weights named as torchvision, timm, lukemelas or insightface name them (.pth, or .safetensors by the output's ending); or safetensors, tensors alone.", DefaultValueFactory = _ => Onnx };
        format.AcceptOnlyFromAmong([Onnx, Tensors, .. WeightExporter.Targets.Where(target => target != NameMapRegistry.Own).Select(target => target.Name)]);
        var resolution = SharedOptions.Size();
        var features = FeatureSelection.Option();
        var opset = SharedOptions.Ranged(new Option<int>("--opset") { Description = "ONNX operator set, 11 to 22; RKNN-Toolkit 1 takes 12 at most.", DefaultValueFactory = _ => 17 }, 11, 22);
        var dynamicResolution = new Option<bool>("--dynamic-resolution") { Description = "Leave height and width open (symmetric padding only)." };
        var keepNorm = new Option<bool>("--keep-batch-norm") { Description = "Write batch normalisations instead of folding them into convolutions." };
        var softmax = new Option<bool>("--softmax") { Description = "Append a softmax, so that the outputs are probabilities." };
        var noCheck = new Option<bool>("--no-check") { Description = "Do not run the file and compare it with libtorch." };
        var command = new Command("export", "Write a model as ONNX, or its weights for other software.") { model, output, format, resolution, features, opset, dynamicResolution, keepNorm, softmax, noCheck };
        command.SetAction(parsed =>
        {
            string path = parsed.GetRequiredValue(model);
            if (parsed.GetRequiredValue(format) is var kind && kind != Onnx) return WriteWeights(terminal, path, kind, parsed.GetValue(output));
            string target = parsed.GetValue(output) ?? Path.ChangeExtension(path, ".onnx");
            var size = parsed.GetValue(resolution);
            var wanted = parsed.GetValue(features);
            var source = ModelFile.Load(path);
            OnnxExporter.Export(source, target, new OnnxExportOptions
            {
                Height = size?.Height,
                Width = size?.Width,
                FeatureStrides = wanted?.Strides ?? [],
                PooledFeatures = wanted is { Strides.IsEmpty: true },
                OpsetVersion = parsed.GetValue(opset),
                DynamicResolution = parsed.GetValue(dynamicResolution),
                FoldBatchNormalization = !parsed.GetValue(keepNorm),
                AppendSoftmax = parsed.GetValue(softmax),
            });
            terminal.Output.WriteLine($"{target}: {new FileInfo(target).Length / 1e6:F1} MB, opset {parsed.GetValue(opset)}");
            if (parsed.GetValue(noCheck) || parsed.GetValue(softmax)) return EffnetCommand.Done;
            return Check(terminal, new OpenModel(source.Card, source, path), target, size, wanted);
        });
        return command;
    }

    private static int WriteWeights(Terminal terminal, string path, string kind, string? output)
    {
        var names = kind == Tensors ? NameMapRegistry.Own : NameMapRegistry.Get(kind);
        string target = output ?? Path.ChangeExtension(path, kind == Tensors ? ".tensors.safetensors" : ".pth");
        var tensors = WeightExporter.Export(ModelFile.Load(path), names);
        if (target.EndsWith(".safetensors", StringComparison.OrdinalIgnoreCase))
        {
            var metadata = new Dictionary<string, string> { ["format"] = "pt" };
            SafetensorsWriter.Write(target, metadata, tensors.Select(tensor => SafetensorsEntry.FromFloats(tensor.Name, tensor.Tensor.Shape, tensor.Tensor.Values)));
        }
        else if (target.EndsWith(".pth", StringComparison.OrdinalIgnoreCase) || target.EndsWith(".pt", StringComparison.OrdinalIgnoreCase))
        {
            TorchFile.Write(target, tensors);
        }
        else
        {
            throw new InvalidInputException($"Weights are written to .pth, .pt or .safetensors, found '{target}'.");
        }

        terminal.Output.WriteLine($"{target}: {new FileInfo(target).Length / 1e6:F1} MB, {tensors.Count} tensors named as {names.Title} names them");
        return EffnetCommand.Done;
    }

    private static int Check(Terminal terminal, OpenModel model, string target, InputSize? size, FeatureSelection? features)
    {
        const int batch = 2;
        using var torch = features is null
            ? model.CreateRunner(OpenModel.Torch, 0, size?.Height, size?.Width)
            : model.CreateRunner(OpenModel.Torch, features, 0, size?.Height, size?.Width);
        using var onnx = OnnxRuntimeRunner.Open(target, new OnnxRuntimeOptions { Height = torch.InputShape.Height, Width = torch.InputShape.Width });
        float[] input = RandomImages.Create(torch, batch);
        float[][] expected = RunAll(torch, input, batch), actual = RunAll(onnx, input, batch);
        bool agree = true;
        for (int i = 0; i < expected.Length; i++)
        {
            double error = RelativeError(expected[i], actual[i]);
            bool agrees = error <= Tolerance;
            agree &= agrees;
            string name = expected.Length == 1 ? "" : $"{onnx.OutputNames[i]} {onnx.OutputShapes[i]}: ";
            terminal.Output.WriteLine(FormattableString.Invariant(
                $"checked: {name}ONNX Runtime and libtorch {(agrees ? "agree" : "DIFFER")}, ‖difference‖/‖output‖ = {error:E1} (at most {Tolerance:E0})"));
        }

        return agree ? EffnetCommand.Done : EffnetCommand.Failed;
    }

    private static float[][] RunAll(IModelRunner runner, float[] input, int batch)
    {
        var outputs = runner.OutputShapes.Select(shape => new float[batch * shape.Count]).ToArray();
        runner.RunAll(input, batch, [.. outputs.Select(values => values.AsMemory())]);
        return outputs;
    }

    private static double RelativeError(float[] expected, float[] actual)
    {
        double difference = 0, norm = 0;
        for (int i = 0; i < expected.Length; i++)
        {
            difference += Math.Pow(expected[i] - actual[i], 2);
            norm += Math.Pow(expected[i], 2);
        }

        return Math.Sqrt(difference / norm);
    }
}
