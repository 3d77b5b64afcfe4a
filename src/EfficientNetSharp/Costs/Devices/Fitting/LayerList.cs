using System.Collections.Immutable;
using EfficientNetSharp.Files;
using EfficientNetSharp.Graphs;

namespace EfficientNetSharp.Costs.Devices.Fitting;

/// <summary>
/// Layers as a CSV file, for networks that no graph here describes and for times of single layers: columns <c>layer</c>, <c>kind</c>,
/// <c>in</c> and <c>out</c> (sides of the square maps), <c>cin</c>, <c>cout</c>, <c>kernel</c>, <c>stride</c>, and perhaps <c>ms</c>.
/// </summary>
/// <remarks>
/// Kinds: <c>conv</c>, <c>dw</c> (depthwise), <c>fc</c> (linear), <c>norm</c>, <c>add</c>, <c>function</c>, <c>pool</c> (maximum),
/// <c>mean</c>, <c>gate</c>, <c>copy</c> (joining, enlarging).
/// </remarks>
public static class LayerList
{
    private const int MaxBytes = 16 << 20;

    private static readonly NumberRange Sides = new(1, TensorShape.MaxSide), Channels = new(1, 1 << 24), Kernels = new(1, 1024);

    private static readonly (string Word, DeviceOperationKind Kind)[] Kinds =
    [
        ("conv", DeviceOperationKind.Convolution), ("dw", DeviceOperationKind.Depthwise), ("fc", DeviceOperationKind.Convolution),
        ("norm", DeviceOperationKind.Normalization), ("add", DeviceOperationKind.Add), ("function", DeviceOperationKind.Function),
        ("pool", DeviceOperationKind.Pool), ("mean", DeviceOperationKind.Mean), ("gate", DeviceOperationKind.Gate),
        ("copy", DeviceOperationKind.Copy),
    ];

    /// <summary>Reads a file.</summary>
    /// <param name="path">The file.</param>
    /// <param name="type">The type that the layers compute in.</param>
    /// <returns>The layers, and their own times in milliseconds where the file has them.</returns>
    /// <exception cref="InvalidInputException">The file or a row is not as described; the message names the line.</exception>
    public static ImmutableArray<(DeviceOperation Operation, double? Ms)> Read(string path, string type)
    {
        var table = TextColumns.Read(path, MaxBytes, ["layer", "kind", "in", "out", "cin", "cout", "kernel", "stride"], ["ms"]);
        return [.. table.Rows.Select(row =>
        {
            try
            {
                return (LayerOf(row, type), row["ms"].Length == 0 ? (double?)null
                    : NumberText.Parse<double>(row["ms"], NumberRange.Above(0), "The time in ms"));
            }
            catch (InvalidInputException e)
            {
                throw new InvalidInputException($"'{path}', line {row.Line}: {e.Message}", e);
            }
        })];
    }

    private static DeviceOperation LayerOf(TextColumns.Row row, string type)
    {
        var (word, kind) = Array.Find(Kinds, pair => pair.Word == row["kind"]);
        if (word is null)
            throw new InvalidInputException(
                $"A layer's kind is expected to be one of {string.Join(", ", Kinds.Select(pair => pair.Word))}, found {OneLine.Quote(row["kind"])}.");
        int inSide = Whole("in", Sides), outSide = Whole("out", Sides), cin = Whole("cin", Channels), cout = Whole("cout", Channels);
        int kernel = Whole("kernel", Kernels), stride = Whole("stride", Kernels);
        bool hasKernel = kind is DeviceOperationKind.Convolution or DeviceOperationKind.Depthwise;
        long values = hasKernel ? (long)cout * (kind == DeviceOperationKind.Depthwise ? 1 : cin) * kernel * kernel : 0;
        return new DeviceOperation(row["layer"], kind, type, TensorShape.Map(cin, inSide, inSide), TensorShape.Map(cout, outSide, outSide))
        {
            KernelValues = values, BiasValues = hasKernel ? cout : 0, Macs = values * outSide * outSide,
            IsPointwise = kernel == 1, Stride = stride,
        };

        int Whole(string column, NumberRange range) => NumberText.Parse<int>(row[column], range, $"The layer's '{column}'");
    }
}
