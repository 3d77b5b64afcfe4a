using System.Collections.Immutable;
using System.Globalization;
using System.Text.Json;
using EfficientNetSharp.Architectures;
using EfficientNetSharp.Graphs;
using EfficientNetSharp.Models;
using EfficientNetSharp.Weights.NameMaps;

namespace EfficientNetSharp.Testing;

/// <summary>What another implementation computes for weights and input that follow from names and a seed (Goldens/README.md).</summary>
public sealed class Golden
{
    private static readonly string Folder = Path.Combine(AppContext.BaseDirectory, "Goldens");
    private readonly double _gain, _amplitude;
    private readonly ulong _seed;

    private Golden(string name, JsonElement json)
    {
        Name = name;
        Source = name[..name.IndexOf('/', StringComparison.Ordinal)];
        SourceArchitecture = json.GetProperty("architecture").GetString()!;
        Map = NameMapRegistry.Get(Source);
        Architecture = Map.Adapt(ArchitectureRegistry.Get(SourceArchitecture));
        Resolution = json.GetProperty("resolution").GetInt32();
        Batch = json.GetProperty("batch").GetInt32();
        Parameters = json.GetProperty("parameters").GetInt64();
        Tolerance = Math.Max(1e-5, 4 * json.GetProperty("float32Error").GetDouble());
        Output = [.. json.GetProperty("output").EnumerateArray().Select(
            row => row.EnumerateArray().Select(value => value.GetDouble()).ToArray())];
        _gain = json.GetProperty("gain").GetDouble();
        _amplitude = json.GetProperty("amplitude").GetDouble();
        _seed = json.GetProperty("seed").GetUInt64();
        SourceTensors = ReadTensors($"{Source}/{SourceArchitecture}");
        Graph = Architecture.Build(new BuildOptions { Height = Resolution, Width = Resolution, Classes = Output[0].Length });
    }

    /// <summary>All goldens here, as <see cref="Load"/> takes them.</summary>
    public static IEnumerable<string> Names => Directory
        .EnumerateFiles(Folder, "*.json", SearchOption.AllDirectories)
        .Select(file => Path.ChangeExtension(Path.GetRelativePath(Folder, file), null).Replace('\\', '/'))
        .Order(StringComparer.Ordinal);

    /// <summary>For example <c>torchvision/efficientnet_b0_r224_b2_s0</c>.</summary>
    public string Name { get; }

    /// <summary>The other implementation, as the name maps call it.</summary>
    public string Source { get; }

    /// <summary>What it calls tensors, and how it runs networks.</summary>
    public NameMap Map { get; }

    /// <summary>The architecture as the other implementation calls it.</summary>
    public string SourceArchitecture { get; }

    /// <summary>The other implementation's tensors in the order of its modules, which is the order of use.</summary>
    public ImmutableArray<(string Name, ImmutableArray<int> Shape)> SourceTensors { get; }

    /// <summary>The architecture with the same semantics here.</summary>
    public Architecture Architecture { get; }

    /// <summary>Its graph at the golden's resolution, as trained: normalisations and training-only operators are there.</summary>
    public Graph Graph { get; }

    /// <summary>Side of the square input in pixels.</summary>
    public int Resolution { get; }

    /// <summary>Number of images.</summary>
    public int Batch { get; }

    /// <summary>Trainable values of the network.</summary>
    public long Parameters { get; }

    /// <summary>The output, one row per image.</summary>
    public ImmutableArray<double[]> Output { get; }

    /// <summary>The largest <see cref="RelativeError"/> of a row that a float32 implementation may have.</summary>
    public double Tolerance { get; }

    /// <summary>Reads a golden.</summary>
    public static Golden Load(string name)
    {
        using var document = JsonDocument.Parse(File.ReadAllBytes(Path.Combine(Folder, $"{name}.json")));
        return new Golden(name, document.RootElement);
    }

    /// <summary>Makes the input, [N,3,H,W].</summary>
    public float[] CreateInput() => SyntheticInput.Batch(Graph.Input.Shape, Batch, _seed, _amplitude);

    /// <summary>Makes the weights under the other implementation's names, as a file of it would have them.</summary>
    public IReadOnlyList<(string Name, WeightTensor Tensor)> CreateSourceTensors() =>
        [.. SourceTensors.Select(tensor => (tensor.Name, SyntheticWeights.Tensor(tensor.Name, tensor.Shape, _seed, _gain)))];

    /// <summary>
    /// Makes the weights under the other implementation's names and takes them over by its name map. A tensor that the map leaves
    /// out, does not find or finds in another shape is refused.
    /// </summary>
    public WeightSet CreateWeights()
    {
        var theirs = SourceTensors.ToDictionary(tensor => tensor.Name, tensor => tensor.Shape);
        var weights = new WeightSet(Map.Map(Architecture, Graph, theirs.Keys.ToHashSet()).Select(mapped =>
        {
            if (!theirs.Remove(mapped.SourceName, out var shape) || !mapped.Fits(shape))
                throw new InvalidDataException($"{Name}: there is no tensor {mapped.SourceName} that fits {mapped.Parameter.Name}.");
            return KeyValuePair.Create(mapped.Parameter.Name,
                mapped.ToOurs(SyntheticWeights.Tensor(mapped.SourceName, shape, _seed, _gain)));
        }));
        if (theirs.Count > 0) throw new InvalidDataException($"{Name}: the map leaves {string.Join(", ", theirs.Keys.Take(3))} out.");
        weights.EnsureFit(Graph);
        return weights;
    }

    /// <inheritdoc />
    public override string ToString() => Name;

    private static ImmutableArray<(string, ImmutableArray<int>)> ReadTensors(string name) =>
    [
        .. File.ReadLines(Path.Combine(Folder, $"{name}.keys.tsv")).Select(line =>
        {
            string[] columns = line.Split('\t');
            return (columns[0], columns[1].Split('x').Select(part => int.Parse(part, CultureInfo.InvariantCulture)).ToImmutableArray());
        }),
    ];
}
