using EfficientNetSharp.Tests.Files;
using Google.Protobuf;
using static EfficientNetSharp.Onnx.Tests.Reading.SmallFile;

namespace EfficientNetSharp.Onnx.Tests.Reading;

/// <summary>What is not read is refused in one line that names it; no file crashes the reader or makes it allocate at will.</summary>
public sealed class RefusalTests
{
    public static TheoryData<string> Words => [.. Files.Keys];

    private static readonly Dictionary<string, Func<SmallFile>> Files = new()
    {
        ["the operator LeakyRelu of the node 'my_LeakyRelu'"] = () => new SmallFile().Node("LeakyRelu", "x", "y"),
        ["one value to repeat, found [0]"] = () => new SmallFile().Integers("s", 4)
        .Node("ConstantOfShape", "s", "c",
        new Schema.AttributeProto { Name = "value", Type = Schema.AttributeProto.Types.AttributeType.Tensor,
        T = new Schema.TensorProto { DataType = 1, Dims = { 0 }, RawData = ByteString.Empty } }).Node("Add", "x c", "y"),
        ["the operator Erf of the node"] = () => new SmallFile().Node("Erf", "x", "y"),
        ["the Conv node 'my_Conv' is expected to have dilations of 1, found [2, 2]"] = () => new SmallFile().Weight("w", 3, 4, 3, 3)
        .Node("Conv", "x w", "y", Ints("dilations", 2, 2)),
        ["one stride for rows and columns, found [1, 2]"] = () => new SmallFile().Weight("w", 3, 4, 3, 3)
        .Node("Conv", "x w", "y", Ints("strides", 1, 2)),
        ["a kernel for 4 channels in 1 groups, found [3, 5, 3, 3]"] = () => new SmallFile().Weight("w", 3, 5, 3, 3)
        .Node("Conv", "x w", "y"),
        ["the padded map 'my_Pad'"] = () => new SmallFile().Integers("p", 0, 0, 1, 1, 0, 0, 1, 1).Floats("v", [1], 2)
        .Node("Pad", "x p v", "q").Node("Relu", "q", "y"),
        ["a padding that is below every value, found 0 around 'input'"] = () => new SmallFile().Integers("p", 0, 0, 1, 1, 0, 0, 1, 1)
        .Node("Pad", "x p", "q").Node("MaxPool", "q", "y", Ints("kernel_shape", 3, 3)),
        ["a square window, or one over the whole map, found 2×3 on 4×6×5"] = () => new SmallFile()
        .Node("AveragePool", "x", "y", Ints("kernel_shape", 2, 3)),
        ["padding that counts, or windows rounded up, found both"] = () => new SmallFile().Node("AveragePool", "x", "y",
        Ints("kernel_shape", 3, 3), Ints("strides", 2, 2), Ints("pads", 1, 1, 1, 1), Int("count_include_pad", 1), Int("ceil_mode", 1)),
        ["values that are joined along their channels"] = () => new SmallFile().Node("Concat", "x x", "y", Int("axis", 2)),
        ["channels that follow each other, or are shuffled, found [0, 2"] = () => new SmallFile().Integers("i", 0, 2, 1)
        .Node("Gather", "x i", "y", Int("axis", 1)),
        ["1 parts of 4 channels, found [1, 2]"] = () => new SmallFile().Integers("s", 1, 2).Node("Split", "x s", "y", Int("axis", 1)),
        ["one step for rows and columns, found 2 and 1"] = () => new SmallFile().Integers("s", 0).Integers("e", 9).Integers("a", 2)
        .Integers("t", 2).Node("Slice", "x s e a t", "y"),
        ["whose axes are cut"] = () => new SmallFile().Integers("s", 0, 2, 2, -1).Node("Reshape", "x s", "y"),
        ["the bounds 0 and 6"] = () => new SmallFile(9).Node("Clip", "x", "y", Float("min", -1), Float("max", 1)),
        ["no softmax before it"] = () => new SmallFile().Node("GlobalAveragePool", "x", "p").Node("Flatten", "p", "f")
        .Node("Softmax", "f", "s").Node("Relu", "s", "y"),
        ["a circle of nodes"] = () => new SmallFile().Node("Add", "x b", "a").Node("Relu", "a", "b").Node("Relu", "b", "y"),
        ["takes 'nowhere', which nothing in the file yields"] = () => new SmallFile().Node("Add", "x nowhere", "y"),
        ["the output takes 'y', which nothing"] = () => new SmallFile(),
        ["which is there already"] = () => new SmallFile().Node("Relu", "x", "y").Node("Sigmoid", "x", "y"),
        ["at most 65536 along H, found 1099511627776"] = () => new SmallFile(13, 1, 3, 1L << 40, 5).Node("Relu", "x", "y"),
        ["at most 2^31 - 1 values per image"] = () => new SmallFile(13, 1, 65536, 65536, 65536).Node("Relu", "x", "y"),
        ["more values than a network has use for"] = () => new SmallFile().Integers("s", 60000, 60000).Node("ConstantOfShape", "s", "c")
        .Node("Add", "x c", "y"),
        ["found 4 bytes"] = () => new SmallFile().Floats("a", [1L << 30, 4], 1).Node("Add", "x a", "y"),
        ["operator set 7 or later is expected, found 6"] = () => new SmallFile(6).Node("Relu", "x", "y"),
        ["found type 1 [1, 3]"] = () => new SmallFile(13, 1, 3).Node("Relu", "x", "y"),
        ["a constant of one value per channel for [N, 4, 6, 5], found [5]"] = () => new SmallFile().Weight("a", 5).Node("Add", "x a", "y"),
        ["a constant as one of its inputs"] = () => new SmallFile().Node("Relu", "x", "r").Node("Sub", "x r", "y"),
        ["statistics"] = () => new SmallFile().Weight("a", 4).Node("BatchNormalization", "x a a a a", "y", Int("spatial", 0)),
        ["a value of the network, found a constant"] = () => new SmallFile().Weight("y", 4),
        ["channels before rows and columns"] = () => new SmallFile().Node("Transpose", "x", "t", Ints("perm", 0, 2, 3, 1))
        .Node("Flatten", "t", "y"),
    };

    [Theory]
    [MemberData(nameof(Words))]
    public void What_is_not_read_is_named_in_one_line(string words)
    {
        var error = Assert.Throws<InvalidInputException>(() => Files[words]().Read());
        Assert.Contains(words, error.Message);
        Assert.Contains("f.onnx' cannot be read as a network: ", error.Message);
        Assert.DoesNotContain('\n', error.Message);
    }

    [Theory]
    [InlineData("../w.bin")]
    [InlineData("/etc/hostname")]
    [InlineData("")]
    [InlineData("a/../../w.bin")]
    [InlineData("./../w.bin")]
    [InlineData("..\\w.bin")]
    [InlineData("a\\..\\..\\w.bin")]
    [InlineData("\\w.bin")]
    [InlineData("//w.bin")]
    [InlineData("C:w.bin")]
    [InlineData("C:/w.bin")]
    [InlineData("w.bin\0")]
    [InlineData("..\n/w.bin")]
    public void External_values_stay_in_the_models_folder(string location)
    {
        using var folder = new TemporaryFolder();
        Directory.CreateDirectory(folder["inner"]);
        File.WriteAllBytes(folder["w.bin"], new byte[16]);
        var error = Assert.Throws<InvalidInputException>(() => External(folder, "inner/f.onnx", location));
        Assert.Contains("its values in a file in the model's folder", error.Message);
    }

    [Fact]
    public void External_values_are_read_through_no_link_in_any_part_of_their_path()
    {
        using var folder = new TemporaryFolder();
        Directory.CreateDirectory(folder["inner/real"]);
        Directory.CreateDirectory(folder["outside"]);
        File.WriteAllBytes(folder["outside/w.bin"], new byte[16]);
        float[] values = [1, 2, 3, 4];
        File.WriteAllBytes(folder["inner/real/w.bin"], [.. values.SelectMany(BitConverter.GetBytes)]);
        Directory.CreateSymbolicLink(folder["inner/link"], folder["outside"]);
        Directory.CreateSymbolicLink(folder["inner/real/deep"], folder["outside"]);
        File.CreateSymbolicLink(folder["inner/w.bin"], folder["outside/w.bin"]);
        foreach (string location in (string[])["link/w.bin", "real/deep/w.bin", "w.bin", "link/../link/w.bin"])
        {
            string message = Assert.Throws<InvalidInputException>(() => External(folder, "inner/f.onnx", location)).Message;
            Assert.Contains("its values in a file in the model's folder", message);
        }

        Assert.Equal(values, External(folder, "inner/f.onnx", "real/./w.bin").Weights["my_Add.bias"].Values);
    }

    // ONNX Runtime follows locations by itself, also in parts of a file that are not read here.
    [Fact]
    public void ONNX_Runtime_is_given_no_file_whose_values_lie_elsewhere()
    {
        using var folder = new TemporaryFolder();
        Directory.CreateDirectory(folder["inner"]);
        File.WriteAllBytes(folder["w.bin"], new byte[16]);
        Assert.Throws<InvalidInputException>(() => External(folder, "inner/f.onnx", "../w.bin"));
        string message = Assert.Throws<InvalidInputException>(() => OnnxRuntimeRunner.Open(folder["inner/f.onnx"])).Message;
        Assert.Contains("a file in the model's folder", message);
        message = Assert.Throws<InvalidInputException>(() => OnnxRuntimeRunner.Load(File.ReadAllBytes(folder["inner/f.onnx"]))).Message;
        Assert.Contains("open it from its file", message);
    }

    [Fact]
    public void External_values_are_read()
    {
        using var folder = new TemporaryFolder();
        File.WriteAllBytes(folder["w.bin"], [.. new float[] { 9, 1, 2, 3, 4 }.SelectMany(BitConverter.GetBytes)]);
        var network = External(folder, "f.onnx", "w.bin", 4);
        Assert.Equal([1f, 2f, 3f, 4f], network.Weights["my_Add.bias"].Values);
        Assert.Contains("an offset of at most 20",
            Assert.Throws<InvalidInputException>(() => External(folder, "f.onnx", "w.bin", 24)).Message);
        Assert.Contains("there is no such file",
            Assert.Throws<InvalidInputException>(() => External(folder, "f.onnx", "other.bin")).Message);
        Assert.Contains("found 8 bytes", Assert.Throws<InvalidInputException>(() => External(folder, "f.onnx", "w.bin", 12)).Message);
    }

    [Fact]
    public void A_name_out_of_a_file_stays_on_one_line()
    {
        var file = new SmallFile().Integers("p", 0, 0, 1, 1, 0, 0, 1, 1).Floats("v", [1], 2).Node("Pad", "x p v", "q").Node("Relu", "q", "y");
        foreach (var node in file.Model.Graph.Node) node.Name = $"a\nb{new string('c', 100000)}";
        string message = Assert.Throws<InvalidInputException>(() => file.Read()).Message;
        Assert.DoesNotContain('\n', message);
        Assert.InRange(message.Length, 1, 1000);
    }

    // A graph deeper than the stack of a thread, were it walked by recursion.
    [Fact]
    public void A_very_deep_file_is_read_or_refused()
    {
        var file = new SmallFile(13, 1, 2, 1, 1);
        file.Node("Flatten", "x", "v0");
        const int Depth = 20000;
        for (int i = 0; i < Depth; i++) file.Node("Relu", $"v{i}", $"v{i + 1}");
        file.Node("Identity", $"v{Depth}", "y");
        Assert.Equal(Depth + 2, file.Read().Graph.Nodes.Length);

        file.Integers("s", 1, 2, 1, 1).Floats("w", [2, 2, 1, 1], 1, 2, 3, 4);
        file.Model.Graph.Node[^1].Output[0] = "z";
        file.Node("Reshape", "z s", "m").Node("Conv", "m w", "y");
        file.Read();
    }

    [Theory]
    [InlineData("spelled_out_unfolded_opset13")]
    [InlineData("channels_last_opset12")]
    [InlineData("mobilenet_v2_training_opset13")]
    public void Damaged_files_are_read_or_refused_and_nothing_else(string name)
    {
        byte[] whole = File.ReadAllBytes(Path.Combine(AppContext.BaseDirectory, "Reading", "Files", $"{name}.onnx"));
        using var folder = new TemporaryFolder();
        string path = folder["d.onnx"];
        int refused = 0;
        // Half of the damage is in the last tenth, where names, shapes and the signature are.
        Gen.Select(Gen.Int[0, whole.Length - 1], Gen.Int[whole.Length * 9 / 10, whole.Length - 1], Gen.Byte, Gen.Byte, Gen.Bool, Gen.Bool)
            .Sample(
            (first, second, a, b, isCut, isBoth) =>
            {
                byte[] bytes = isCut ? whole[..(isBoth ? first : second)] : [.. whole];
                if (!isCut)
                {
                    bytes[second] = a;
                    if (isBoth) bytes[first] = b;
                }

                File.WriteAllBytes(path, bytes);
                try
                {
                    OnnxReader.Read(path);
                }
                catch (InvalidInputException e)
                {
                    refused++;
                    Assert.DoesNotContain('\n', e.Message);
                }
            },
            iter: 300, threads: 1);
        Assert.InRange(refused, 50, 300);
    }

    private static OnnxNetwork External(TemporaryFolder folder, string path, string location, long offset = 0)
    {
        var file = new SmallFile().Node("Add", "x a", "y");
        file.Model.Graph.Initializer.Add(new Schema.TensorProto
        {
            Name = "a", DataType = 1, Dims = { 1, 4, 1, 1 }, DataLocation = Schema.TensorProto.Types.DataLocation.External,
            ExternalData = { new Schema.StringStringEntryProto { Key = "location", Value = location },
            new Schema.StringStringEntryProto { Key = "offset", Value = $"{offset}" } },
        });
        File.WriteAllBytes(folder[path], file.Model.ToByteArray());
        return OnnxReader.Read(folder[path]);
    }

    [Fact]
    public void A_file_that_is_changed_anywhere_is_read_or_refused()
    {
        using var folder = new TemporaryFolder();
        byte[] valid = File.ReadAllBytes(Path.Combine(AppContext.BaseDirectory, "Reading", "Files", "mobilenet_v3_opset13.onnx"));
        HostileInput.Mutate(valid, valid.Length, folder["a.onnx"], path => OnnxReader.Read(path), seed: 1, rounds: 300);
    }
}
