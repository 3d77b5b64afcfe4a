using EfficientNetSharp.Files;
using EfficientNetSharp.Formats;
using EfficientNetSharp.Formats.Zip;

namespace EfficientNetSharp.Weights.Formats.Torch;

/// <summary>
/// PyTorch's format since 1.6: a zip archive of <c>&lt;archive&gt;/data.pkl</c>, which has the objects, and a
/// <c>&lt;archive&gt;/data/&lt;key&gt;</c> for each storage.
/// </summary>
internal static class TorchZipReader
{
    private const string PickleName = "data.pkl";

    // Twice the unpickler's own limit: it gives the message.
    private const int MaxPickleBytes = 64 << 20;

    public static bool IsTorch(ZipDirectory archive) => FindPickle(archive) is not null;

    public static WeightContents Read(ZipDirectory archive, bool preferEma)
    {
        var pickle = FindPickle(archive)!;
        string folder = pickle.Name[..^PickleName.Length], path = archive.File.Path;
        // torch.save does not compress; archives that were packed anew may be.
        var source = new ByteSource(archive.OpenStored(pickle) ?? (Stream)new MemoryStream(archive.ReadAll(pickle, MaxPickleBytes)), path,
            WeightErrors.Kind, archive.File.Length);
        var contents = new TorchStateDictionary(path, TorchResolver.Load(source));
        // Checksums are left alone: torch.load does not look at them, and torch.save can be told not to compute them.
        var reader = new TorchTensors(path, storage => FindStorage(archive, folder, storage), IsBigEndian(archive, folder));
        return contents.Describe(reader, archive.File, preferEma);
    }

    private static ZipEntry? FindPickle(ZipDirectory archive) => archive.Entries.FirstOrDefault(entry =>
        entry.Name == PickleName
            || (entry.Name.EndsWith($"/{PickleName}", StringComparison.Ordinal) && entry.Name.Count(c => c == '/') == 1));

    private static TorchStorageBytes FindStorage(ZipDirectory archive, string folder, TorchStorage storage)
    {
        var entry = archive.Find($"{folder}data/{storage.Key}")
            ?? throw WeightErrors.Damaged(archive.File.Path, $"it lacks the storage {OneLine.Quote(storage.Key)}");
        return new TorchStorageBytes(() => archive.OpenStored(entry) ?? (Stream)archive.Open(entry), entry.Length);
    }

    // Written since 2.0; before, files had the order of the machine, which was little-endian but for a few.
    private static bool IsBigEndian(ZipDirectory archive, string folder)
    {
        if (archive.Find($"{folder}byteorder") is not { } entry) return false;
        var order = archive.ReadAll(entry, 16).AsSpan();
        if (order.SequenceEqual("little"u8)) return false;
        return order.SequenceEqual("big"u8) ? true
            : throw WeightErrors.Damaged(archive.File.Path, "its byte order is neither little nor big");
    }
}
