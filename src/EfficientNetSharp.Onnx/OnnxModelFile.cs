using EfficientNetSharp.Files;
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
        var header = ReadHeader(path);
        var entries = new Dictionary<string, string>(StringComparer.Ordinal);
        foreach (var entry in header.MetadataProps) entries[entry.Key] = entry.Value;
        var card = ModelMetadata.ReadCard(entries, path);
        EnsureFits(card, header, path);
        return card;
    }

    /// <summary>Whether a file is ONNX by its first bytes, or by its name where these do not tell.</summary>
    /// <exception cref="InvalidInputException">It cannot be read.</exception>
    public static bool IsOnnx(string path)
    {
        if (Directory.Exists(path) || !File.Exists(path)) return false;
        using var file = InputFile.Open(path);
        // Protobuf fields may come in any order, so an ONNX file need not have its usual first bytes.
        return file.DescribeKind() is { } kind ? kind == FileSignature.Onnx : path.EndsWith(".onnx", StringComparison.OrdinalIgnoreCase);
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
            throw NotOnnx(path, OneLine.Clean(e.Message, 200), e);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new InvalidInputException($"Cannot read '{path}': {OneLine.Clean(e.Message, 200)}", e);
        }
    }

    /// <summary>Checks that there is a file, and that its first bytes are not those of some other kind.</summary>
    internal static void EnsureFile(string path)
    {
        using var file = InputFile.Open(path);
        string? kind = file.DescribeKind();
        if (kind is not (null or FileSignature.Onnx)) throw NotOnnx(path, $"it is {kind}");
    }

    internal static InvalidInputException NotOnnx(string path, string why, Exception? inner = null) =>
        new($"'{path}' is expected to be an ONNX file, but cannot be read as one ({why.TrimEnd('.')}); fetch or export it again.", inner!);

    // The card was written for this network; a file in which the two differ was put together by hand.
    private static void EnsureFits(ModelCard card, ModelHeader header, string path)
    {
        var dimensions = header.Graph.Input.Count == 0 ? null : header.Graph.Input[0].Type?.TensorType?.Shape?.Dim;
        int[] expected = [card.InputChannels, card.Preprocessing.Height, card.Preprocessing.Width];
        // An open dimension is written without a number and takes any.
        if (dimensions is { Count: 4 }
            && dimensions.Skip(1).Zip(expected).All(pair => !pair.First.HasDimValue || pair.First.DimValue == pair.Second)) return;
        string found = dimensions is null ? "no input"
            : $"[{string.Join(", ", dimensions.Select(dimension => dimension.HasDimValue ? $"{dimension.DimValue}" : "?"))}]";
        throw new InvalidInputException(
            $"'{path}' takes {found}, but its metadata say images of {string.Join('×', expected)}; export it again.");
    }
}
