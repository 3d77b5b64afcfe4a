using EfficientNetSharp.Models;
using EfficientNetSharp.Onnx.Schema;
using Google.Protobuf;

namespace EfficientNetSharp.Onnx;

/// <summary>Reads what an exported ONNX file says about its model. The weights are skipped, so this costs little.</summary>
public static class OnnxModelFile
{
    private static readonly MessageParser<ModelHeader> Parser = ModelHeader.Parser.WithDiscardUnknownFields(true);

    /// <summary>The card of a model that <see cref="OnnxExporter"/> wrote: classes, preprocessing and provenance.</summary>
    /// <exception cref="InvalidInputException">
    /// The file cannot be read, is not ONNX or cut short, or has no such metadata because something else wrote it.
    /// </exception>
    public static ModelCard ReadCard(string path)
    {
        string source = $"'{path}'";
        var header = ReadHeader(path);
        var entries = new Dictionary<string, string>(StringComparer.Ordinal);
        foreach (var entry in header.MetadataProps) entries[entry.Key] = entry.Value;
        var (channels, height, width) = InputSize(header, source);
        var card = ModelMetadata.ReadCard(entries, channels, source);
        // An open size is written without a number.
        if ((height ?? card.Preprocessing.Height) != card.Preprocessing.Height || (width ?? card.Preprocessing.Width) != card.Preprocessing.Width)
        {
            throw new InvalidInputException(
                $"{source} takes pictures of {height}×{width}, its metadata says {card.Preprocessing.Height}×{card.Preprocessing.Width}; export it again.");
        }

        return card;
    }

    private static ModelHeader ReadHeader(string path)
    {
        EnsureFile(path);
        try
        {
            using var stream = File.OpenRead(path);
            var header = Parser.ParseFrom(stream);
            if (header.Graph is not null && header.IrVersion > 0) return header;
            throw NotOnnx(path, "it holds no network");
        }
        catch (InvalidProtocolBufferException e)
        {
            throw NotOnnx(path, OneLine.Clean(e.Message), e);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new InvalidInputException($"Cannot read '{path}': {OneLine.Clean(e.Message)}", e);
        }
    }

    /// <summary>Checks that there is a file with something in it.</summary>
    internal static void EnsureFile(string path)
    {
        if (string.IsNullOrWhiteSpace(path)) throw new InvalidInputException("A file name is expected to read from, found none; name a file.");
        if (Directory.Exists(path)) throw new InvalidInputException($"Cannot read '{path}': it is a folder; name a file in it.");
        var file = new FileInfo(path);
        if (!file.Exists) throw new InvalidInputException($"Cannot read '{path}': there is no such file; check the name.");
        if (file.Length == 0) throw NotOnnx(path, "it is empty");
    }

    internal static InvalidInputException NotOnnx(string path, string why, Exception? inner = null) =>
        new($"'{path}' is expected to be an ONNX file, but cannot be read as one ({why.TrimEnd('.')}); fetch or export it again.", inner!);

    private static (int Channels, int? Height, int? Width) InputSize(ModelHeader header, string source)
    {
        var dimensions = header.Graph.Input.Count == 0 ? null : header.Graph.Input[0].Type?.TensorType?.Shape?.Dim;
        if (dimensions is not { Count: 4 } || Number(dimensions[1]) is not { } channels)
            throw new InvalidInputException($"{source} is expected to take pictures [N,C,H,W] with a fixed number of channels, but does not; export it again.");
        return (channels, Number(dimensions[2]), Number(dimensions[3]));

        static int? Number(TensorShapeProto.Types.Dimension dimension) =>
            dimension.HasDimValue && dimension.DimValue is > 0 and <= int.MaxValue ? (int)dimension.DimValue : null;
    }
}
