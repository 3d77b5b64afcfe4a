using EfficientNetSharp.Files;
using EfficientNetSharp.Formats;
using EfficientNetSharp.Formats.Tar;

namespace EfficientNetSharp.Weights.Formats.TensorFlow;

/// <summary>
/// A TensorFlow checkpoint packed with tar and gzip, as tensorflow/tpu publishes EfficientNet. Its files are unpacked to a
/// temporary folder, which goes when the weights are closed.
/// </summary>
internal static class CheckpointArchive
{
    private const int BufferBytes = 1 << 16;

    // The four members of PyTorch's format before 0.1.10.
    private static readonly string[] TorchMembers = ["sys_info", "pickle", "storages", "tensors"];

    /// <summary>Unpacks and opens an archive; takes the file over.</summary>
    public static WeightContents Read(InputFile file)
    {
        var resources = new DisposableGroup();
        try
        {
            var folder = resources.Add(new TemporaryFolder());
            Unpack(file, folder.Path);
            var contents = ReadFolder(file, folder.Path);
            file.Dispose();
            resources.Add(contents.Resource);
            return new WeightContents(
                contents.Format, [.. contents.Tensors.Select(tensor => tensor with { Read = () => Named(file, folder.Path, tensor.Read) })],
                resources, file.Length)
            {
                Metadata = contents.Metadata,
                Remarks = contents.Remarks,
            };
        }
        catch
        {
            resources.Dispose();
            throw;
        }
    }

    private static WeightContents ReadFolder(InputFile file, string folder) =>
        Named(file, folder, () => CheckpointReader.Read(CheckpointPaths.Find(folder)!));

    // Messages name the archive, not where it is unpacked.
    private static T Named<T>(InputFile file, string folder, Func<T> read)
    {
        try
        {
            return read();
        }
        catch (InvalidInputException e)
        {
            string message = e.Message.Replace($"{folder}{Path.DirectorySeparatorChar}", $"{file.Path}:", StringComparison.Ordinal);
            throw new InvalidInputException(message.Replace(folder, file.Path, StringComparison.Ordinal), e);
        }
    }

    private static void Unpack(InputFile file, string folder)
    {
        Span<byte> start = stackalloc byte[2];
        start = start[..file.ReadAtMost(0, start)];
        using Stream raw = new BufferedStream(file.OpenStream(), BufferBytes);
        using Stream stream = start.SequenceEqual<byte>([0x1F, 0x8B]) ? new GunzipStream(raw, file.Path, WeightErrors.Kind) : raw;
        Unpack(stream, file, folder);
    }

    private static void Unpack(Stream stream, InputFile file, string folder)
    {
        long max = Expansion.Max(file.Length), left = max;
        bool any = false;
        foreach (var member in TarMembers.Read(stream, file.Path, WeightErrors.Kind))
        {
            // What is passed over has to be decompressed too.
            if (member.Length > left) throw WeightErrors.Damaged(file.Path,
                $"it unpacks to over {max} bytes");
            left -= member.Length;
            string name = member.Name.Split('/', '\\')[^1];
            if (TorchMembers.Contains(member.Name))
                throw WeightErrors.Unusable(file.Path, "it has the tar format of PyTorch before 0.1.10",
                    "load and save it with a newer PyTorch");

            // Names that start with "._" are the file attributes that macOS packs along.
            if (!member.IsFile || !CheckpointPaths.IsPart(name) || name.StartsWith("._", StringComparison.Ordinal) || !IsPlain(name))
            {
                TarMembers.Skip(stream, member.Length, file.Path, WeightErrors.Kind);
                continue;
            }

            Unpack(stream, member.Length, Path.Combine(folder, name), file.Path);
            any = true;
        }

        if (!any) throw WeightErrors.Unusable(file.Path, "it is an archive without a TensorFlow checkpoint",
            "unpack it and name a file of weights");
    }

    // Only the last part of a name is used, and only if no system gives any of its characters a meaning.
    private static bool IsPlain(string name) => name.Length <= 200
        && name.All(c => char.IsAsciiLetterOrDigit(c) || c is '.' or '-' or '_' or '+' or '=');

    private static void Unpack(Stream stream, long length, string target, string path)
    {
        if (File.Exists(target))
            throw WeightErrors.Unusable(path, $"it has several files {OneLine.Quote(Path.GetFileName(target))}",
                "unpack it and name one checkpoint");
        using var output = new FileStream(target, FileMode.CreateNew, FileAccess.Write);
        var buffer = new byte[BufferBytes];
        while (length > 0)
        {
            int read = stream.Read(buffer.AsSpan(0, (int)Math.Min(length, buffer.Length)));
            if (read == 0) throw WeightErrors.Damaged(path, "it ends within a member");
            output.Write(buffer.AsSpan(0, read));
            length -= read;
        }
    }

    private sealed class TemporaryFolder : IDisposable
    {
        public string Path { get; } = Directory.CreateTempSubdirectory("efficientnetsharp-").FullName;

        public void Dispose() => Directory.Delete(Path, recursive: true);
    }
}
