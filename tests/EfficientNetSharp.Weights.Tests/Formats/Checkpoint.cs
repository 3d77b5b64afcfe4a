using System.Buffers.Binary;
using System.Globalization;
using System.IO.Compression;
using System.Text;
using EfficientNetSharp.Arrays;
using EfficientNetSharp.Models;

namespace EfficientNetSharp.Weights.Tests.Formats;

/// <summary>A tensor of a checkpoint.</summary>
public sealed record PyTensor(WeightTensor Tensor, ElementType Precision = ElementType.F32);

/// <summary>A Python tuple.</summary>
public sealed record PyTuple(params object?[] Items);

/// <summary>An object of a class, or what a function gives, by one of the ways that pickles have.</summary>
public sealed record PyObject(string Module, string Name, object?[] Arguments, object? State = null, string Way = "REDUCE")
{
    /// <summary>What is put into it as into a dictionary.</summary>
    public IReadOnlyList<KeyValuePair<object, object?>> Entries { get; init; } = [];
}

/// <summary>The name of a class or a function alone.</summary>
public sealed record PyName(string Module, string Name);

/// <summary>
/// Writes what <c>torch.save</c> makes of dictionaries (sequences of pairs), lists, tuples, plain values, tensors, and objects that only
/// their names are known of.
/// </summary>
public sealed class Checkpoint : IDisposable
{
    private readonly MemoryStream _pickle = new();
    private readonly List<byte[]> _storages = [];

    private Checkpoint()
    {
    }

    public void Dispose() => _pickle.Dispose();

    /// <summary>A dictionary in order.</summary>
    public static List<KeyValuePair<object, object?>> Dict(params (object Key, object? Value)[] entries) =>
        [.. entries.Select(entry => KeyValuePair.Create(entry.Key, entry.Value))];

    /// <summary>A dictionary of tensors.</summary>
    public static List<KeyValuePair<object, object?>> Dict(IEnumerable<(string Name, WeightTensor Tensor)> tensors,
        ElementType precision = ElementType.F32) =>
        [.. tensors.Select(tensor => KeyValuePair.Create((object)tensor.Name, (object?)new PyTensor(tensor.Tensor, precision)))];

    /// <summary>A module of PyTorch, whole: its tensors by their dotted names.</summary>
    public static PyObject Module(IEnumerable<(string Name, WeightTensor Tensor)> tensors, double? epsilon = null)
    {
        var all = tensors.ToList();
        var own = all.Where(tensor => !tensor.Name.Contains('.', StringComparison.Ordinal)).ToList();
        var inner = all.Except(own).GroupBy(tensor => tensor.Name[..tensor.Name.IndexOf('.', StringComparison.Ordinal)]);
        return new PyObject("my.networks", "Net", [], Way: "NEWOBJ", State: Dict(
            ("training", false), ("eps", epsilon),
            ("_parameters", Dict(own.Where(tensor => !tensor.Name.StartsWith("running", StringComparison.Ordinal)))),
            ("_buffers", Dict(own.Where(tensor => tensor.Name.StartsWith("running", StringComparison.Ordinal)))),
            ("_forward_hooks", Dict()),
            ("_modules", inner.Select(module => KeyValuePair.Create((object)module.Key,
                (object?)Module(module.Select(tensor => (tensor.Name[(module.Key.Length + 1)..], tensor.Tensor)), epsilon))).ToList()),
            ("norm_layer", new PyObject("functools", "partial", [new PyName("torch.nn", "BatchNorm2d")]))));
    }

    /// <summary>The numbers that come back from a precision.</summary>
    public static float[] Rounded(float[] values, ElementType precision) => precision switch
    {
        ElementType.F16 => [.. values.Select(value => (float)(Half)value)],
        ElementType.BF16 => [.. values.Select(value => BitConverter.UInt32BitsToSingle(BitConverter.SingleToUInt32Bits(value) >> 16 << 16))],
        _ => values,
    };

    public static void Write(string path, object? root)
    {
        using var checkpoint = new Checkpoint();
        checkpoint._pickle.Write([0x80, 2]);
        checkpoint.Put(root);
        checkpoint.Code('.');
        using var archive = new ZipArchive(File.Create(path), ZipArchiveMode.Create);
        Entry(archive, "archive/data.pkl", checkpoint._pickle.ToArray());
        for (int i = 0; i < checkpoint._storages.Count; i++)
            Entry(archive, string.Create(CultureInfo.InvariantCulture, $"archive/data/{i}"), checkpoint._storages[i]);
        Entry(archive, "archive/version", "3\n"u8.ToArray());
    }

    private static void Entry(ZipArchive archive, string name, byte[] bytes)
    {
        using var stream = archive.CreateEntry(name, CompressionLevel.NoCompression).Open();
        stream.Write(bytes);
    }

    private void Put(object? value)
    {
        switch (value)
        {
            case null: Code('N'); break;
            case bool truth: _pickle.WriteByte((byte)(truth ? 0x88 : 0x89)); break;
            case int number: PutInteger(number); break;
            case double number: PutDouble(number); break;
            case string text: PutText(text); break;
            case byte[] bytes: _pickle.Write([(byte)'C', (byte)bytes.Length, .. bytes]); break;
            case PyTensor tensor: PutTensor(tensor); break;
            case PyTuple tuple: PutTuple(tuple.Items); break;
            case PyName name: PutName(name.Module, name.Name); break;
            case PyObject made: PutObject(made); break;
            case IEnumerable<KeyValuePair<object, object?>> dictionary: PutDictionary(dictionary); break;
            case IEnumerable<object?> list: PutList(list); break;
            default: throw new ArgumentException($"{value.GetType()} is not written.", nameof(value));
        }
    }

    private void PutDictionary(IEnumerable<KeyValuePair<object, object?>> entries)
    {
        Code('}');
        PutEntries(entries);
    }

    private void PutEntries(IEnumerable<KeyValuePair<object, object?>> entries)
    {
        Code('(');
        foreach (var (key, item) in entries)
        {
            Put(key);
            Put(item);
        }

        Code('u');
    }

    private void PutList(IEnumerable<object?> items)
    {
        Code(']');
        Code('(');
        foreach (object? item in items) Put(item);
        Code('e');
    }

    private void PutTuple(object?[] items)
    {
        Code('(');
        foreach (object? item in items) Put(item);
        Code('t');
    }

    private void PutName(string module, string name)
    {
        Code('c');
        _pickle.Write(Encoding.UTF8.GetBytes($"{module}\n{name}\n"));
    }

    private void PutObject(PyObject made)
    {
        switch (made.Way)
        {
            case "INST":
                Code('(');
                foreach (object? argument in made.Arguments) Put(argument);
                Code('i');
                _pickle.Write(Encoding.UTF8.GetBytes($"{made.Module}\n{made.Name}\n"));
                break;
            case "OBJ":
                Code('(');
                PutName(made.Module, made.Name);
                foreach (object? argument in made.Arguments) Put(argument);
                Code('o');
                break;
            case "NEWOBJ_EX":
                PutName(made.Module, made.Name);
                PutTuple(made.Arguments);
                PutDictionary(Dict(("keyword", 1)));
                _pickle.WriteByte(0x92);
                break;
            default:
                PutName(made.Module, made.Name);
                PutTuple(made.Arguments);
                _pickle.WriteByte(made.Way == "NEWOBJ" ? (byte)0x81 : (byte)'R');
                break;
        }

        if (made.Entries.Count > 0) PutEntries(made.Entries);
        if (made.State is null) return;
        Put(made.State);
        Code('b');
    }

    // _rebuild_tensor_v2(storage, offset, size, stride, requires_grad, hooks)
    private void PutTensor(PyTensor value)
    {
        var (tensor, precision) = value;
        PutName("torch._utils", "_rebuild_tensor_v2");
        Code('(');
        PutTuple(["storage", new PyName("torch", $"{StorageName(precision)}Storage"),
            _storages.Count.ToString(CultureInfo.InvariantCulture), "cpu", tensor.Values.Length]);
        Code('Q');
        PutInteger(0);
        PutTuple([.. tensor.Shape.Select(side => (object)side)]);
        var strides = new object?[tensor.Shape.Length];
        int stride = 1;
        for (int d = strides.Length - 1; d >= 0; d--)
        {
            strides[d] = stride;
            stride *= tensor.Shape[d];
        }

        PutTuple(strides);
        Put(false);
        Code('}');
        Code('t');
        Code('R');
        _storages.Add(Bytes(tensor.Values, precision));
    }

    private static string StorageName(ElementType precision) => precision switch
    {
        ElementType.F16 => "Half",
        ElementType.BF16 => "BFloat16",
        ElementType.F64 => "Double",
        _ => "Float",
    };

    private static byte[] Bytes(float[] values, ElementType precision) => precision switch
    {
        ElementType.F16 => [.. values.SelectMany(value => BitConverter.GetBytes((Half)value))],
        ElementType.BF16 => [.. values.SelectMany(value => BitConverter.GetBytes((ushort)(BitConverter.SingleToUInt32Bits(value) >> 16)))],
        ElementType.F64 => [.. values.SelectMany(value => BitConverter.GetBytes((double)value))],
        _ => [.. values.SelectMany(BitConverter.GetBytes)],
    };

    private void PutInteger(int number)
    {
        Span<byte> code = stackalloc byte[5];
        code[0] = (byte)'J';
        BinaryPrimitives.WriteInt32LittleEndian(code[1..], number);
        _pickle.Write(code);
    }

    private void PutDouble(double number)
    {
        Span<byte> code = stackalloc byte[9];
        code[0] = (byte)'G';
        BinaryPrimitives.WriteDoubleBigEndian(code[1..], number);
        _pickle.Write(code);
    }

    private void PutText(string text)
    {
        byte[] bytes = Encoding.UTF8.GetBytes(text);
        Span<byte> code = stackalloc byte[5];
        code[0] = (byte)'X';
        BinaryPrimitives.WriteInt32LittleEndian(code[1..], bytes.Length);
        _pickle.Write(code);
        _pickle.Write(bytes);
    }

    private void Code(char code) => _pickle.WriteByte((byte)code);
}
