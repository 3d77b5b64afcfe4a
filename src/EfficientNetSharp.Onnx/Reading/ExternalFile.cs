using EfficientNetSharp.Files;
using EfficientNetSharp.Onnx.Schema;
using Google.Protobuf;

namespace EfficientNetSharp.Onnx.Reading;

/// <summary>
/// Files beside a model that its tensors' values are in. A path that leads out of the model's folder could make reading a model read
/// anything, so it is refused whatever it goes through: parents, roots, drives, or links in any of its parts.
/// </summary>
internal static class ExternalFile
{
    private const string Expected = "a file in the model's folder";

    private static readonly MessageParser<ModelFiles> Parser = ModelFiles.Parser.WithDiscardUnknownFields(true);

    /// <summary>The file of a location.</summary>
    /// <param name="modelPath">The model.</param>
    /// <param name="location">The location as the model has it.</param>
    /// <returns>Its path, and what is wrong with the location: one of the two is <see langword="null"/>.</returns>
    public static (string? Path, string? Problem) Resolve(string modelPath, string location)
    {
        // Backslashes part paths on Windows; a file that is fine here is to be fine there.
        string[] parts = location.Split('/', '\\');
        bool leadsOut = location.Length == 0 || Path.IsPathRooted(location) || parts[0].Length == 0
            || parts.Any(part => part == ".." || part.Contains(':', StringComparison.Ordinal) || part.Any(char.IsControl));
        if (leadsOut) return (null, OneLine.Quote(location));
        string path = Path.GetDirectoryName(Path.GetFullPath(modelPath))!;
        foreach (string part in parts.Where(part => part is not ("" or ".")))
        {
            path = Path.Combine(path, part);
            if (new FileInfo(path).LinkTarget is not null || new DirectoryInfo(path).LinkTarget is not null)
                return (null, $"{OneLine.Quote(location)}, of which {OneLine.Quote(part)} is a link");
        }

        return (path, null);
    }

    /// <summary>Checks every location of a model, before a program opens it that follows them itself.</summary>
    /// <exception cref="InvalidInputException">One leads out of the model's folder, or the file cannot be read.</exception>
    public static void CheckAll(string modelPath)
    {
        try
        {
            using var stream = File.OpenRead(modelPath);
            foreach (string location in Locations(Parser.ParseFrom(stream)))
            {
                if (Resolve(modelPath, location).Problem is not { } problem) continue;
                throw new InvalidInputException(
                    $"'{modelPath}' is expected to have its values in {Expected}, found {problem}; export it again.");
            }
        }
        catch (InvalidProtocolBufferException e)
        {
            throw OnnxModelFile.NotOnnx(modelPath, OneLine.Clean(e.Message, 200), e);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new InvalidInputException($"Cannot read '{modelPath}': {OneLine.Clean(e.Message, 200)}", e);
        }
    }

    /// <summary>Whether a model in memory, which lies in no folder, names other files.</summary>
    public static bool HasAny(byte[] onnx)
    {
        try
        {
            return Locations(Parser.ParseFrom(onnx)).Any();
        }
        catch (InvalidProtocolBufferException)
        {
            // ONNX Runtime says what is wrong with it.
            return false;
        }
    }

    // The parser bounds how deep branches are nested.
    private static IEnumerable<string> Locations(ModelFiles model) =>
        Tensors(model.Graph).Concat(model.Functions.SelectMany(function =>
            function.Node.SelectMany(node => node.Attribute).Concat(function.AttributeProto).SelectMany(Tensors)))
        .SelectMany(tensor => tensor.ExternalData).Where(entry => entry.Key == "location").Select(entry => entry.Value);

    private static IEnumerable<TensorFiles> Tensors(GraphFiles? graph) => graph is null ? [] :
        graph.Initializer.Concat(graph.SparseInitializer.SelectMany(Tensors))
            .Concat(graph.Node.SelectMany(node => node.Attribute).SelectMany(Tensors));

    private static IEnumerable<TensorFiles> Tensors(AttributeFiles attribute) => Some(attribute.T).Concat(attribute.Tensors)
        .Concat(Tensors(attribute.G)).Concat(attribute.Graphs.SelectMany(Tensors))
        .Concat(attribute.SparseTensor is { } sparse ? Tensors(sparse) : []).Concat(attribute.SparseTensors.SelectMany(Tensors));

    private static IEnumerable<TensorFiles> Tensors(SparseTensorFiles sparse) => Some(sparse.Values).Concat(Some(sparse.Indices));

    private static IEnumerable<TensorFiles> Some(TensorFiles? tensor) => tensor is null ? [] : [tensor];
}
