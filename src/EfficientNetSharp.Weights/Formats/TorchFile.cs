using System.Globalization;
using System.Text;
using EfficientNetSharp.Files;
using EfficientNetSharp.Models;
using EfficientNetSharp.Weights.Formats.Torch;
using EfficientNetSharp.Weights.Formats.Zip;

namespace EfficientNetSharp.Weights.Formats;

/// <summary>Writes PyTorch's <c>.pth</c> files.</summary>
public static class TorchFile
{
    // torch.save's own names: the folder is "archive" where the file has no name of its own.
    private const string Folder = "archive/";

    // _rebuild_tensor_v2 and zip archives are read by every version since 1.6; its writers have put 3 here ever since.
    private const string FileVersion = "3\n";

    /// <summary>
    /// Writes a state dictionary: an <c>OrderedDict</c> of float32 tensors in the order given, in the zip format that
    /// <c>torch.load</c> reads since 1.6, with <c>weights_only=True</c> too. Equal tensors give equal bytes.
    /// </summary>
    /// <param name="path">The file to make or replace, whole or not at all.</param>
    /// <param name="tensors">Tensors by the names that they shall have.</param>
    /// <exception cref="ArgumentException">A name comes twice.</exception>
    /// <exception cref="InvalidInputException">The path cannot be written to.</exception>
    /// <exception cref="IOException">Writing failed, for example because the disk is full.</exception>
    public static void Write(string path, IEnumerable<(string Name, WeightTensor Tensor)> tensors)
    {
        ArgumentNullException.ThrowIfNull(tensors);
        (string Name, WeightTensor Tensor)[] all = [.. tensors];
        var names = new HashSet<string>(StringComparer.Ordinal);
        foreach (var (name, tensor) in all)
        {
            ArgumentNullException.ThrowIfNull(tensor, nameof(tensors));
            if (!names.Add(name)) throw new ArgumentException($"The name '{name}' comes twice.", nameof(tensors));
        }

        AtomicFile.Write(path, stream =>
        {
            var archive = new StoredZipWriter(stream);
            archive.Add($"{Folder}data.pkl", StatePickle.Write(all));
            archive.Add($"{Folder}byteorder", "little"u8);
            for (int i = 0; i < all.Length; i++) archive.Add(string.Create(CultureInfo.InvariantCulture, $"{Folder}data/{i}"),
                all[i].Tensor.Values);
            archive.Add($"{Folder}version", Encoding.ASCII.GetBytes(FileVersion));
            archive.Finish();
        });
    }
}
