using EfficientNetSharp.Inference;
using EfficientNetSharp.Onnx;
using EfficientNetSharp.Prediction;
using EfficientNetSharp.Running;
using EfficientNetSharp.Training.Torch;
using EfficientNetSharp.Weights.TfLite;
using EfficientNetSharp.Weights.Importing;

namespace EfficientNetSharp.Cli.Support;

/// <summary>What the tool has to open and to run files with.</summary>
internal static class Host
{
    public static EngineBackend Engine { get; } = new();

    public static OnnxRuntimeBackend OnnxRuntime { get; } = new();

    public static TorchBackend Torch { get; } = new();

    public static ModelOpener Opener { get; } =
        new([Engine, OnnxRuntime, Torch], [new ModelFileReader(), new OnnxModelReader(), new TfLiteModelReader(), new WeightFileReader()]);

    /// <summary>The backends' names.</summary>
    public static string[] BackendNames => [.. Opener.Backends.Select(backend => backend.Name)];
}
