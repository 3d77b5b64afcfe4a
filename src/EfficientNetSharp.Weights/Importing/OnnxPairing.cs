using System.Collections.Immutable;
using EfficientNetSharp.Architectures;
using EfficientNetSharp.Files;
using EfficientNetSharp.Graphs;
using EfficientNetSharp.Models;
using EfficientNetSharp.Weights.Formats;

namespace EfficientNetSharp.Weights.Importing;

/// <summary>
/// Weights of an ONNX file whose tensors have lost their names, as PyTorch's exporter leaves them when it folds normalisations:
/// layers are paired with the network's by their order, and a pair of unequal kind or shape is refused.
/// </summary>
internal static class OnnxPairing
{
    /// <summary>The file's tensors under this project's names.</summary>
    /// <exception cref="InvalidInputException">The layers are not those of the architecture.</exception>
    public static SourceTensors Pair(WeightFile file, Architecture architecture)
    {
        var byName = file.Tensors.ToDictionary(tensor => tensor.Name, StringComparer.Ordinal);
        var layers = new Queue<OnnxLayer>(file.OnnxLayers);
        int classes = file.OnnxLayers.LastOrDefault(layer => layer.Operator is "Gemm" or "MatMul") is { } last ? Rows(last, byName) : 0;
        var graph = architecture.Build(new BuildOptions { Classes = architecture.Embedding is null ? classes : 0 });
        var paired = ImmutableArray.CreateBuilder<SourceTensor>();
        foreach (var node in graph.Nodes)
        {
            if (node.Parameters.IsEmpty) continue;
            // A folded normalisation left its bias with the layer before.
            if (node.Operator is BatchNormalization && !(layers.TryPeek(out var next) && next.Operator == "BatchNormalization")) continue;
            if (!layers.TryDequeue(out var layer)) throw Misfit(file, architecture, node, "no layer is left");
            if (!Kinds(node.Operator).Contains(layer.Operator)) throw Misfit(file, architecture, node, $"a {layer.Operator} stands there");
            Add(paired, node, layer, byName, graph, file, architecture);
        }

        return layers.Count == 0 ? new SourceTensors(paired.ToImmutable()) : throw new InvalidInputException(
            $"'{file.Path}' has {layers.Count} layers more than '{architecture.Name}'; check --architecture.");
    }

    private static void Add(
        ImmutableArray<SourceTensor>.Builder paired, Node node, OnnxLayer layer, Dictionary<string, SourceTensor> byName, Graph graph, WeightFile file, Architecture architecture)
    {
        bool transposed = node.Operator is Linear && (layer.Operator == "MatMul" || !layer.TransposeB);
        foreach (var (index, name) in layer.Weights.Index())
        {
            var tensor = byName[name];
            bool isBias = index == 1 && node.Operator is Convolution or Linear;
            string ours = isBias ? $"{node.Name}.bias" : index < node.Parameters.Length ? node.Parameters[index].Name : "";
            if (ours.Length == 0) throw Misfit(file, architecture, node, $"it has {layer.Weights.Length} tensors");
            if (transposed && index == 0) tensor = Transposed(tensor);
            if (node.Operator is PRelu) tensor = tensor with { Shape = [(int)tensor.Shape.Aggregate(1L, (product, dimension) => product * dimension)] };
            // The stem's channels are the file's own business; the importer looks at them again.
            if (index < node.Parameters.Length && !isBias && node.Inputs[0] != graph.Input.Index && !node.Parameters[index].Shape.SequenceEqual(tensor.Shape))
                throw Misfit(file, architecture, node, $"'{OneLine.Clean(name)}' is [{string.Join(", ", tensor.Shape)}], expected [{string.Join(", ", node.Parameters[index].Shape)}]");
            paired.Add(tensor with { Name = ours });
        }
    }

    private static string[] Kinds(Operator op) => op switch
    {
        Convolution => ["Conv"],
        Linear => ["Gemm", "MatMul"],
        BatchNormalization => ["BatchNormalization"],
        PRelu => ["PRelu"],
        _ => [],
    };

    private static int Rows(OnnxLayer layer, Dictionary<string, SourceTensor> byName)
    {
        var shape = layer.Weights.IsEmpty ? [] : byName[layer.Weights[0]].Shape;
        return shape.Length != 2 ? 0 : layer.Operator == "Gemm" && layer.TransposeB ? shape[0] : shape[1];
    }

    private static SourceTensor Transposed(SourceTensor tensor)
    {
        int rows = tensor.Shape[0], columns = tensor.Shape[1];
        return tensor with
        {
            Shape = [columns, rows],
            Read = () =>
            {
                float[] from = tensor.Read(), to = new float[from.Length];
                for (int r = 0; r < rows; r++)
                for (int c = 0; c < columns; c++)
                    to[(c * rows) + r] = from[(r * columns) + c];
                return to;
            },
        };
    }

    private static InvalidInputException Misfit(WeightFile file, Architecture architecture, Node node, string found) => new(
        $"'{file.Path}' is not '{architecture.Name}': in the place of {node.Name} {found}; check --architecture.");
}
