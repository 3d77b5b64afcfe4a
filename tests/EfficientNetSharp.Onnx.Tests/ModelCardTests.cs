using System.Collections.Immutable;
using System.Text;
using System.Text.Json;
using EfficientNetSharp.Architectures;
using EfficientNetSharp.Models;
using EfficientNetSharp.Onnx.Schema;
using Google.Protobuf;

namespace EfficientNetSharp.Onnx.Tests;

/// <summary>The card that goes with an exported model, and files whose card is missing or wrong.</summary>
public sealed class ModelCardTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void A_card_comes_back_as_it_was()
    {
        OnnxExporter.Export(SmallModel.Create(), _folder["small.onnx"]);
        AssertSame(SmallModel.Card, OnnxModelFile.ReadCard(_folder["small.onnx"]));
        Assert.Equal(["small.onnx"], _folder.Files);
    }

    [Fact]
    public void A_network_without_classes_has_a_card_too()
    {
        var card = SmallModel.Card with { Classes = [], Provenance = ImmutableSortedDictionary<string, string>.Empty };
        OnnxExporter.Export(SmallModel.Create(card: card), _folder["small.onnx"]);
        AssertSame(card, OnnxModelFile.ReadCard(_folder["small.onnx"]));
    }

    [Fact]
    public void Metadata_are_json_with_camel_case_names_and_the_architectures_data()
    {
        var model = ModelProto.Parser.ParseFrom(OnnxExporter.ExportToBytes(SmallModel.Create()));
        Assert.Equal("EfficientNetSharp", model.ProducerName);
        Assert.Matches(@"^\d+\.\d+\.\d+$", model.ProducerVersion);
        var entries = model.MetadataProps.ToDictionary(entry => entry.Key, entry => JsonDocument.Parse(entry.Value).RootElement);
        Assert.Equal(["architecture", "classes", "classIds", "preprocessing", "provenance", "thresholds"], entries.Keys.Order(StringComparer.OrdinalIgnoreCase));
        Assert.Equal(SmallModel.Card.Classes, entries["classes"].EnumerateArray().Select(name => name.GetString()!));
        Assert.Equal("CenterCropThenResize", entries["preprocessing"].GetProperty("crop").GetString());
        Assert.Equal(48, entries["preprocessing"].GetProperty("resizeTo").GetInt32());
        Assert.Equal("Symmetric", entries["architecture"].GetProperty("padding").GetString());
        Assert.Equal(0.5, entries["architecture"].GetProperty("stages")[1].GetProperty("squeezeExcite").GetDouble());
    }

    // timm's rule: the shorter side is ⌊size / 0.875⌋; the TPU code's: size + 32.
    [Theory]
    [InlineData(CropRule.ResizeThenCenterCrop, 224, 256, 256, 292)]
    [InlineData(CropRule.ResizeThenCenterCrop, 224, 256, 112, 128)]
    [InlineData(CropRule.CenterCropThenResize, 224, 256, 240, 272)]
    [InlineData(CropRule.StretchResize, 224, 224, 64, 64)]
    public void A_card_follows_the_exported_size(CropRule crop, int size, int resizeTo, int exported, int expected)
    {
        var card = SmallModel.Card with
        {
            Preprocessing = SmallModel.Card.Preprocessing with { Height = size, Width = size, ResizeTo = resizeTo, Crop = crop },
        };
        OnnxExporter.Export(SmallModel.Create(card: card), _folder["small.onnx"],
            new OnnxExportOptions { Height = exported, Width = exported });
        var read = OnnxModelFile.ReadCard(_folder["small.onnx"]).Preprocessing;
        Assert.Equal((exported, exported, expected), (read.Height, read.Width, read.ResizeTo));
    }

    [Fact]
    public void An_open_resolution_keeps_the_cards_size()
    {
        OnnxExporter.Export(SmallModel.Create(), _folder["small.onnx"], new OnnxExportOptions { DynamicResolution = true });
        AssertSame(SmallModel.Card, OnnxModelFile.ReadCard(_folder["small.onnx"]));
    }

    [Fact]
    public void A_file_without_metadata_says_what_is_missing()
    {
        var model = SmallModel.Create();
        OnnxExporter.Export(model.BuildGraph(), model.Weights, _folder["bare.onnx"]);
        var error = Assert.Throws<InvalidInputException>(() => OnnxModelFile.ReadCard(_folder["bare.onnx"]));
        Assert.EndsWith(
            "bare.onnx' has no metadata 'classes' and 'preprocessing', which an exported model has; say what its images and outputs are with --preprocessing and --classes.",
            error.Message);
    }

    public static TheoryData<string, string, string> UnusableMetadata => new()
    {
        { "classes", "", "'classes' is not JSON" },
        { "classes", "null", "card is not readable" },
        { "classes", "[1]", "card is not readable" },
        { "classes", "[null]", "a class has no name" },
        { "classes", "[\"a\n\"]", "'classes' is not JSON" },
        { "classes", "[], \"inputChannels\": 5", "'classes' is not JSON" },
        { "preprocessing", "{}", "card is not readable" },
        { "preprocessing", "null", "card is not readable" },
        { "preprocessing", "{\"height\":0,\"width\":40,\"resizeTo\":48}", "the height is 0" },
        { "preprocessing", "{\"height\":32,\"width\":40,\"resizeTo\":48}", "takes [?, 2, 32, 40], but its metadata say images of 3×32×40" },
        { "preprocessing", "{\"height\":32,\"width\":40,\"resizeTo\":48,\"mean\":[0,0],\"standardDeviation\":[1,0]}", "positive numbers" },
        { "preprocessing", "{\"height\":33,\"width\":40,\"resizeTo\":48,\"mean\":[0,0],\"standardDeviation\":[1,1]}",
        "takes [?, 2, 32, 40], but its metadata say images of 2×33×40" },
        { "provenance", "[]", "card is not readable" },
    };

    [Theory]
    [MemberData(nameof(UnusableMetadata))]
    public void Unusable_metadata_are_one_line_of_complaint(string key, string value, string complaint)
    {
        var model = ModelProto.Parser.ParseFrom(OnnxExporter.ExportToBytes(SmallModel.Create()));
        model.MetadataProps.Single(entry => entry.Key == key).Value = value;
        File.WriteAllBytes(_folder["odd.onnx"], model.ToByteArray());
        var error = Assert.Throws<InvalidInputException>(() => OnnxModelFile.ReadCard(_folder["odd.onnx"]));
        Assert.Contains(complaint, error.Message);
        Assert.DoesNotContain('\n', error.Message);
    }

    [Fact]
    public void Every_cut_of_a_file_is_refused()
    {
        byte[] whole = OnnxExporter.ExportToBytes(SmallModel.Create());
        foreach (int length in new[] { 0, 1, 2, 10, 100, whole.Length / 2, whole.Length - 1000, whole.Length - 1 })
        {
            File.WriteAllBytes(_folder["cut.onnx"], whole[..length]);
            var error = Assert.Throws<InvalidInputException>(() => OnnxModelFile.ReadCard(_folder["cut.onnx"]));
            Assert.DoesNotContain('\n', error.Message);
        }
    }

    [Fact]
    public void Other_things_than_files_of_a_network_are_refused()
    {
        File.WriteAllText(_folder["text.onnx"], "<html>not found</html>");
        File.WriteAllBytes(_folder["nothing.onnx"], []);
        File.WriteAllBytes(_folder["length.onnx"], [0x3A, 0xFF, 0xFF, 0xFF, 0xFF, 0x07]); // A graph of 2 GB that is not there.
        File.WriteAllBytes(_folder["other.onnx"], new TypeProto().ToByteArray().Append((byte)0x08).Append((byte)7).ToArray());
        foreach (string path in new[] { "text.onnx", "nothing.onnx", "length.onnx", "other.onnx", "missing.onnx", ".", "" })
        {
            string full = path.Length == 0 ? "" : _folder[path];
            Assert.DoesNotContain('\n', Assert.Throws<InvalidInputException>(() => OnnxModelFile.ReadCard(full)).Message);
            Assert.DoesNotContain('\n', Assert.Throws<InvalidInputException>(() => OnnxRuntimeRunner.Open(full)).Message);
        }
    }

    private static void AssertSame(ModelCard expected, ModelCard actual)
    {
        Assert.Equal(expected.Classes, actual.Classes);
        Assert.Equal(expected.InputChannels, actual.InputChannels);
        Assert.Equal(expected.Provenance, actual.Provenance);
        Assert.Equal(expected.Preprocessing.Mean, actual.Preprocessing.Mean);
        Assert.Equal(expected.Preprocessing.StandardDeviation, actual.Preprocessing.StandardDeviation);
        Assert.Equal(
            expected.Preprocessing with { Mean = default, StandardDeviation = default },
            actual.Preprocessing with { Mean = default, StandardDeviation = default });
    }
}
