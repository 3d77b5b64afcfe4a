using System.Text.RegularExpressions;
using EfficientNetSharp.Architectures;
using EfficientNetSharp.Models;
using EfficientNetSharp.Models.Safetensors;
using EfficientNetSharp.Randomness;
using EfficientNetSharp.Tests.Files;

namespace EfficientNetSharp.Tests.Models;

public sealed partial class ModelFileHostileTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();
    private readonly Dictionary<string, string> _metadata;
    private readonly SafetensorsEntry[] _tensors;

    public ModelFileHostileTests()
    {
        var model = SmallModels.Make(SmallModels.Architecture, seed: 1);
        ModelFile.Save(model, _folder["valid"]);
        using var file = SafetensorsFile.Open(_folder["valid"]);
        // As version 1 wrote them: the graph follows from the architecture, and the card says its channels twice.
        _metadata = new Dictionary<string, string>(file.Metadata) { ["format_version"] = "1" };
        _metadata.Remove("graph");
        _metadata["card"] = _metadata["card"].Replace(",\"provenance\"", ",\"inputChannels\":3,\"provenance\"", StringComparison.Ordinal);
        _tensors = [.. model.Weights.Select(pair => SafetensorsEntry.FromFloats(pair.Key, pair.Value.Shape, pair.Value.Values))];
    }

    // Key of the metadata, text in it, what stands there instead, and part of the message.
    public static TheoryData<string, string, string, string> Changes => new()
    {
        { "format", "efficientnetsharp", "pt", "the format 'pt'" },
        { "format_version", "1", "5", "newer version (format 5; this one reads up to 4)" },
        { "format_version", "1", "0", "format_version is '0'" },
        { "format_version", "1", "-1", "format_version is '-1'" },
        { "format_version", "1", "1.0", "format_version is '1.0'" },
        { "format_version", "1", "99999999999", "format_version is '99999999999'" },
        { "architecture", "{", "", "not readable" },
        { "architecture", "{", "[{", "not readable" },
        { "architecture", "\"name\":\"tiny\"", "\"name\":null", "not readable" },
        { "architecture", "\"name\":\"tiny\",", "", "name" },
        { "architecture", "\"name\":\"tiny\"", "\"name\":\"tiny\",\"name\":\"tiny\"", "not readable" },
        { "architecture", "\"name\":\"tiny\"", "\"name\":\"\\ud800\"", "not readable" },
        { "architecture", "\"name\":\"tiny\"", "\"name\":\"a\\nb\"", "named 'a\\u000Ab'" },
        { "architecture", "\"resolution\":32", "\"resolution\":\"32\"", "not readable" },
        { "architecture", "\"stages\":[", "\"stages\":[null,", "stage" },
        { "architecture", "\"repeats\":1", "\"repeats\":1000000000", "1000000001 blocks, the file only" },
        { "architecture", "\"repeats\":1", "\"repeats\":2147483647", "blocks, the file only" },
        { "architecture", "\"repeats\":1", "\"repeats\":-1", "stage" },
        { "architecture", "\"headChannels\":8", "\"headChannels\":1000000", "expected [1000000, 8, 1, 1]" },
        { "architecture", "\"headChannels\":8", "\"headChannels\":2147483647", "head channels" },
        { "architecture", "\"channels\":8", "\"channels\":999999", "do not fit" },
        { "architecture", "\"expansion\":2", "\"expansion\":64", "do not fit" },
        { "architecture", "\"expansion\":2", "\"expansion\":1e-9", "stage" },
        { "architecture", "\"expansion\":2", "\"expansion\":NaN", "not readable" },
        { "architecture", "\"expansion\":2", "\"expansion\":1e999", "stage" },
        { "architecture", "\"expansion\":2", "\"expansion\":null", "not readable" },
        { "architecture", "\"expansion\":2,", "", "not readable" },
        { "architecture", "\"kernel\":3", "\"kernel\":0", "kernel" },
        { "architecture", "\"activation\":\"Silu\"", "\"activation\":\"Wish\"", "not readable" },
        { "architecture", "\"activation\":\"Silu\"", "\"activation\":77", "activation" },
        { "architecture", "\"block\":\"MBConv\"", "\"block\":77", "block kind" },
        { "architecture", "\"epsilon\":1E-05", "\"epsilon\":0", "epsilon" },
        { "card", "}", "", "not readable" },
        { "card", "\"classes\":[", "\"classes\":[null,", "a class has no name" },
        { "card", "\"classes\":[", "\"classes\":[\"more\",", "do not fit" },
        { "card", "\"recipe\":\"none\"", "\"recipe\":null", "provenance" },
        { "card", "\"inputChannels\":3", "\"inputChannels\":0", "says 0 input channels" },
        { "card", "\"inputChannels\":3", "\"inputChannels\":1", "says 1 input channels" },
        { "card", "\"height\":32", "\"height\":0", "the height is 0" },
        { "card", "\"height\":32", "\"height\":2147483647", "the height is 2147483647" },
        { "card", "\"width\":32", "\"width\":-32", "the width is -32" },
        { "card", "\"width\":32,", "", "width" },
        { "card", "\"resizeTo\":36", "\"resizeTo\":31", "at least the crop's 32" },
        { "card", "\"resizeTo\":36", "\"resizeTo\":2000000000", "resize-to" },
        { "card", "0.485", "1e60", "mean" },
        { "card", "0.485", "NaN", "not readable" },
        { "card", "0.485", "0.1,0.2", "standard deviation has 3 numbers, expected 4" },
        { "card", "0.229", "0", "standard deviation has 0" },
        { "card", "0.229", "-1", "standard deviation has -1" },
        { "card", "\"crop\":\"ResizeThenCenterCrop\"", "\"crop\":9", "CropRule is 9" },
        { "card", "\"channels\":\"Rgb\"", "\"channels\":\"Rgba\"", "not readable" },
    };

    public void Dispose() => _folder.Dispose();

    [Theory]
    [MemberData(nameof(Changes))]
    public void Wrong_metadata_are_refused(string key, string text, string instead, string expected)
    {
        int at = _metadata[key].IndexOf(text, StringComparison.Ordinal);
        Assert.True(at >= 0, $"{text} is not in {_metadata[key]}");
        _metadata[key] = _metadata[key][..at] + instead + _metadata[key][(at + text.Length)..];
        AssertRefused(expected);
    }

    [Theory]
    [InlineData("format", "no format")]
    [InlineData("format_version", "lack 'format_version'")]
    [InlineData("architecture", "lack 'architecture'")]
    [InlineData("card", "lack 'card'")]
    public void Missing_metadata_are_refused(string key, string expected)
    {
        _metadata.Remove(key);
        AssertRefused(expected);
    }

    [Fact]
    public void Unknown_members_are_ignored()
    {
        _metadata["card"] = "{\"later\":{\"x\":[1]}," + _metadata["card"][1..];
        _metadata["architecture"] = _metadata["architecture"]
            .Replace("\"repeats\"", "\"later\":null,\"repeats\"", StringComparison.Ordinal);
        _metadata["more"] = "x";
        Assert.Equal(3, Load(_metadata, _tensors).Card.Classes.Length);
    }

    [Fact]
    public void Absent_optional_members_take_the_records_defaults()
    {
        _metadata["architecture"] = Without(Without(_metadata["architecture"], ",\"activation\":\"Silu\""), ",\"stochasticDepth\":0.2");
        string card = Without(_metadata["card"], ",\"inputChannels\":3");
        card = Regex.Replace(card, ",\"(mean|standardDeviation)\":\\[[^]]*\\]", "");
        _metadata["card"] = Without(Without(card, ",\"interpolation\":\"Bicubic\""),
            ",\"provenance\":{\"Z\":\"1\",\"a\":\"2\",\"recipe\":\"none\"}");

        var model = Load(_metadata, _tensors);
        Assert.Equal(SmallModels.Architecture.Activation, model.Architecture!.Activation);
        Assert.Equal(0.2, model.Architecture.StochasticDepth);
        Assert.Equal(3, model.Card.InputChannels);
        Assert.Empty(model.Card.Provenance);
        Assert.Equal(Interpolation.Bicubic, model.Card.Preprocessing.Interpolation);
        Assert.Equal(Preprocessing.ImageNetMean, model.Card.Preprocessing.Mean);
        Assert.Equal(Preprocessing.ImageNetStandardDeviation, model.Card.Preprocessing.StandardDeviation);
    }

    [Fact]
    public void Tensors_that_do_not_fit_are_refused()
    {
        var x = SafetensorsEntry.FromFloats("x\ny", [1], new float[1]);
        AssertRefused("x\\u000Ay is not a tensor of this network", [.. _tensors, x]);
        AssertRefused("is missing", _tensors[1..]);
        var first = _tensors[0];
        AssertRefused($"{first.Name} is [0]", [SafetensorsEntry.FromFloats(first.Name, [0], default), .. _tensors[1..]]);
        AssertRefused("blocks, the file only 0 tensors", []);
        AssertRefused(
            "holds uint8, expected floats", [SafetensorsEntry.FromBytes(first.Name, EfficientNetSharp.Arrays.ElementType.U8, first.Shape,
            new byte[first.ByteLength / 4]), .. _tensors[1..]]);
    }

    [Fact]
    public void Hostile_architectures_allocate_little()
    {
        foreach (string change in new[] { "\"repeats\":1000000000", "\"channels\":1000000", "\"expansion\":64", "\"resolution\":65536" })
        {
            string member = change[..(change.IndexOf(':', StringComparison.Ordinal) + 1)];
            var metadata = new Dictionary<string, string>(_metadata)
            {
                ["architecture"] = Regex.Replace(_metadata["architecture"], $"{member}[0-9]+", change),
            };
            long before = GC.GetAllocatedBytesForCurrentThread();
            _ = Record.Exception(() => Load(metadata, _tensors));
            Assert.InRange(GC.GetAllocatedBytesForCurrentThread() - before, 0, 3_000_000);
        }
    }

    [Fact]
    public void Changed_files_are_read_or_refused()
    {
        byte[] whole = File.ReadAllBytes(_folder["valid"]);
        int header = 8 + BitConverter.ToInt32(whole);
        Assert.InRange(HostileInput.Mutate(whole, header, _folder["a"], path => ModelFile.Load(path), seed: 1, rounds: 2000), 1000, 1999);
    }

    [Theory]
    [InlineData("architecture", 1)]
    [InlineData("card", 2)]
    public void Descriptions_with_any_numbers_are_read_or_refused(string key, ulong seed)
    {
        string[] numbers = ["0", "-1", "1", "2", "7", "31", "64", "65536", "1000000", "2147483647", "-2147483648", "4294967296", "1e-9",
            "1e9", "1e308", "1e999", "0.5", "null", "\"x\"", "[]", "{}"];
        for (int round = 0; round < 1000; round++)
        {
            var random = new SeededRandom(seed, (ulong)round);
            string json = _metadata[key];
            for (int change = random.NextInt(3); change >= 0; change--)
            {
                var matches = Number().Matches(json);
                var match = matches[random.NextInt(matches.Count)];
                json = json[..match.Index] + numbers[random.NextInt(numbers.Length)] + json[(match.Index + match.Length)..];
            }

            var metadata = new Dictionary<string, string>(_metadata) { [key] = json };
            long before = GC.GetAllocatedBytesForCurrentThread();
            try
            {
                Assert.NotNull(Load(metadata, _tensors));
            }
            catch (InvalidInputException refusal)
            {
                Assert.DoesNotContain('\n', refusal.Message);
            }

            Assert.InRange(GC.GetAllocatedBytesForCurrentThread() - before, 0, 3_000_000);
        }
    }

    private static string Without(string text, string part)
    {
        Assert.Contains(part, text, StringComparison.Ordinal);
        return text.Replace(part, "", StringComparison.Ordinal);
    }

    [GeneratedRegex(@"(?<=[:\[,])-?[0-9][-+0-9.eE]*")]
    private static partial Regex Number();

    private Model Load(Dictionary<string, string> metadata, SafetensorsEntry[] tensors)
    {
        using var stream = new MemoryStream();
        SafetensorsWriter.Write(stream, metadata, tensors);
        return ModelFile.Load(_folder.Write("a", stream.ToArray()));
    }

    private void AssertRefused(string expected, SafetensorsEntry[]? tensors = null) =>
        HostileInput.AssertRefused(() => Load(_metadata, tensors ?? _tensors), expected);
}
