using System.Collections.Immutable;
using EfficientNetSharp.Files;
using EfficientNetSharp.Graphs;

namespace EfficientNetSharp.Costs.Devices.Fitting;

/// <summary>
/// Measured times as a CSV file: columns <c>network</c>, <c>size</c>, <c>type</c>, <c>ms</c>, and perhaps <c>weight</c> and
/// <c>source</c>, which is for people. A network that ends in <c>.csv</c> is a list of layers (<see cref="LayerList"/>) beside the file;
/// where its row has no time, each layer has its own.
/// </summary>
public static class MeasurementFile
{
    private const int MaxBytes = 16 << 20;

    private const string Network = "network", Size = "size", Type = "type", Time = "ms", Weight = "weight", Source = "source";

    /// <summary>Makes a network of what stands in a row.</summary>
    /// <param name="network">A name or a file.</param>
    /// <param name="size">The input's size; <see langword="null"/> for the network's own.</param>
    public delegate Graph GraphOf(string network, InputSize? size);

    /// <summary>Reads a file.</summary>
    /// <param name="path">The file.</param>
    /// <param name="profile">The device, whose types the rows name.</param>
    /// <param name="graphOf">Makes networks.</param>
    /// <exception cref="InvalidInputException">The file or a row is not as described; the message names the line.</exception>
    public static ImmutableArray<DeviceMeasurement> Read(string path, DeviceProfile profile, GraphOf graphOf)
    {
        ArgumentNullException.ThrowIfNull(profile);
        ArgumentNullException.ThrowIfNull(graphOf);
        var table = TextColumns.Read(path, MaxBytes, [Network, Type], [Size, Time, Weight, Source]);
        var rows = ImmutableArray.CreateBuilder<DeviceMeasurement>();
        foreach (var row in table.Rows)
        {
            string network = row[Network], type = row[Type];
            try
            {
                profile.TypeOf(type);
                double weight = row[Weight].Length == 0 ? 1
                    : NumberText.Parse<double>(row[Weight], new NumberRange(0, 1e6), "The weight");
                double? ms = row[Time].Length == 0 ? null : NumberText.Parse<double>(row[Time], NumberRange.Above(0), "The time in ms");
                if (network.EndsWith(".csv", StringComparison.OrdinalIgnoreCase))
                {
                    if (row[Size].Length > 0) throw new InvalidInputException("A list of layers has its own sizes; leave the size out.");
                    AddLayers(network, type, ms, weight);
                }
                else
                {
                    if (network.Length == 0) throw new InvalidInputException("A network is expected, found none.");
                    InputSize? size = row[Size].Length == 0 ? null : InputSize.TryParse(row[Size], out var given) ? given
                        : throw new InvalidInputException($"A size such as 224 or 224x160 is expected, found {OneLine.Quote(row[Size])}.");
                    var graph = graphOf(network, size);
                    string name = $"{network}@{new InputSize(graph.Input.Shape.Height, graph.Input.Shape.Width)} {type}";
                    rows.Add(new DeviceMeasurement(name, profile.Schedule(graph, _ => type), ms ?? throw new InvalidInputException(
                        "A time in ms is expected, found none; only lists of layers have times of their own.")) { Weight = weight });
                }
            }
            catch (InvalidInputException e)
            {
                throw new InvalidInputException($"'{path}', line {row.Line}: {e.Message}", e);
            }
        }

        if (rows.Count == 0) throw new InvalidInputException($"'{path}' has no measurements; expected a row at least below its head.");
        return rows.ToImmutable();

        void AddLayers(string list, string type, double? ms, double weight)
        {
            string file = Path.Combine(Path.GetDirectoryName(path) ?? "", list);
            var layers = LayerList.Read(file, type);
            if (ms is { } whole)
            {
                rows.Add(new DeviceMeasurement($"{list} {type}", [.. layers.Select(layer => layer.Operation)], whole) { Weight = weight });
                return;
            }

            foreach (var (operation, time) in layers)
            {
                rows.Add(new DeviceMeasurement($"{list} {operation.Name}", [operation], time ?? throw new InvalidInputException(
                    $"The layer {OneLine.Quote(operation.Name)} has no time, and its row in the measurements has none either; give one of the two."))
                {
                    Group = list, Weight = weight,
                });
            }
        }
    }
}
