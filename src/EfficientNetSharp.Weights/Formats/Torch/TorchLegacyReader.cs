using System.Globalization;
using System.Numerics;
using EfficientNetSharp.Arrays;
using EfficientNetSharp.Files;
using EfficientNetSharp.Formats;
using EfficientNetSharp.Formats.Pickles;

namespace EfficientNetSharp.Weights.Formats.Torch;

/// <summary>
/// PyTorch's format from 0.1.10 to 1.5: five pickles (a magic number, the version, facts about the machine, the objects, the
/// storages' keys in order), then of each storage its number of elements, 64 bits, and the elements.
/// </summary>
internal static class TorchLegacyReader
{
    // MAGIC_NUMBER and PROTOCOL_VERSION of torch/serialization.py.
    private static readonly BigInteger Magic =
        BigInteger.Parse("1950a86a20f9469cfc6c", NumberStyles.HexNumber, CultureInfo.InvariantCulture);
    private const long Protocol = 1001;

    public static WeightContents Read(InputFile file, bool preferEma)
    {
        var source = new ByteSource(file.OpenStream(), file.Path, WeightErrors.Kind);
        object? first = TorchResolver.Load(source);
        if (first is not BigInteger magic || magic != Magic)
            throw WeightErrors.Unusable(file.Path, "it is a Python pickle that torch.save did not write",
                "save model.state_dict() with torch.save");
        if (TorchResolver.Load(source) is not Protocol) throw WeightErrors.Damaged(file.Path, $"its version is not {Protocol}");
        bool bigEndian = IsBigEndian(TorchResolver.Load(source));
        // All storages of the file, not only those of weights: their lengths lead from one to the next.
        var storages = new Dictionary<string, TorchStorage>(StringComparer.Ordinal);
        var contents = new TorchStateDictionary(file.Path, TorchResolver.Load(source, storages));
        if (TorchResolver.Load(source) is not PickleList keys) throw WeightErrors.Damaged(file.Path, "it lacks the list of its storages");
        var places = FindStorages(source, keys, storages);
        var reader = new TorchTensors(file.Path, storage => Find(file, places, storage), bigEndian);
        return contents.Describe(reader, file, preferEma);
    }

    private static bool IsBigEndian(object? machine) =>
        machine is PickleDictionary facts && facts.GetTextEntries().Exists(fact => fact is { Key: "little_endian", Value: false });

    private static Dictionary<string,
        (long Position, long Length)> FindStorages(ByteSource source, PickleList keys, Dictionary<string, TorchStorage> storages)
    {
        var places = new Dictionary<string, (long Position, long Length)>(StringComparer.Ordinal);
        foreach (object? item in keys.Items)
        {
            if (item is not string key || !storages.TryGetValue(key, out var storage))
                throw WeightErrors.Damaged(source.Path, "its list of storages names one that its objects do not have");
            long count = (long)source.ReadUInt64();
            int size = storage.Type.BitCount() / 8;
            if (count < 0 || count > (source.Length - source.Position) / size)
                throw WeightErrors.Damaged(source.Path, $"it ends within a storage of {count} values");
            if (!places.TryAdd(key, (source.Position, count * size))) throw WeightErrors.Damaged(source.Path,
                "its list of storages names one twice");
            source.Position += count * size;
        }

        return places;
    }

    private static TorchStorageBytes Find(InputFile file, Dictionary<string, (long Position, long Length)> places, TorchStorage storage) =>
        places.TryGetValue(storage.Key, out var place)
            ? new TorchStorageBytes(() => new InputFileStream(file, place.Position, place.Length), place.Length)
            : throw WeightErrors.Damaged(file.Path, $"it lacks the storage {OneLine.Quote(storage.Key)}");
}
