using EfficientNetSharp.Cli.Support.Words;
using EfficientNetSharp.Graphs;
using EfficientNetSharp.Graphs.Quantization;
using EfficientNetSharp.Onnx;
using EfficientNetSharp.Prediction;
using EfficientNetSharp.Running;

namespace EfficientNetSharp.Cli.Support;

/// <summary>
/// Holds a quantized ONNX file against the model that it was written of: read back and run by the engine, which has to be the same, and
/// run by ONNX Runtime as it is, whose sums in float32 round to the neighbouring integer here and there.
/// </summary>
internal static class QuantizedExportCheck
{
    // What is left of an integer network is exact; between are floats where the plan has some.
    private const double SameTolerance = 1e-5;

    // A step of eight bits here and there, through all layers; with 16 bits a hundredth of it.
    private const double Tolerance = 0.15, WideTolerance = 2e-3;

    public static int Run(Terminal terminal, string source, QuantizationPlan plan, string target, InputSize? size, FeatureSelection? features)
    {
        using var model = Host.Opener.Open(source, new OpenOptions { Backend = Host.Engine.Name, Size = size, Features = features });
        var shape = model.Runner.InputShape;
        var own = new InputSize(shape.Height, shape.Width);
        using var readBack = Host.Opener.Open(target, new OpenOptions { Backend = Host.Engine.Name, Size = own });
        using var runtime = OnnxRuntimeRunner.Open(
            target, new OnnxRuntimeOptions { Optimizes = false, Height = own.Height, Width = own.Width });

        bool isSame = plan.Arithmetic == IntegerArithmetic.Onnx;
        double difference = RunnerComparison.RelativeErrors(model.Runner, readBack.Runner).Max();
        bool agrees = !isSame || difference <= SameTolerance;
        terminal.Output.WriteLine(isSame
            ? Line($"checked: read back, the engine {Verdict(agrees)}", difference, SameTolerance)
            : Line($"ONNX rounds otherwise than {CodeWords.Of(plan.Arithmetic)}: the engine with the file's rules against the model's", difference, null));

        double tolerance = plan.Describe().Contains("int8", StringComparison.Ordinal) ? Tolerance : WideTolerance;
        double runtimeDifference = RunnerComparison.RelativeErrors(readBack.Runner, runtime).Max();
        bool runtimeAgrees = runtimeDifference <= tolerance;
        terminal.Output.WriteLine(
            Line($"checked: ONNX Runtime without its optimizations and the engine {Verdict(runtimeAgrees)}", runtimeDifference, tolerance));
        return agrees && runtimeAgrees ? EffnetCommand.Done : EffnetCommand.Failed;
    }

    private static string Verdict(bool agrees) => agrees ? "agree" : "DIFFER";

    private static string Line(string what, double difference, double? tolerance) =>
        $"{what}, ‖difference‖/‖output‖ = {NumberText.Rounded(difference, 2)}"
        + (tolerance is { } most ? $" (at most {NumberText.Of(most)})" : "");
}
