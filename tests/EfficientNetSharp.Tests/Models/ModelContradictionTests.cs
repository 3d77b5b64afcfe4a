using EfficientNetSharp.Models;
using EfficientNetSharp.Models.Safetensors;
using EfficientNetSharp.Tests.Files;

namespace EfficientNetSharp.Tests.Models;

/// <summary>Files whose parts tell of different networks, and files with a part missing.</summary>
public sealed class ModelContradictionTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();
    private readonly Dictionary<string, string> _metadata;
    private readonly SafetensorsEntry[] _tensors;

    public ModelContradictionTests()
    {
        var model = SmallModels.Make(SmallModels.Architecture, seed: 1);
        ModelFile.Save(model, _folder["valid"]);
        using var file = SafetensorsFile.Open(_folder["valid"]);
        _metadata = new Dictionary<string, string>(file.Metadata);
        _tensors = [.. model.Weights.Select(pair => SafetensorsEntry.FromFloats(pair.Key, pair.Value.Shape, pair.Value.Values))];
    }

    // Key of the metadata, text in it, what stands there instead, and part of the message.
    public static TheoryData<string, string, string, string> Changes => new()
    {
        { "card", "\"height\":32", "\"height\":33", "the graph takes images of 3×32×32, the card makes 3×33×32" },
        { "card", "[0.485,0.456,0.406]", "[0.5]", "standard deviation has 3 numbers, expected 1" },
        { "card", "\"classes\":[", "\"classes\":[\"more\",", "yields 3 values, the card names 4 classes" },
        { "architecture", "\"padding\":\"Symmetric\"", "\"padding\":\"Same\"", "the node 'stem.conv' is Convolution" },
        { "architecture", "\"epsilon\":1E-05", "\"epsilon\":0.001", "the node 'stem.norm' is BatchNormalization" },
        { "architecture", "\"activation\":\"Silu\"", "\"activation\":\"Relu\"", "the node 'stem.activation' is Activation" },
        { "architecture", "\"headChannels\":8", "\"headChannels\":16", "the node 'head.conv'" },
        { "architecture", "\"repeats\":1", "\"repeats\":1000000000", "1000000001 blocks, the file only" },
        { "graph", "\"padding\":\"symmetric\",\"pads\":[1,1,1,1]", "\"padding\":\"none\",\"pads\":[0,0,0,0]",
        "the node 'stem.conv' is Convolution" },
        { "graph", "\"out\":3", "\"out\":4", "yields 4 values, the card names 3 classes" },
        { "graph", "\"in\":3,\"out\":4", "\"in\":3,\"out\":999999", "not readable" },
    };

    public void Dispose() => _folder.Dispose();

    [Theory]
    [MemberData(nameof(Changes))]
    public void Parts_that_contradict_each_other_are_refused_by_name(string key, string text, string instead, string expected)
    {
        int at = _metadata[key].IndexOf(text, StringComparison.Ordinal);
        Assert.True(at >= 0, $"{text} is not in {_metadata[key]}");
        _metadata[key] = _metadata[key][..at] + instead + _metadata[key][(at + text.Length)..];
        HostileInput.AssertRefused(() => Load(), expected);
    }

    [Fact]
    public void Only_the_architecture_may_be_missing()
    {
        foreach (string key in new[] { "graph", "card" })
        {
            string text = _metadata[key];
            _metadata.Remove(key);
            HostileInput.AssertRefused(() => Load(), $"lack '{key}'");
            _metadata[key] = text;
        }

        _metadata.Remove("architecture");
        Assert.Null(Load().Architecture);
    }

    private Model Load()
    {
        SafetensorsWriter.Write(_folder["a"], _metadata, _tensors);
        return ModelFile.Load(_folder["a"]);
    }
}
