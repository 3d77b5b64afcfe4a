using System.Globalization;
using System.Text.Json;
using System.Text.Json.Serialization;
using EfficientNetSharp.Evaluation.Reports;
using EfficientNetSharp.Training.Tasks;

namespace EfficientNetSharp.Training.Logging;

/// <summary>
/// One JSON object per line: <c>{"step":…}</c> for steps, <c>{"epoch":…}</c> for epochs, which call a task's measures by their names.
/// Equal runs write equal bytes.
/// </summary>
internal sealed class JsonLinesLog(string path, long length, TaskSummary task) : IRunLog
{
    private readonly AppendFile _file = new(path, length);

    public string Name => "jsonl";

    public void Add(StepRecord step) => Write(JsonSerializer.SerializeToUtf8Bytes(new StepLine(step), LogJsonContext.Default.StepLine));

    public void Add(EpochRecord epoch, long step)
    {
        using var bytes = new MemoryStream();
        using (var json = new Utf8JsonWriter(bytes))
        {
            json.WriteStartObject();
            json.WriteStartObject("epoch");
            json.WriteNumber("epoch", epoch.Epoch);
            WriteNumber(json, "trainLoss", epoch.TrainLoss);
            WriteNumber(json, "validationLoss", epoch.ValidationLoss);
            WriteNumber(json, task.Score.JsonName("validation"), epoch.ValidationScore);
            WriteNumber(json, "learningRate", epoch.LearningRate);
            if (task.TrainMeasure is { } measure) WriteNumber(json, measure.JsonName("train"), epoch.TrainMeasure);
            json.WriteEndObject();
            json.WriteEndObject();
        }

        Write(bytes.ToArray());
    }

    public long Flush() => _file.Flush();

    public void Dispose() => _file.Dispose();

    // JSON has no numbers that are not finite; they are written as the serializer's named literals, NaN and Infinity.
    private static void WriteNumber(Utf8JsonWriter json, string name, double? value)
    {
        if (value is not { } number) json.WriteNull(name);
        else if (double.IsFinite(number)) json.WriteNumber(name, number);
        else json.WriteString(name, number.ToString(CultureInfo.InvariantCulture));
    }

    private void Write(byte[] line)
    {
        _file.Write(line);
        _file.Write("\n"u8);
    }
}

/// <summary>A step's line.</summary>
internal sealed record StepLine(StepRecord Step);

/// <summary>The JSON of logs, made at compile time.</summary>
[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase,
    NumberHandling = JsonNumberHandling.AllowNamedFloatingPointLiterals)]
[JsonSerializable(typeof(StepLine))]
internal sealed partial class LogJsonContext : JsonSerializerContext;
