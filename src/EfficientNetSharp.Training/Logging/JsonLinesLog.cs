using System.Text.Json;
using System.Text.Json.Serialization;
using EfficientNetSharp.Evaluation.Reports;

namespace EfficientNetSharp.Training.Logging;

/// <summary>One JSON object per line: <c>{"step":…}</c> for steps, <c>{"epoch":…}</c> for epochs. Equal runs write equal bytes.</summary>
internal sealed class JsonLinesLog(string path, long length) : IRunLog
{
    private readonly AppendFile _file = new(path, length);

    public string Name => "jsonl";

    public void Add(StepRecord step) => Write(JsonSerializer.SerializeToUtf8Bytes(new StepLine(step), LogJsonContext.Default.StepLine));

    public void Add(EpochRecord epoch, long step) => Write(JsonSerializer.SerializeToUtf8Bytes(new EpochLine(epoch), LogJsonContext.Default.EpochLine));

    public long Flush() => _file.Flush();

    public void Dispose() => _file.Dispose();

    private void Write(byte[] line)
    {
        _file.Write(line);
        _file.Write("\n"u8);
    }
}

/// <summary>A step's line.</summary>
internal sealed record StepLine(StepRecord Step);

/// <summary>An epoch's line.</summary>
internal sealed record EpochLine(EpochRecord Epoch);

/// <summary>The JSON of logs, made at compile time.</summary>
[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase, NumberHandling = JsonNumberHandling.AllowNamedFloatingPointLiterals)]
[JsonSerializable(typeof(StepLine))]
[JsonSerializable(typeof(EpochLine))]
internal sealed partial class LogJsonContext : JsonSerializerContext;
