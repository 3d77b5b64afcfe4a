using System.Collections.Immutable;
using EfficientNetSharp.Arrays;
using EfficientNetSharp.Files;

namespace EfficientNetSharp.Weights.Formats.Torch;

/// <summary>Where the bytes of a storage are.</summary>
/// <param name="Open">Opens them from the first; need not seek.</param>
/// <param name="Length">How many there are.</param>
internal sealed record TorchStorageBytes(Func<Stream> Open, long Length);

/// <summary>Reads tensors, which are strided views, out of their storages.</summary>
/// <param name="path">The file.</param>
/// <param name="find">The bytes of a storage.</param>
/// <param name="bigEndian">Whether the file has the most significant byte first.</param>
internal sealed class TorchTensors(string path, Func<TorchStorage, TorchStorageBytes> find, bool bigEndian)
{
    /// <summary>The tensors, checked to lie within their storages.</summary>
    /// <param name="tensors">Tensors by name.</param>
    /// <param name="fileLength">The file's length in bytes.</param>
    /// <exception cref="InvalidInputException">One does not, or they are many times larger together than the file.</exception>
    public ImmutableArray<SourceTensor> Describe(IReadOnlyCollection<KeyValuePair<string, TorchTensor>> tensors, long fileLength)
    {
        // Tensors may share storages, and strides of 0 repeat values: a few bytes can stand for any number of values. Tied
        // weights double a file at most.
        long max = 4 * fileLength, total = 0;
        var sources = ImmutableArray.CreateBuilder<SourceTensor>(tensors.Count);
        foreach (var (name, tensor) in tensors)
        {
            var source = Describe(name, tensor);
            total += StoredShape.Count(source.Shape);
            if (total > max || total < 0) throw WeightErrors.Damaged(path, $"its tensors repeat their values until there are over {max}");
            sources.Add(source);
        }

        return sources.MoveToImmutable();
    }

    private SourceTensor Describe(string name, TorchTensor tensor)
    {
        var shape = StoredShape.Check(path, name, tensor.Size);
        long count = StoredShape.Count(shape), span = 0;
        if (count > 0 && (span = GetSpan(tensor)) is var elements)
        {
            var bytes = find(tensor.Storage);
            int size = tensor.Type.BitCount() / 8;
            if (elements < 0 || elements > bytes.Length / size || FirstByte(tensor) > bytes.Length - (elements * size))
                throw WeightErrors.Damaged(path, $"the tensor {OneLine.Quote(name)} reaches beyond its storage of {bytes.Length} bytes");
        }

        return new SourceTensor(name, shape, () => Read(tensor, count, span));
    }

    // Elements from the first to the last that the view touches; -1 where that does not fit 62 bits.
    private static long GetSpan(TorchTensor tensor)
    {
        Int128 last = 0;
        for (int i = 0; i < tensor.Size.Length; i++) last += (Int128)(tensor.Size[i] - 1) * tensor.Stride[i];
        return last < long.MaxValue / 2 ? (long)last + 1 : -1;
    }

    // A legacy storage that is a part of another starts at an element of it.
    private static long FirstByte(TorchTensor tensor)
    {
        Int128 first = ((Int128)tensor.Offset * (tensor.Type.BitCount() / 8))
            + ((Int128)tensor.Storage.ViewOffset * (tensor.Storage.Type.BitCount() / 8));
        return first < long.MaxValue ? (long)first : long.MaxValue;
    }

    private float[] Read(TorchTensor tensor, long count, long span)
    {
        if (count == 0) return [];
        if (count > Array.MaxLength)
            throw WeightErrors.Unusable(path, $"a tensor of it has {count} values", $"at most {Array.MaxLength} can be held in memory");
        using var stream = find(tensor.Storage).Open();
        Skip(stream, FirstByte(tensor));
        float[] values = Float32Reader.Read(stream, path, span, tensor.Type, bigEndian);
        return IsRowMajor(tensor) ? values : Gather(tensor, values, (int)count);
    }

    private static bool IsRowMajor(TorchTensor tensor)
    {
        long expected = 1;
        for (int i = tensor.Size.Length - 1; i >= 0; i--)
        {
            if (tensor.Size[i] != 1 && tensor.Stride[i] != expected) return false;
            expected *= tensor.Size[i];
        }

        return true;
    }

    private static float[] Gather(TorchTensor tensor, float[] from, int count)
    {
        var to = GC.AllocateUninitializedArray<float>(count);
        var index = new long[tensor.Size.Length];
        long place = 0;
        for (int i = 0; i < to.Length; i++)
        {
            to[i] = from[place];
            for (int d = index.Length - 1; d >= 0; d--)
            {
                place += tensor.Stride[d];
                if (++index[d] < tensor.Size[d]) break;
                place -= tensor.Stride[d] * tensor.Size[d];
                index[d] = 0;
            }
        }

        return to;
    }

    private void Skip(Stream stream, long bytes)
    {
        if (stream.CanSeek)
        {
            stream.Position += bytes;
            return;
        }

        var waste = new byte[Math.Min(bytes, 1 << 16)];
        while (bytes > 0)
        {
            int read = stream.Read(waste.AsSpan(0, (int)Math.Min(bytes, waste.Length)));
            if (read == 0) throw WeightErrors.Damaged(path, "it ends early");
            bytes -= read;
        }
    }
}
