using System.Globalization;
using EfficientNetSharp.Files;

namespace EfficientNetSharp.Weights.Formats.Onnx;

/// <summary>Opens the files beside a model that hold its large tensors. They lie in its folder or below, nowhere else.</summary>
/// <param name="file">The model.</param>
/// <param name="opened">Takes over what is opened.</param>
internal sealed class OnnxExternalData(InputFile file, DisposableGroup opened)
{
    private readonly Dictionary<string, InputFile> _files = new(StringComparer.Ordinal);

    /// <summary>Where the bytes of a tensor are.</summary>
    /// <param name="tensor">The tensor's name.</param>
    /// <param name="description">The keys <c>location</c>, <c>offset</c> (default 0) and <c>length</c> (default: what the tensor takes).</param>
    /// <param name="expected">Bytes that the tensor takes.</param>
    public (InputFile File, long Offset, long Length) Find(string tensor, Dictionary<string, string> description, long expected)
    {
        string location = description.GetValueOrDefault("location", "");
        if (!_files.TryGetValue(location, out var data)) _files.Add(location, data = opened.Add(InputFile.Open(Resolve(tensor, location))));
        long offset = GetNumber(tensor, description, "offset", 0), length = GetNumber(tensor, description, "length", expected);
        return offset <= data.Length && length <= data.Length - offset
            ? (data, offset, length)
            : throw WeightErrors.Damaged(data.Path, $"it ends before the tensor {OneLine.Quote(tensor)}");
    }

    // A model that could name any file of the machine could carry it off in what is made of it.
    private string Resolve(string tensor, string location)
    {
        string[] parts = location.Split('/', '\\');
        if (parts.Any(part => part is "" or "." or "..") || location.Any(c => char.IsControl(c) || c == ':'))
        {
            throw WeightErrors.Unusable(
                file.Path, $"the tensor {OneLine.Quote(tensor)} would be in {OneLine.Quote(location)}, expected a file in the model's folder", "fetch the model from a source you trust");
        }

        return Path.Combine([Path.GetDirectoryName(file.Path) ?? "", .. parts]);
    }

    private long GetNumber(string tensor, Dictionary<string, string> description, string key, long otherwise)
    {
        if (!description.TryGetValue(key, out string? text)) return otherwise;
        return long.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out long number)
            ? number
            : throw WeightErrors.Damaged(file.Path, $"the tensor {OneLine.Quote(tensor)} has the {key} {OneLine.Quote(text, 30)}");
    }
}
