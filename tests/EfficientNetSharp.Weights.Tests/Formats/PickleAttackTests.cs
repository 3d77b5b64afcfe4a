using System.Buffers.Binary;
using System.IO.Compression;
using System.Text;
using EfficientNetSharp.Tests.Files;
using EfficientNetSharp.Weights.Formats;

namespace EfficientNetSharp.Weights.Tests.Formats;

/// <summary>Pickles that ask for code, or for more than they hold, written by hand in pickletools' codes.</summary>
public sealed class PickleAttackTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public static TheoryData<string, string> Globals => new()
    {
        // GLOBAL, arguments, REDUCE.
        { "cos\nsystem\nX\u0002\0\0\0id\u0085R.", "'os.system'" },
        { "cposix\nsystem\nX\u0002\0\0\0id\u0085R.", "'posix.system'" },
        { "cbuiltins\neval\nX\u0003\0\0\01+1\u0085R.", "'builtins.eval'" },
        { "c__builtin__\neval\nX\u0003\0\0\01+1\u0085R.", "'__builtin__.eval'" },
        { "cbuiltins\ngetattr\n.", "'builtins.getattr'" },
        // The same by STACK_GLOBAL, INST and NEWOBJ.
        { "\u008c\u0002os\u008c\u0006system\u0093.", "'os.system'" },
        { "(X\u0002\0\0\0idios\nsystem\n.", "'os.system'" },
        { "csubprocess\nPopen\n)\u0081.", "'subprocess.Popen'" },
        // Within what is allowed.
        { "}X\u0001\0\0\0a(cos\nsystem\nu.", "'os.system'" },
        { "ctorch._utils\n_rebuild_tensor_v2\n(cos\nsystem\ntR.", "'os.system'" },
        // Near the allowed names.
        { "ctorch._utils\n_rebuild_tensor_v2.__globals__\n.", "'torch._utils._rebuild_tensor_v2.__globals__'" },
        { "ctorch\nload\n.", "'torch.load'" },
        { "ctorch.serialization\nload\n.", "'torch.serialization.load'" },
        { "ccollections\nOrderedDict.__class__\n.", "'collections.OrderedDict.__class__'" },
        { "c__torch__\nNet\n.", "TorchScript" },
    };

    public static TheoryData<string, string> Misuses => new()
    {
        // Storages, sizes and types called as functions; functions with other things than PyTorch gives.
        { "ctorch\nFloatStorage\n)R.", "'torch.FloatStorage'" },
        { "ctorch\nfloat32\n)R.", "'torch.float32'" },
        { "ccollections\nOrderedDict\n]]aR.", "no function" },
        { "ccollections\nOrderedDict\n]Na\u0085R.", "other things than pairs" },
        { "ctorch._utils\n_rebuild_tensor_v2\n)R.", "with other things than PyTorch does" },
        { "X\u0001\0\0\0a)R.", "no function" },
        // BUILD of what is no dictionary, or with a state that is none.
        { "]}b.", "sets the state" },
        { "ccollections\nOrderedDict\n}b.", "sets the state" },
        { "}Nb.", "sets the state" },
        // Storages of other forms.
        { ")Q.", "refers to a storage" },
        { "(X\u0006\0\0\0modulectorch\nSize\nX\u0001\0\0\0aX\u0001\0\0\0atQ.", "whole model" },
        // Stack and memo.
        { "R.", "more from its stack" },
        { "(0.", "more from its stack" },
        { "]((e.", "" },
        { "h\u0005.", "not stored" },
        { "}Ns.", "" },
        { "]Nu.", "" },
        { "}(Nu.", "without a value" },
        { "\u0082\u0001.", "code 0x82" },
        { "\u008b\u00ff\u00ff\u00ff\u007f.", "integer" },
        { "X\u00ff\u00ff\u00ff\u007f.", "" },
        { "\u008d\u00ff\u00ff\u00ff\u00ff\u00ff\u00ff\u00ff\u00ff.", "" },
        { "\u0080\u0006.", "protocol 6" },
        { "S'a'\n.", "code 'S'" },
    };

    public void Dispose() => _folder.Dispose();

    [Theory]
    [MemberData(nameof(Globals))]
    public void Code_is_refused_by_name(string pickle, string name)
    {
        HostileInput.AssertRefused(() => WeightFile.Open(Pack(pickle)), name);
        HostileInput.AssertRefused(() => WeightFile.Open(WriteLegacy(pickle)), name);
    }

    [Theory]
    [MemberData(nameof(Misuses))]
    public void Misuse_of_what_is_allowed_is_refused(string pickle, string expected) =>
        HostileInput.AssertRefused(() => WeightFile.Open(Pack(pickle)), expected);

    [Theory]
    [InlineData("]", "a", "a list")]
    [InlineData("(", "t", "a tuple")]
    [InlineData("}N", "s", "no names")]
    public void Ten_thousand_levels_are_no_more_than_one(string open, string close, string expected)
    {
        string middle = open[0] == '}' ? "N" : ")";
        string deep = string.Concat(Enumerable.Repeat(open, 10_000)) + middle + string.Concat(Enumerable.Repeat(close, 10_000)) + ".";
        HostileInput.AssertRefused(() => WeightFile.Open(Pack(deep)), expected);
    }

    [Fact]
    public void Lists_that_double_themselves_take_no_memory()
    {
        // Each list holds the one before twice: 2^1000 items for whoever walks them.
        var pickle = new StringBuilder("]");
        for (int i = 0; i < 1_000; i++)
        {
            string key = new([(char)(i & 0xff), (char)(i >> 8), '\0', '\0']);
            pickle.Append('r').Append(key).Append("](j").Append(key).Append('j').Append(key).Append('e');
        }

        HostileInput.AssertRefused(() => WeightFile.Open(Pack(pickle.Append('.').ToString())), "a list");
    }

    [Fact]
    public void A_dictionary_that_holds_itself_is_borne() =>
        HostileInput.AssertRefused(() => WeightFile.Open(Pack("}q\0X\u0005\0\0\0modelh\0s.")), "no tensors");

    [Theory]
    // A view beyond its storage of two values; one whose end overflows; a shape that repeats one value without end.
    [InlineData("K\u0001", "K\u0002\u0085", "K\u0001\u0085", "reaches beyond its storage")]
    [InlineData("\u008a\u0008\u00ff\u00ff\u00ff\u00ff\u00ff\u00ff\u00ff\u007f", "K\u0002\u0085", "K\u0001\u0085",
        "reaches beyond its storage")]
    [InlineData("K\0", "J\u00ff\u00ff\u00ff\u007f\u0085", "\u008a\u0008\u00ff\u00ff\u00ff\u00ff\u00ff\u00ff\u00ff\u007f\u0085",
        "reaches beyond its storage")]
    [InlineData("K\0", "J\u00ff\u00ff\u00ff\u007f\u0085", "K\0\u0085", "repeat their values")]
    [InlineData("K\0", "\u008a\u0005\0\0\0\0\u0001\u0085", "K\0\u0085", "a dimension of 4294967296")]
    [InlineData("K\0", "J\u00ff\u00ff\u00ff\u00ff\u0085", "K\u0001\u0085", "no number from 0")]
    [InlineData("K\0", "K\u0001K\u0001\u0086", "K\u0001\u0085", "do not fit")]
    public void Views_beyond_what_there_is_are_refused(string offset, string size, string stride, string expected)
    {
        string tensor =
            "}X\u0001\0\0\0actorch._utils\n_rebuild_tensor_v2\n((X\u0007\0\0\0storagectorch\nFloatStorage\nX\u0001\0\0\00X\u0003\0\0\0cpuK\u0002tQ"
            + $"{offset}{size}{stride}\u0089}}tRs.";
        HostileInput.AssertRefused(() => FormatGolden.ReadAll(Pack(tensor)), expected);
    }

    private string Pack(string pickle)
    {
        using (var archive = new ZipArchive(File.Create(_folder["a.pth"]), ZipArchiveMode.Create))
        {
            WriteEntry(archive, "a/data.pkl", [0x80, 2, .. Encoding.Latin1.GetBytes(pickle)]);
            WriteEntry(archive, "a/data/0", new byte[8]);
        }

        return _folder["a.pth"];
    }

    private static void WriteEntry(ZipArchive archive, string name, byte[] bytes)
    {
        using var stream = archive.CreateEntry(name, CompressionLevel.NoCompression).Open();
        stream.Write(bytes);
    }

    // The magic number, the version and the machine's facts, then the pickle.
    private string WriteLegacy(string pickle)
    {
        byte[] protocol = new byte[2];
        BinaryPrimitives.WriteUInt16LittleEndian(protocol, 1001);
        return _folder.Write(
            "legacy.pth",
            [
                0x80, 2, 0x8a, 10, 0x6c, 0xfc, 0x9c, 0x46, 0xf9, 0x20, 0x6a, 0xa8, 0x50, 0x19, (byte)'.',
                0x80, 2, (byte)'M', .. protocol, (byte)'.', 0x80, 2, (byte)'}', (byte)'.',
                0x80, 2, .. Encoding.Latin1.GetBytes(pickle),
            ]);
    }
}
