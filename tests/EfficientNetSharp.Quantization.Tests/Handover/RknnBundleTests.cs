using System.Diagnostics;
using EfficientNetSharp.Architectures;
using EfficientNetSharp.Arrays;
using EfficientNetSharp.Data.Formats;
using EfficientNetSharp.Graphs;
using EfficientNetSharp.Graphs.Quantization;
using EfficientNetSharp.Imaging.Codecs;
using EfficientNetSharp.Inference;
using EfficientNetSharp.Models;
using EfficientNetSharp.Onnx;
using EfficientNetSharp.Quantization.Calibration;
using EfficientNetSharp.Quantization.Handover;
using EfficientNetSharp.Quantization.Making;
using EfficientNetSharp.Testing;

namespace EfficientNetSharp.Quantization.Tests.Handover;

/// <summary>What RKNN-Toolkit 1.7 is given, held against the rules of its documents. The toolkit itself is closed.</summary>
public sealed class RknnBundleTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("rknn-tests-").FullName;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Theory]
    [InlineData("rknn-u8", "efficientnet_b0", "asymmetric_affine", "u8")]
    [InlineData("rknn-dfp8", "efficientnet_lite0", "dynamic_fixed_point", "i8")]
    [InlineData("rknn-dfp16", "efficientnet_b0", "dynamic_fixed_point", "i16")]
    public void A_quantized_model_goes_with_its_numbers_and_ranges(string scheme, string network, string method, string type)
    {
        var model = Quantized(network, scheme);
        RknnBundle.Write(model, Images(), Bundle, "small");
        byte[] bytes = File.ReadAllBytes(At("small.onnx"));
        // Format version 7 is the file's first field, and no batch is left open.
        Assert.Equal([0x08, 7], bytes[..2]);
        string text = System.Text.Encoding.Latin1.GetString(bytes);
        Assert.DoesNotContain("ReduceMean", text, StringComparison.Ordinal);
        Assert.DoesNotContain("QuantizeLinear", text, StringComparison.Ordinal);
        Assert.Contains("GlobalAveragePool", text, StringComparison.Ordinal);

        // The float network has the numbers that the integers stand for.
        var read = OnnxReader.Read(At("small.onnx"));
        Assert.Null(read.Graph.Quantization);
        foreach (var node in model.Graph.Nodes.Where(node => node.Operator is Convolution))
            Assert.Equal(model.Weights[node.Parameters[0]].Values, read.Weights[node.Parameters[0].Name].Values);

        string configuration = File.ReadAllText(At("small.ranges.cfg"));
        Assert.StartsWith("%YAML 1.2\n---\n", configuration, StringComparison.Ordinal);
        var stem = model.Graph.Nodes.First(node => node.Operator is Convolution);
        var kernel = model.Graph.Quantization!.OfKernel(stem)!;
        string entry = configuration[configuration.IndexOf($"'@Conv_{stem.Name}:weight'", StringComparison.Ordinal)..];
        Assert.Contains($"dtype: {method}\n        method: layer", entry, StringComparison.Ordinal);
        Assert.Contains($"qtype: {type}\n", entry, StringComparison.Ordinal);
        Assert.Contains(type == "u8" ? $"scale: [ {NumberText.Of(kernel.Scales[0])} ]" : $"fl: [ {-Math.ILogB(kernel.Scales[0])} ]", entry,
            StringComparison.Ordinal);
        string bias = configuration[configuration.IndexOf($"'@Conv_{stem.Name}:bias'", StringComparison.Ordinal)..];
        Assert.Contains(type == "i16" ? "qtype: i64" : "qtype: i32", bias, StringComparison.Ordinal);
        if (network == "efficientnet_b0" && type == "u8")
            Assert.Contains("scale: [ 0.00390625 ]", configuration[configuration.IndexOf("'@Sigmoid_", StringComparison.Ordinal)..], StringComparison.Ordinal);
    }

    [Fact]
    public void Images_are_what_the_network_sees()
    {
        var model = Quantized("efficientnet_lite0", "rknn-u8");
        RknnBundle.Write(model, Images(), Bundle, "small");
        string[] lines = File.ReadAllLines(At("dataset.txt"));
        Assert.Equal(3, lines.Length);
        foreach (string line in lines)
        {
            using var image = ImageDecoder.Decode(File.ReadAllBytes(At(line)), line);
            Assert.Equal((33, 33), (image.Width, image.Height));
        }
    }

    [Fact]
    public void A_float_model_is_left_to_the_toolkit()
    {
        var model = Floats("efficientnet_lite0");
        RknnBundle.Write(model, Images(), Bundle, "small");
        Assert.False(File.Exists(At("small.ranges.cfg")));
        Assert.Contains("HYBRID = False", File.ReadAllText(At("convert.py")), StringComparison.Ordinal);
        Assert.Contains("calibrates by itself", File.ReadAllText(At("README.md")), StringComparison.Ordinal);
    }

    [Fact]
    public void What_the_toolkit_cannot_state_is_refused()
    {
        Assert.Contains("one scale per tensor", Refused(Quantized("efficientnet_lite0", "int8")), StringComparison.Ordinal);
        Assert.Contains("dynamic fixed point", Refused(Quantized("efficientnet_lite0", "int16")), StringComparison.Ordinal);
        var wide = Quantized("efficientnet_lite0", "rknn-u8");
        var last = wide.Graph.Nodes.Last(node => node.Operator is Convolution);
        Assert.Contains("one type for a layer's weights and values",
            Refused(With(wide, plan => plan with { Values = plan.Values.SetItem(last.Name, new ValueQuantization(ElementType.I16, 1f / 1024)) })),
            StringComparison.Ordinal);
        // Floats, bytes and fixed point are three.
        string[] functions = [.. wide.Graph.Nodes.Where(node => node.Operator is Activation).Select(node => node.Name)];
        Assert.Contains("at most 2 methods", Refused(With(wide, plan => plan with
        {
            Values = plan.Values.SetItem(functions[0], new ValueQuantization(ElementType.I16, 1f / 1024)).Remove(functions[1]),
        })), StringComparison.Ordinal);
    }

    // Known before a plan is made, and named again when one is handed over.
    [Theory]
    [InlineData("squeezenet1_1", "take a network without concatenations, or")]
    [InlineData("shufflenet_v2_x0_5", "shuffles of channels")]
    [InlineData("nasnetamobile", "means under windows")]
    [InlineData("efficientnet_lite0", null)]
    public void What_no_plan_can_state_is_named(string network, string? expected)
    {
        string? reason = RknnBundle.WhyNotInIntegers(ArchitectureRegistry.Get(network).Build());
        if (expected is null) Assert.Null(reason);
        else Assert.Contains(expected, reason, StringComparison.Ordinal);
        if (network == "squeezenet1_1") Assert.Equal(reason, Refused(Quantized(network, "rknn-u8")));
    }

    [Fact]
    public void A_mix_names_the_layers_that_are_otherwise()
    {
        var model = Quantized("efficientnet_lite0", "rknn-u8");
        string function = model.Graph.Nodes.Last(node => node.Operator is Activation).Name;
        model = With(model, plan => plan with { Values = plan.Values.SetItem(function, new ValueQuantization(ElementType.I16, 1f / 1024)) });
        var operators = RknnBundle.Write(model, Images(), Bundle, "small");
        Assert.Contains($"customized_quantize_layers:\n    'Clip_{function}': dynamic_fixed_point-i16\n", File.ReadAllText(At("small.ranges.cfg")),
            StringComparison.Ordinal);
        Assert.Equal(2, operators.Converters);
    }

    // The toolkit's own file by its documents' rules: numbers behind its layers' names, ranges of its own.
    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void Ranges_find_their_way_into_the_toolkits_file(bool numbered)
    {
        var model = Quantized("efficientnet_b0", "rknn-u8");
        string last = model.Graph.Nodes.Last(node => node.Operator is Activation { Kind: ActivationKind.Silu }).Name;
        model = With(model, plan => plan with { Values = plan.Values.SetItem(last, new ValueQuantization(ElementType.I16, 1f / 1024)) });
        RknnBundle.Write(model, Images(), Bundle, "small");
        string ours = File.ReadAllText(At("small.ranges.cfg"));
        int number = 0;
        var theirs = new System.Text.StringBuilder("%YAML 1.2\n---\nhybrid_quantization_action: modify\ncustomized_quantize_layers: {'AveragePool_x_3': dynamic_fixed_point-i16}\nquantize_parameters:\n");
        foreach (string line in ours.Split('\n').Where(line => line.StartsWith("    '@", StringComparison.Ordinal)))
        {
            string key = line.Trim().Trim('\'', ':').TrimEnd('\'');
            int colon = key.LastIndexOf(':');
            string layer = numbered ? $"{key[..colon]}_{++number}" : key[..colon];
            theirs.Append(System.Globalization.CultureInfo.InvariantCulture,
                $"    '{layer}{key[colon..]}':\n        dtype: asymmetric_affine\n        method: layer\n        max_value: [ 1.5 ]\n        min_value: [ -1 ]\n        zero_point: [ 7 ]\n        scale: [ 0.5 ]\n        qtype: u8\n");
        }

        theirs.Append("    '@attach_Gemm_classifier/out0_0:out0':\n        dtype: asymmetric_affine\n        method: layer\n        max_value: [ 1.5 ]\n        min_value: [ -1 ]\n        zero_point: [ 7 ]\n        scale: [ 0.5 ]\n        qtype: u8\n");
        File.WriteAllText(At("step1.cfg"), theirs.ToString());
        var (exit, said) = Python("convert.py", "--merge", "step1.cfg", "small.ranges.cfg", "merged.cfg");
        Assert.True(exit == 0, said);
        string merged = File.ReadAllText(At("merged.cfg"));
        Assert.DoesNotContain("[ 0.5 ]", merged, StringComparison.Ordinal);
        Assert.DoesNotContain("AveragePool_x_3", merged, StringComparison.Ordinal);
        Assert.Contains("hybrid_quantization_action: modify", merged, StringComparison.Ordinal);
        Assert.Contains($"Mul_{last}", merged[..merged.IndexOf("quantize_parameters", StringComparison.Ordinal)], StringComparison.Ordinal);

        // A layer with weights that is called otherwise there ends the work.
        File.WriteAllText(At("step1.cfg"), theirs.ToString().Replace("Conv_stem", "Convolution_stem", StringComparison.Ordinal));
        (exit, said) = Python("convert.py", "--merge", "step1.cfg", "small.ranges.cfg", "merged.cfg");
        Assert.NotEqual(0, exit);
        Assert.Contains("called otherwise", said, StringComparison.Ordinal);
    }

    [Fact]
    public void Tim_vx_takes_scales_per_channel_and_no_int16_of_free_scale()
    {
        TimVx.EnsureStatable(Quantized("efficientnet_b0", "int8").Graph);
        TimVx.EnsureStatable(Quantized("efficientnet_lite0", "rknn-dfp16").Graph);
        Assert.Contains("I16 with I8", Assert.Throws<InvalidInputException>(() => TimVx.EnsureStatable(Quantized("efficientnet_lite0", "int16").Graph)).Message,
            StringComparison.Ordinal);
        Assert.Contains("quantize it first", Assert.Throws<InvalidInputException>(() => TimVx.EnsureStatable(Floats("efficientnet_lite0").Graph)).Message,
            StringComparison.Ordinal);
    }

    private string Bundle => Path.Combine(_folder, "bundle");

    private string At(string name) => Path.Combine(Bundle, name);

    private string Refused(Model model) =>
        Assert.Throws<InvalidInputException>(() => RknnBundle.Write(model, Images(), Bundle, "small")).Message;

    private (int Exit, string Said) Python(params string[] arguments)
    {
        const string Interpreter = "/usr/bin/python3";
        if (!File.Exists(Interpreter)) Assert.Skip($"There is no {Interpreter}.");
        var start = new ProcessStartInfo(Interpreter, ["-c", "import yaml"]) { RedirectStandardError = true };
        using (var probe = Process.Start(start)!)
        {
            probe.WaitForExit();
            if (probe.ExitCode != 0) Assert.Skip("Python has no yaml.");
        }

        using var process = Process.Start(new ProcessStartInfo(Interpreter, arguments)
        {
            WorkingDirectory = Bundle, RedirectStandardError = true, RedirectStandardOutput = true,
        })!;
        string said = process.StandardOutput.ReadToEnd() + process.StandardError.ReadToEnd();
        process.WaitForExit();
        return (process.ExitCode, said);
    }

    private Data.IImageDataset Images()
    {
        string folder = Path.Combine(_folder, "photos");
        if (!Directory.Exists(folder))
        {
            Directory.CreateDirectory(folder);
            for (int i = 0; i < 3; i++)
            {
                byte[] rgb = [.. Enumerable.Range(0, 60 * 50 * 3).Select(k => (byte)(k * (i + 3)))];
                File.WriteAllBytes(Path.Combine(folder, $"{i}.png"), ImageEncoder.EncodePng(rgb, 60, 50));
            }
        }

        return Datasets.OpenAny(folder, null, new ClassList([])).Images;
    }

    private static Model Floats(string network)
    {
        var architecture = ArchitectureRegistry.Get(network).Scale(0.25, 0.3, 33);
        var card = new ModelCard { Classes = [.. Enumerable.Range(0, 10).Select(i => $"{i}")], Preprocessing = Preprocessing.ForSize(33) };
        var model = Model.Of(architecture, card, new WeightSet([]));
        return model with { Weights = SyntheticWeights.For(model.Graph, 3, gain: 2) };
    }

    private static Model Quantized(string network, string name)
    {
        var model = Floats(network);
        var scheme = QuantizationScheme.Of(name);
        using var statistics = new NetworkStatistics(model.Graph, model.Weights, new PlanOptions { Threads = 1 });
        for (ulong i = 0; i < 4; i++) statistics.Add(SyntheticInput.Batch(model.Graph.Input.Shape, 1, i));
        var ranges = statistics.Graph.Nodes.ToDictionary(
            node => node.Name, node => Calibrator.MinMax.Choose(statistics.Values[node.Name], scheme), StringComparer.Ordinal);
        var (graph, weights) = PlanMaker.Make(statistics.Graph, statistics.Weights, ranges, scheme);
        return new Model(graph, model.Card, weights);
    }

    private static Model With(Model model, Func<QuantizationPlan, QuantizationPlan> change) =>
        model with { Graph = model.Graph.WithQuantization(change(model.Graph.Quantization!)) };
}
