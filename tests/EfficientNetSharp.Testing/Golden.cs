using System.Collections.Immutable;
using System.Globalization;
using System.Text.Json;
using EfficientNetSharp.Architectures;
using EfficientNetSharp.Graphs;
using EfficientNetSharp.Models;

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
        Architecture = ArchitectureRegistry.Get(OurName(Source, SourceArchitecture));
        Resolution = json.GetProperty("resolution").GetInt32();
        Batch = json.GetProperty("batch").GetInt32();
        Parameters = json.GetProperty("parameters").GetInt64();
        Tolerance = Math.Max(1e-5, 4 * json.GetProperty("float32Error").GetDouble());
        Output = [.. json.GetProperty("output").EnumerateArray().Select(row => row.EnumerateArray().Select(value => value.GetDouble()).ToArray())];
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

    /// <summary>The other implementation: <c>torchvision</c>, <c>timm</c> or <c>lukemelas</c>.</summary>
    public string Source { get; }

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

    /// <summary>Number of pictures.</summary>
    public int Batch { get; }

    /// <summary>Trainable values of the network.</summary>
    public long Parameters { get; }

    /// <summary>The output, one row a picture.</summary>
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

    /// <summary>Makes the weights, under our names. Tensors are paired by order, and a pair of unequal kind or shape is refused.</summary>
    public WeightSet CreateWeights()
    {
        var ours = Graph.Parameters.ToArray();
        if (ours.Length != SourceTensors.Length)
            throw new InvalidDataException($"{Name} has {SourceTensors.Length} tensors, our network {ours.Length}.");
        return new WeightSet(ours.Zip(SourceTensors, (parameter, theirs) =>
        {
            if (!parameter.Shape.SequenceEqual(theirs.Shape) || Suffix(parameter.Name) != Suffix(theirs.Name))
                throw new InvalidDataException($"{Name}: {theirs.Name} does not fit {parameter.Name}.");
            return KeyValuePair.Create(parameter.Name, SyntheticWeights.Tensor(theirs.Name, theirs.Shape, _seed, _gain));
        }));
    }

    /// <inheritdoc />
    public override string ToString() => Name;

    private static string Suffix(string name) => name[(name.LastIndexOf('.') + 1)..];

    // EfficientNet-PyTorch pads as TensorFlow does and has its epsilon; the others name their semantics.
    private static string OurName(string source, string architecture) => source switch
    {
        "lukemelas" => $"tf_{architecture.Replace('-', '_')}",
        "torchvision" or "timm" => architecture,
        _ => throw new InvalidDataException($"Nothing is known about goldens of '{source}'."),
    };

    private static ImmutableArray<(string, ImmutableArray<int>)> ReadTensors(string name) =>
    [
        .. File.ReadLines(Path.Combine(Folder, $"{name}.keys.tsv")).Select(line =>
        {
            string[] columns = line.Split('\t');
            return (columns[0], columns[1].Split('x').Select(part => int.Parse(part, CultureInfo.InvariantCulture)).ToImmutableArray());
        }),
    ];
}
