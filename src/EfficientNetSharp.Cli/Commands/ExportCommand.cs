using System.CommandLine;
using EfficientNetSharp.Arrays;
using EfficientNetSharp.Cli.Support.Paths;
using EfficientNetSharp.Cli.Support.Words;
using EfficientNetSharp.Cli.Support;
using EfficientNetSharp.Data.Formats;
using EfficientNetSharp.Graphs.Transforms;
using EfficientNetSharp.Graphs;
using EfficientNetSharp.Models.Safetensors;
using EfficientNetSharp.Models;
using EfficientNetSharp.Onnx;
using EfficientNetSharp.Prediction;
using EfficientNetSharp.Quantization.Calibration;
using EfficientNetSharp.Quantization.Handover;
using EfficientNetSharp.Running;
using EfficientNetSharp.Weights.Formats;
using EfficientNetSharp.Weights.Importing;
using EfficientNetSharp.Weights.NameMaps;

namespace EfficientNetSharp.Cli.Commands;

/// <summary><c>effnet export</c>: a model as ONNX, checked against libtorch, or its weights under other people's names.</summary>
internal static class ExportCommand
{
    private const string Onnx = "onnx", Rknn = "rknn", Tensors = "safetensors", ModelFormat = "model", TimVxTarget = "rv1126-timvx";

    private const int StandardImages = 100, MaxImages = 10_000;

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
            Description = "onnx; or rknn, a folder for RKNN-Toolkit 1.7 (with --data); or weights named as a source names them (.pth, or "
                + ".safetensors by the output's ending); or safetensors, tensors alone; or model, a model file with weights stored as --weights says.",
            DefaultValueFactory = _ => Onnx,
        };
        var weights = new Option<string?>("--weights")
        {
            Description = "With --format model: how kernels and matrices are stored, float32, float16 or bfloat16 (half the size). A quantized "
                + "model becomes one of floats, the numbers that its integers stand for.",
        };
        var output = new OutputOption("--output", "-o")
        {
            Kind = OutputKind.File,
            KindBy = parsed => parsed.GetRequiredValue(format) == Rknn ? OutputKind.OwnFolder : OutputKind.File,
            Description = "File to write, or folder for rknn; if not given, in the current folder, the model's name with .onnx, .pth or the "
                + "format's own ending.",
            Endings = parsed => EndingsOf(parsed.GetRequiredValue(format)),
            Otherwise = parsed => ModelLocation.StemOf(parsed.GetRequiredValue(model)) + parsed.GetRequiredValue(format) switch
            {
                Tensors => ".tensors.safetensors",
                ModelFormat => $".{parsed.GetValue(weights) ?? Storages.Keys.First()}.safetensors",
                Rknn => ".rknn-bundle",
                var kind => EndingsOf(kind)[0],
            },
        };
        weights.Among([.. Storages.Keys]);
        format.Among([Onnx, Rknn, Tensors, ModelFormat, .. WeightExporter.Targets.Where(target => target != NameMapRegistry.Own).Select(target => target.Name)]);
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
        var target = new Option<string?>("--target")
        {
            Description = "With --format onnx: rv1126-timvx checks a quantized network against what TIM-VX takes, and writes it for that.",
        };
        target.Among([TimVxTarget]);
        var data = new InputOption("--data", InputKind.Images)
        {
            Description = "With --format rknn: images for the toolkit's calibration, a folder or any other dataset of docs/datasets.md.",
        };
        var images = SharedOptions.Ranged(
            new Option<int>("--images") { Description = "With --format rknn: most images of --data.", DefaultValueFactory = _ => StandardImages }, 1, MaxImages);
        var command = new Command("export", "Write a model as ONNX, or its weights for other software.")
        {
            model, output, format, weights, resolution, features, opset, microsoft, target, data, images, dynamicResolution, keepNorm, softmax, noCheck,
        };
        command.SetAction(parsed =>
        {
            string path = ModelLocation.Find(terminal, parsed.GetRequiredValue(model));
            string kind = parsed.GetRequiredValue(format);
            if (parsed.GetValue(weights) is { } storage && kind != ModelFormat)
                throw new InvalidInputException($"--weights {storage} goes with --format {ModelFormat}, found --format {kind}.");
            string written = output.RequiredPathIn(parsed);
            bool isForTimVx = parsed.GetValue(target) is not null;
            if (isForTimVx && kind != Onnx) throw new InvalidInputException($"--target {TimVxTarget} goes with --format {Onnx}, found --format {kind}.");
            string? calibration = parsed.GetValue(data);
            if (calibration is null == (kind == Rknn))
                throw new InvalidInputException($"--data IMAGES goes with --format {Rknn}, which needs it; {(calibration is null ? "name some" : $"found --format {kind}")}.");
            if (kind == Rknn) return WriteBundle(terminal, path, written, calibration!, parsed.GetValue(images));
            if (kind == ModelFormat) return WriteModel(terminal, path, written, parsed.GetValue(weights));
            if (kind != Onnx) return WriteWeights(terminal, path, kind, written);
            var size = parsed.GetValue(resolution);
            var wanted = parsed.GetValue(features);
            var source = Host.Opener.ReadForImages(path);
            if (isForTimVx) TimVx.EnsureStatable(source.Graph);
            var options = new OnnxExportOptions
            {
                DynamicBatch = !isForTimVx,
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
            OnnxExporter.Export(source, written, options);
            terminal.Output.WriteLine($"{written}: {new FileInfo(written).Length / 1e6:F1} MB, opset {options.OpsetFor(source.Graph.Quantization)}");
            if (isForTimVx) WriteTimVxNote(terminal, source);
            if (parsed.GetValue(noCheck) || parsed.GetValue(softmax)) return EffnetCommand.Done;
            return source.Graph.Quantization is { } plan
                ? QuantizedExportCheck.Run(terminal, path, plan, written, size, wanted)
                : Check(terminal, path, written, size, wanted);
        });
        return command;
    }

    private static string[] EndingsOf(string format) => format switch
    {
        Onnx => [".onnx"],
        Tensors or ModelFormat => [".safetensors"],
        _ => [".pth", ".pt", ".safetensors"],
    };

    // A quantized model keeps its integers unless floats are asked for.
    private static int WriteModel(Terminal terminal, string path, string target, string? storage)
    {
        var model = Host.Opener.ReadForImages(path);
        if (storage is null && model.Graph.Quantization is { } plan)
        {
            ModelFile.Save(model, target);
            terminal.Output.WriteLine($"{target}: {new FileInfo(target).Length / 1e6:F1} MB, quantized ({plan.Describe()})");
            return EffnetCommand.Done;
        }

        storage ??= Storages.Keys.First();
        var (graph, weights) = DequantizeTransform.Apply(model.Graph, model.Weights);
        ModelFile.Save(model with { Graph = graph, Weights = weights.StoredAs(Storages[storage]) }, target);
        terminal.Output.WriteLine($"{target}: {new FileInfo(target).Length / 1e6:F1} MB, weights in {storage}");
        return EffnetCommand.Done;
    }

    private static int WriteBundle(Terminal terminal, string path, string folder, string dataPath, int most)
    {
        var model = Host.Opener.ReadForImages(path);
        var data = Datasets.OpenAny(dataPath, null, model.Card.ListClasses());
        LeftOutView.Note(terminal, data.Warnings);
        var images = CalibrationImages.Of(data.Images, most, seed: 0).Calibrating;
        var operators = RknnBundle.Write(model, images, folder, ModelLocation.StemOf(path));
        string what = model.Graph.Quantization is { } plan ? $"ranges and types of {plan.Describe()}" : "no ranges: the toolkit calibrates by itself";
        terminal.Output.WriteLine($"{folder}: a network of operator set 12, {NumberText.Counted(images.Count, "image")}, {what}; README.md says what to run.");
        WriteOperators(terminal, operators);
        return EffnetCommand.Done;
    }

    private static void WriteOperators(Terminal terminal, DeviceOperators operators)
    {
        string engines = string.Join(", ", operators.Operators.GroupBy(op => op.Engine).OrderByDescending(group => group.Count())
            .Select(group => $"{group.Key} {group.Count()}"));
        terminal.Output.WriteLine(FormattableString.Invariant(
            $"on RV1126, by the documents: {engines}; {NumberText.Counted(operators.Converters, "converter")}; {operators.ZeroShare:P1} of the weights are 0"));
        foreach (var op in operators.FallBacks) terminal.Error.WriteLine($"note: {op.Name} ({op.Operator}): {string.Join(' ', op.Notes)}");
    }

    private static void WriteTimVxNote(Terminal terminal, Model model)
    {
        WriteOperators(terminal, DeviceOperators.Of(model.Graph, model.Weights));
        terminal.Output.WriteLine(
            "for TIM-VX: run it with ONNX Runtime's VSINPU provider; scales per channel want VIV_VX_ENABLE_GRAPH_TRANSFORM=-pcq:1 and "
            + "VIV_VX_SET_PER_CHANNEL_ENTROPY=100 in the environment. Its list of types was read, no chip was at hand.");
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
