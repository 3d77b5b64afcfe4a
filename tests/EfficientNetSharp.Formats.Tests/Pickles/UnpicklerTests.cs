using System.Numerics;
using EfficientNetSharp.Files;
using EfficientNetSharp.Formats.Pickles;
using EfficientNetSharp.Tests.Files;

namespace EfficientNetSharp.Formats.Tests.Pickles;

/// <summary>Pickles of CPython; what they may call is tested with the readers that let them.</summary>
public sealed class UnpicklerTests : IDisposable
{
    // pickle.dumps(v, protocol) of CPython 3 with v = {'a': [1, 2.5, None, True], 'b': (3, 'ü', b'xy'), 'c': {'d': -70000, 'e': 2**40,
    // 'f': 2**70}, 'g': [], 'h': (), 'i': {1}} and v['again'] = v['a'].
    private const string Protocol2 =
        "80027d71002858010000006171015d7102284b014740040000000000004e886558010000006271034b035802000000c3bc7104635f636f646563730a"
        + "656e636f64650a710558020000007879710658060000006c6174696e31710786710852710987710a580100000063710b7d710c28580100000064710d"
        + "4a90eefeff580100000065710e8a06000000000001580100000066710f8a090000000000000000407558010000006771105d71115801000000687112"
        + "295801000000697113635f5f6275696c74696e5f5f0a7365740a71145d71154b01618571165271175805000000616761696e71186802752e";

    private const string Protocol4 =
        "80049577000000000000007d94288c0161945d94284b014740040000000000004e88658c0162944b038c02c3bc94430278799487948c0163947d9428"
        + "8c0164944a90eefeff8c0165948a060000000000018c0166948a09000000000000000040758c0167945d948c016894298c0169948f94284b01908c05"
        + "616761696e946802752e";

    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Theory]
    [InlineData(Protocol2)]
    [InlineData(Protocol4)]
    public void Plain_data_are_read(string hex)
    {
        byte[] pickle = Convert.FromHexString(hex);
        AssertIsWhatWasDumped(pickle);
        // The next protocol has no more codes for such data.
        pickle[1]++;
        AssertIsWhatWasDumped(pickle);
    }

    [Fact]
    public void A_key_that_comes_again_keeps_its_place_and_takes_the_later_value()
    {
        var dictionary = new PickleDictionary();
        dictionary.Pairs.AddRange([new("a", 1L), new(5L, 0L), new("b", 2L), new("a", 3L)]);
        Assert.Equal([new("a", 3L), new("b", 2L)], dictionary.GetTextEntries());
    }

    [Fact]
    public void Arrays_stay_in_the_file_where_that_is_wanted()
    {
        byte[] pickle = [0x80, 3, (byte)'B', 0, 1, 0, 0, .. new byte[256], (byte)'.'];
        Assert.Equal(new PickleSpan(7, 256), Load(pickle, leavesArrays: true));
        Assert.IsType<byte[]>(Load(pickle));
    }

    [Fact]
    public void Every_cut_and_many_changes_are_read_or_refused()
    {
        foreach (string hex in new[] { Protocol2, Protocol4 })
        {
            byte[] whole = Convert.FromHexString(hex);
            for (int cut = 0; cut < whole.Length; cut++) HostileInput.AssertRefused(() => Load(whole[..cut]), "");
            int refused = HostileInput.Mutate(
                whole, whole.Length - 1, _folder["a.pkl"], path => Load(File.ReadAllBytes(path)), seed: 7, rounds: 3000);
            Assert.InRange(refused, 500, 2990);
        }
    }

    private static void AssertIsWhatWasDumped(byte[] pickle)
    {
        var entries = Assert.IsType<PickleDictionary>(Load(pickle)).GetTextEntries().ToDictionary();
        Assert.Equal(["a", "b", "c", "g", "h", "i", "again"], entries.Keys);
        var list = Assert.IsType<PickleList>(entries["a"]);
        Assert.Equal([1L, 2.5, null, true], list.Items);
        Assert.Same(list, entries["again"]);
        var tuple = Assert.IsType<PickleTuple>(entries["b"]).Items;
        Assert.Equal((3L, "ü"), (tuple[0], tuple[1]));
        Assert.Equal("xy"u8, Assert.IsType<byte[]>(tuple[2]));
        var numbers = Assert.IsType<PickleDictionary>(entries["c"]).GetTextEntries().Select(pair => pair.Value);
        Assert.Equal([-70000L, 1L << 40, BigInteger.Pow(2, 70)], numbers);
        Assert.Empty(Assert.IsType<PickleList>(entries["g"]).Items);
        Assert.Empty(Assert.IsType<PickleTuple>(entries["h"]).Items);
        Assert.Equal([1L], Assert.IsType<PickleList>(entries["i"]).Items);
    }

    private static object? Load(byte[] pickle, bool leavesArrays = false)
    {
        using var stream = new MemoryStream(pickle);
        return Unpickler.Load(new ByteSource(stream, "a.pkl", "pickle"), new BytesAndSets(leavesArrays));
    }

    /// <summary>The two names that protocol 2 needs for bytes and sets.</summary>
    private sealed class BytesAndSets(bool leavesArrays) : PickleResolver
    {
        public override bool LeavesArrays => leavesArrays;

        public override object Find(ByteSource source, string module, string name) => (module, name) switch
        {
            ("_codecs", "encode") or ("__builtin__", "set") => name,
            _ => throw source.Damaged($"its pickle uses {OneLine.Quote($"{module}.{name}")}"),
        };

        public override object Call(ByteSource source, object callable, object?[] arguments) => (callable, arguments) switch
        {
            ("encode", [string text, "latin1"]) => System.Text.Encoding.Latin1.GetBytes(text),
            ("set", [PickleList items]) => items,
            _ => throw source.Damaged("its pickle calls something with other things than Python does"),
        };
    }
}
