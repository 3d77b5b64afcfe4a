using System.Buffers.Binary;
using System.Collections.Immutable;
using System.Globalization;
using System.Text;
using EfficientNetSharp.Models;

namespace EfficientNetSharp.Weights.Formats.Torch;

/// <summary>Writes the pickle of a state dictionary, protocol 2, with the codes only that <c>weights_only</c> loading knows.</summary>
internal static class StatePickle
{
    /// <summary>The pickle of an ordered dictionary of float32 tensors, whose storages have the keys 0, 1, 2, …</summary>
    public static byte[] Write(IReadOnlyList<(string Name, WeightTensor Tensor)> tensors)
    {
        using var pickle = new MemoryStream();
        pickle.Write([0x80, 2]);
        WriteDictionary(pickle);
        pickle.WriteByte((byte)'(');
        for (int i = 0; i < tensors.Count; i++)
        {
            WriteText(pickle, tensors[i].Name);
            WriteTensor(pickle, tensors[i].Tensor, i);
        }

        pickle.Write("u."u8);
        return pickle.ToArray();
    }

    // OrderedDict()
    private static void WriteDictionary(MemoryStream pickle) => pickle.Write("ccollections\nOrderedDict\n)R"u8);

    // _rebuild_tensor_v2(storage, offset, size, stride, requires_grad, backward_hooks), the storage as the persistent id
    // ('storage', type, key, location, count).
    private static void WriteTensor(MemoryStream pickle, WeightTensor tensor, int key)
    {
        pickle.Write("ctorch._utils\n_rebuild_tensor_v2\n(("u8);
        WriteText(pickle, "storage");
        pickle.Write("ctorch\nFloatStorage\n"u8);
        WriteText(pickle, key.ToString(CultureInfo.InvariantCulture));
        WriteText(pickle, "cpu");
        WriteInteger(pickle, tensor.Values.Length);
        pickle.Write("tQ"u8);
        WriteInteger(pickle, 0);
        WriteTuple(pickle, tensor.Shape);
        WriteTuple(pickle, GetStrides(tensor.Shape));
        pickle.WriteByte(0x89);
        WriteDictionary(pickle);
        pickle.Write("tR"u8);
    }

    private static int[] GetStrides(ImmutableArray<int> shape)
    {
        // PyTorch counts an empty dimension as 1 here.
        var strides = new int[shape.Length];
        int stride = 1;
        for (int d = shape.Length - 1; d >= 0; d--)
        {
            strides[d] = stride;
            stride *= Math.Max(1, shape[d]);
        }

        return strides;
    }

    private static void WriteTuple(MemoryStream pickle, IEnumerable<int> numbers)
    {
        pickle.WriteByte((byte)'(');
        foreach (int number in numbers) WriteInteger(pickle, number);
        pickle.WriteByte((byte)'t');
    }

    private static void WriteInteger(MemoryStream pickle, int number)
    {
        Span<byte> code = stackalloc byte[1 + sizeof(int)];
        code[0] = (byte)'J';
        BinaryPrimitives.WriteInt32LittleEndian(code[1..], number);
        pickle.Write(code);
    }

    private static void WriteText(MemoryStream pickle, string text)
    {
        byte[] bytes = Encoding.UTF8.GetBytes(text);
        Span<byte> code = stackalloc byte[1 + sizeof(int)];
        code[0] = (byte)'X';
        BinaryPrimitives.WriteInt32LittleEndian(code[1..], bytes.Length);
        pickle.Write(code);
        pickle.Write(bytes);
    }
}
