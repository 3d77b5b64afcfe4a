using System.Collections.Immutable;
using System.Text.Json.Nodes;
using EfficientNetSharp.Architectures;
using EfficientNetSharp.Imaging.Codecs;
using EfficientNetSharp.Models;
using EfficientNetSharp.Randomness;

namespace EfficientNetSharp.Cli.Tests;

public sealed class QuantizeCommandTests : IDisposable
{
    private readonly string _root = Directory.CreateTempSubdirectory("effnet-quantize-").FullName;

    public void Dispose() => Directory.Delete(_root, recursive: true);

    [Fact]
    public void A_model_of_integers_is_smaller_and_every_verb_takes_it()
    {
        string model = SaveModel(), data = TwoClasses.Write(Path.Combine(_root, "data")), target = InRoot("small.safetensors");
        var (code, output, error) = Tool.Run("quantize", model, "--data", data, "-o", target, "--images", "8", "--threads", "1", "--json");
        Assert.True(code == 0, error);
        Assert.Contains("8 images", error, StringComparison.Ordinal);
        Assert.Contains("warning: only 8 images", error, StringComparison.Ordinal);
        var json = JsonNode.Parse(output)!;
        Assert.Equal("int8", json["scheme"]!.GetValue<string>());
        Assert.True(json["steps"]!.AsArray().Count > 5);
        Assert.Equal(8, json["heldOut"]!["images"]!.GetValue<int>());
        Assert.InRange(json["heldOut"]!["cosine"]!.GetValue<double>(), 0.9, 1);
        Assert.InRange(json["float"]!["top1"]!.GetValue<double>(), 0, 1);
        Assert.Equal(new FileInfo(target).Length, json["bytes"]!.GetValue<long>());
        Assert.True(new FileInfo(target).Length < new FileInfo(model).Length / 2);
        var made = ModelFile.Load(target);
        Assert.NotNull(made.Graph.Quantization);
        Assert.StartsWith("int8: ", made.Card.Provenance[ProvenanceKeys.Quantization], StringComparison.Ordinal);
        Assert.Equal(0, Tool.Run("predict", target, Path.Combine(data, "dark", "0.png")).Code);
        Assert.Equal(0, Tool.Run("evaluate", target, data).Code);
        // The same words make the same file.
        byte[] first = File.ReadAllBytes(target);
        Assert.Equal(0, Tool.Run("quantize", model, "--data", data, "-o", target, "--images", "8", "--threads", "1").Code);
        Assert.Equal(first, File.ReadAllBytes(target));
    }

    [Fact]
    public void A_target_has_layers_in_two_types_and_says_which_and_why()
    {
        string model = SaveModel(), data = TwoClasses.Write(Path.Combine(_root, "data")), target = InRoot("mixed.safetensors");
        string plot = InRoot("plans.svg");
        var (code, output, error) = Tool.Run(
            "quantize", model, "--data", data, "-o", target, "--images", "6", "--threads", "1", "--target", "rv1126", "--max-drop", "100",
            "--plot", plot);
        Assert.True(code == 0, error);
        Assert.Contains("ms predicted on rv1126", output, StringComparison.Ordinal);
        Assert.Contains("100 % were allowed", output, StringComparison.Ordinal);
        Assert.Contains("rank correlation", output, StringComparison.Ordinal);
        Assert.StartsWith("<svg", File.ReadAllText(plot), StringComparison.Ordinal);
        // Nothing is worth 16 bits where everything may be lost.
        Assert.Equal("uint8", ModelFile.Load(target).Graph.Quantization!.Describe());

        double all = JsonNode.Parse(Tool.Run("device", "predict", model, "--type", "int16", "--json").Output)!["ms"]!.GetValue<double>();
        (code, output, error) = Tool.Run(
            "quantize", model, "--data", data, "-o", target, "--images", "6", "--threads", "1", "--target", "rv1126", "--latency",
            FormattableString.Invariant($"{0.99 * all:F4}ms"), "--json");
        Assert.True(code == 0, error);
        var search = JsonNode.Parse(output)!["search"]!;
        double ms = search["chosen"]!["ms"]!.GetValue<double>();
        Assert.InRange(ms, 0, 0.99 * all);
        var predicted = JsonNode.Parse(Tool.Run("device", "predict", target, "--json").Output)!;
        Assert.Equal(ms, predicted["ms"]!.GetValue<double>(), 6);
        Assert.Equal(search["chosen"]!["converters"]!.GetValue<int>(), predicted["converters"]!.GetValue<int>());
        Assert.Equal(0, Tool.Run("predict", target, Path.Combine(data, "dark", "0.png")).Code);
    }

    [Theory]
    [InlineData("--max-drop goes with --target", "--max-drop", "1")]
    [InlineData("--latency goes with --target", "--latency", "15ms")]
    [InlineData("--metric goes with --target", "--metric", "top1")]
    [InlineData("leave one out", "--target", "onnx", "--max-drop", "1", "--latency", "15ms")]
    [InlineData("--scheme was given too", "--target", "onnx", "--scheme", "int16")]
    [InlineData("--repair was given too", "--target", "onnx", "--repair", "bias")]
    [InlineData("expected onnx, rv1126 or rv1126-timvx", "--target", "rk3588")]
    [InlineData("has no type", "--target", "rv1126", "--latency", "15ms@rv1126:int16")]
    [InlineData("There is no device 'rv9'", "--target", "rv1126", "--device", "rv9")]
    [InlineData("more than 0", "--target", "rv1126", "--latency", "0.001ms")]
    public void Words_of_the_search_that_do_not_go_together_are_refused(string word, params string[] words)
    {
        string model = SaveModel(), data = TwoClasses.Write(Path.Combine(_root, "data"));
        var (code, _, error) = Tool.Run(["quantize", model, "--data", data, "-o", InRoot("x.safetensors"), "--images", "2", .. words]);
        Assert.Equal(2, code);
        Assert.Contains(word, error, StringComparison.Ordinal);
        Assert.False(File.Exists(InRoot("x.safetensors")));
    }

    [Fact]
    public void Thresholds_of_an_embedding_are_found_anew_and_kept_by_precision()
    {
        string model = SaveModel(classes: []), data = WriteIdentities(), target = InRoot("small.safetensors"), report = InRoot("r.html");
        var (code, output, error) = Tool.Run(
            "quantize", model, "--data", data, "-o", target, "--images", "12", "--threads", "1", "--repair", "none", "--calibrator", "minmax", "--json",
            "--report", report);
        Assert.True(code == 0, error);
        var json = JsonNode.Parse(output)!;
        var first = json["thresholds"]![0]!;
        Assert.Equal(0.1, first["far"]!.GetValue<double>());
        Assert.Equal(first["integer"]!.GetValue<double>() - first["float"]!.GetValue<double>(), first["drift"]!.GetValue<double>(), 12);
        var card = ModelFile.Load(target).Card;
        Assert.Equal(first["integer"]!.GetValue<double>(), card.ThresholdFor(0.1, "uint8").Threshold);
        Assert.Contains("found uint8", Assert.Throws<InvalidInputException>(() => card.ThresholdFor(0.1)).Message, StringComparison.Ordinal);
        Assert.Contains("float threshold kept", File.ReadAllText(report), StringComparison.Ordinal);
        // More images measure better, in the same place, and galleries take the threshold by the model's own precision.
        Assert.Equal(0, Tool.Run("verify", target, data, "--save", "--samples", "20").Code);
        var set = Assert.Single(ModelFile.Load(target).Card.Thresholds);
        Assert.Equal(("uint8", 10 * 6), (set.Precision, set.Genuine));
        string gallery = InRoot("gallery");
        Assert.Equal(0, Tool.Run("gallery", "create", gallery, "--model", target).Code);
        Assert.Equal(0, Tool.Run("enroll", gallery, data, "--review", "off").Code);
        Assert.Equal(0, Tool.Run("identify", gallery, data, "--far", "0.1").Code);
        // Without identities there is nothing to find, and old thresholds are left out.
        Assert.Equal(0, Tool.Run("verify", model, data, "--save", "--samples", "20").Code);
        (code, output, error) = Tool.Run(
            "quantize", model, "--data", Path.Combine(data, "id0"), "-o", target, "--repair", "none", "--calibrator", "minmax", "--json");
        Assert.True(code == 0, error);
        Assert.Contains("thresholds were left out", error, StringComparison.Ordinal);
        Assert.Null(JsonNode.Parse(output)!["thresholds"]);
        Assert.Empty(ModelFile.Load(target).Card.Thresholds);
    }

    [Theory]
    [InlineData("agreement", "another class than in floats")]
    [InlineData("top1", "less top-1 accuracy")]
    [InlineData("cosine", "less cosine")]
    public void A_search_measures_by_what_is_asked_for(string metric, string words)
    {
        string model = SaveModel(), data = TwoClasses.Write(Path.Combine(_root, "data")), target = InRoot("mixed.safetensors");
        var (code, output, error) = Tool.Run(
            "quantize", model, "--data", data, "-o", target, "--images", "6", "--threads", "1", "--target", "onnx", "--max-drop", "100", "--metric",
            metric, "--json");
        Assert.True(code == 0, error);
        var json = JsonNode.Parse(output)!;
        Assert.Equal(metric, json["search"]!["metric"]!.GetValue<string>());
        Assert.Contains(words, json["search"]!["description"]!.GetValue<string>(), StringComparison.Ordinal);
        Assert.InRange(json["heldOut"]!["drop"]!.GetValue<double>(), -100, 100);
        Assert.True(json["heldOut"]!["keepsLimit"]!.GetValue<bool>());
    }

    [Fact]
    public void A_search_for_an_embedding_measures_true_accepts_where_there_are_identities()
    {
        string model = SaveModel(classes: []), data = WriteIdentities(), target = InRoot("mixed.safetensors");
        string[] words = ["quantize", model, "--data", data, "-o", target, "--images", "12", "--threads", "1", "--target", "onnx", "--max-drop", "50"];
        var (code, output, error) = Tool.Run([.. words, "--metric", "tar@0.1", "--json"]);
        Assert.True(code == 0, error);
        Assert.Contains("false accept rate of 0.1", JsonNode.Parse(output)!["search"]!["description"]!.GetValue<string>(), StringComparison.Ordinal);
        Refused("tar@1e-6 needs", [.. words, "--metric", "tar@1e-6"]);
        Refused("outputs are an embedding", [.. words, "--metric", "top1"]);
        Refused("There is no measure 'recall'", [.. words, "--metric", "recall"]);
        string classifier = SaveModel();
        string[] unlabelled = ["quantize", classifier, "--data", Path.Combine(data, "id0"), "-o", target, "--target", "onnx", "--metric", "top1"];
        Refused("needs images with labels", unlabelled);

        static void Refused(string says, params string[] words)
        {
            var (code, _, error) = Tool.Run(words);
            Assert.True(code == 2 && error.Contains(says, StringComparison.Ordinal), error);
        }
    }

    [Fact]
    public void Words_choose_scheme_calibrator_and_repairs_and_people_read_a_table()
    {
        string model = SaveModel(), data = TwoClasses.Write(Path.Combine(_root, "data")), target = InRoot("t.safetensors");
        var (code, output, error) = Tool.Run(
            "quantize", model, "--data", Path.Combine(data, "dark"), "-o", target, "--scheme", "rknn-u8", "--calibrator", "mse", "--repair",
            "equalize,bias", "--threads", "1");
        Assert.True(code == 0, error);
        Assert.Contains("biases corrected", output, StringComparison.Ordinal);
        Assert.DoesNotContain("entropy", output, StringComparison.Ordinal);
        Assert.Contains("uint8 values and weights", output, StringComparison.Ordinal);
        Assert.Contains("that nothing was chosen by", output, StringComparison.Ordinal);
        Assert.Equal("uint8", ModelFile.Load(target).Graph.Quantization!.Describe());
        (code, output, error) = Tool.Run(
            "quantize", model, "--data", data, "-o", target, "--values", "int16", "--weights", "int16", "--repair", "none", "--calibrator", "minmax",
            "--json");
        Assert.True(code == 0, error);
        Assert.Equal("int8-int16-int16", JsonNode.Parse(output)!["scheme"]!.GetValue<string>());
    }

    [Fact]
    public void What_cannot_be_used_is_one_line()
    {
        string model = SaveModel(), data = TwoClasses.Write(Path.Combine(_root, "data")), target = InRoot("t.safetensors");
        string empty = InRoot("empty");
        Directory.CreateDirectory(empty);
        Assert.Equal(0, Tool.Run("quantize", model, "--data", data, "-o", target, "--repair", "none", "--calibrator", "minmax").Code);
        Refused("is quantized", "quantize", target, "--data", data, "-o", InRoot("u.safetensors"));
        Refused("found none", "quantize", model, "--data", empty, "-o", InRoot("u.safetensors"));
        Refused("--data", "quantize", model);
        Refused("Did you mean 'int8'", "quantize", model, "--data", data, "--scheme", "int9");
        Refused("Did you mean 'rounding'", "quantize", model, "--data", data, "--repair", "bias,roundin");
        Refused("one scale per tensor", "quantize", model, "--data", data, "-o", InRoot("u.safetensors"), "--scheme", "rknn-u8", "--weights", "int8",
            "--weight-scales", "per-channel", "--repair", "none");
        var planted = PlantedModel.Create();
        float[] broken = [.. planted.Weights["stem.conv.weight"].Values];
        broken[0] = float.NaN;
        ModelFile.Save(planted with
        {
            Weights = new WeightSet(planted.Weights.Select(pair => pair.Key == "stem.conv.weight"
                ? KeyValuePair.Create(pair.Key, new WeightTensor(pair.Value.Shape, broken)) : pair)),
        }, InRoot("nan.safetensors"));
        Refused("NaN", "quantize", InRoot("nan.safetensors"), "--data", data, "-o", InRoot("u.safetensors"));
        Assert.False(File.Exists(InRoot("u.safetensors")));

        static void Refused(string says, params string[] words)
        {
            var (code, _, error) = Tool.Run(words);
            string line = error.Split('\n', StringSplitOptions.RemoveEmptyEntries)[^1];
            Assert.True(code == 2 && line.Contains(says, StringComparison.Ordinal), error);
        }
    }

    private string InRoot(string name) => Path.Combine(_root, name);

    // Ten identities of four images each: a pattern of one's own and noise.
    private string WriteIdentities()
    {
        string folder = InRoot("people");
        for (int identity = 0; identity < 10; identity++)
        {
            string own = Directory.CreateDirectory(Path.Combine(folder, $"id{identity}")).FullName;
            for (int i = 0; i < 4; i++)
            {
                SeededRandom pattern = new(7, (ulong)identity), noise = new(8, (ulong)((identity * 10) + i));
                byte[] rgb = new byte[32 * 32 * 3];
                foreach (ref byte value in rgb.AsSpan()) value = (byte)(pattern.NextInt(200) + noise.NextInt(40));
                File.WriteAllBytes(Path.Combine(own, $"{i}.png"), ImageEncoder.EncodePng(rgb, 32, 32));
            }
        }

        return folder;
    }

    private string SaveModel() => SaveModel(["dark", "light"]);

    private string SaveModel(ImmutableArray<string> classes)
    {
        var architecture = ArchitectureRegistry.Get("efficientnet_b0").Scale(0.25, 0.3, 32);
        if (classes.IsEmpty) architecture = architecture with { Embedding = new EmbeddingHead(EmbeddingKind.Pooled, 16) };
        var card = new ModelCard { Classes = classes, Preprocessing = new Preprocessing { Height = 32, Width = 32, ResizeTo = 32 } };
        var model = Model.Of(architecture, card, new WeightSet([]));
        string path = InRoot(classes.IsEmpty ? "embedding.safetensors" : "model.safetensors");
        ModelFile.Save(model with { Weights = WeightInitializer.Initialize(model.BuildGraph(), seed: 1) }, path);
        return path;
    }
}
