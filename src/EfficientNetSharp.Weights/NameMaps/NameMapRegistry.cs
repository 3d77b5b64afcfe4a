using System.Collections.Immutable;

namespace EfficientNetSharp.Weights.NameMaps;

/// <summary>All sources whose names are known.</summary>
public static class NameMapRegistry
{
    /// <summary>This project's own names.</summary>
    public static NameMap Own { get; } = new OwnNameMap("effnet", "EfficientNetSharp");

    /// <summary>The network of an ONNX file, recognised by its graph.</summary>
    internal static NameMap OnnxGraph { get; } = new OwnNameMap("onnx", "an ONNX file, by its graph");

    /// <summary>The network of a TensorFlow Lite file.</summary>
    internal static NameMap TfLiteGraph { get; } = new OwnNameMap("tflite", "a TensorFlow Lite file");

    /// <summary>The sources, the most usual first: where two fit a file equally, the first is taken.</summary>
    public static ImmutableArray<NameMap> All { get; } =
    [
        Own, new TorchvisionNameMap(), new TimmNameMap(), new LukemelasNameMap(), new TransformersNameMap(), new InsightfaceNameMap(), new Treb1enNameMap(),
        new XiaoccerNameMap(), new FoamliuNameMap(), new MegviiNameMap(), new KerasNameMap(), new TpuNameMap(),
    ];

    /// <summary>The source of the name; case does not matter.</summary>
    /// <param name="name">For example <c>timm</c>; <c>automl</c> and <c>qubvel</c> are taken as <c>tpu</c> and <c>keras</c>.</param>
    /// <param name="preferAverage">Whether a source with moving averages beside its weights takes those.</param>
    /// <exception cref="InvalidInputException">There is none.</exception>
    public static NameMap Get(string name, bool preferAverage = true)
    {
        string wanted = name.Trim().ToLowerInvariant();
        // google/automl names as tensorflow/tpu does, qubvel's networks as Keras's.
        wanted = wanted switch { "automl" => "tpu", "qubvel" => "keras", _ => wanted };
        return With(preferAverage).FirstOrDefault(map => map.Name == wanted) ?? throw new InvalidInputException(
            $"There is no weight source '{name}'; the known ones are {string.Join(", ", All.Select(map => map.Name))}.");
    }

    /// <summary>All sources, those with moving averages set to take them or not.</summary>
    internal static IEnumerable<NameMap> With(bool preferAverage) =>
        All.Select(map => map is TpuNameMap ? new TpuNameMap { PreferAverage = preferAverage } : map);
}
