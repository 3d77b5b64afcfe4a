using System.Collections.Immutable;
using System.Text.Json;
using System.Text.Json.Serialization;
using EfficientNetSharp.Data.Loading;
using EfficientNetSharp.Evaluation.Reports;
using EfficientNetSharp.Models.Safetensors;
using EfficientNetSharp.Training.Runs;

namespace EfficientNetSharp.Training.Probing;

/// <summary>A run's probe on disk: a safetensors file with heads and logits, and the rest as metadata.</summary>
internal static class ProbeFile
{
    private const string Format = "efficientnetsharp-probe", Version = "2";

    public static void Save(string path, ProbeState state, RunIdentity identity)
    {
        IEnumerable<SafetensorsEntry> entries =
        [
            .. Head("head", state.Head),
            .. state.FoldHeads.SelectMany((head, fold) => Head($"fold.{fold}", head)),
            Vector("held_out", state.HeldOut.Logits),
            Vector("result", state.Result?.HeldOut.Logits ?? []),
        ];
        var facts = new ProbeFacts(
            state.Penalty, state.PenaltyFolds, state.FoldHeads.Length, Rows(state.HeldOut), state.Fitted, state.BrokenImages,
            state.Result is { } result ? new ResultFacts(Rows(result.HeldOut), result.Share, result.History) : null);
        SafetensorsWriter.Write(
            path,
            new Dictionary<string, string>(StringComparer.Ordinal)
            {
                ["format"] = Format,
                ["format_version"] = Version,
                ["identity"] = JsonSerializer.Serialize(identity, ProbeJsonContext.Default.RunIdentity),
                ["facts"] = JsonSerializer.Serialize(facts, ProbeJsonContext.Default.ProbeFacts),
            },
            entries);

        static SafetensorsEntry[] Head(string name, LinearHead head) =>
            [Vector($"{name}.weights", head.Weights), Vector($"{name}.biases", head.Biases)];

        static SafetensorsEntry Vector(string name, float[] values) => SafetensorsEntry.FromFloats(name, [values.Length], values);

        static LogitRows Rows(LogitTable table) => new(table.Images, table.Labels);
    }

    public static (ProbeState State, RunIdentity Identity) Load(string path)
    {
        using var file = SafetensorsFile.Open(path);
        if (file.Metadata.GetValueOrDefault("format") != Format || file.Metadata.GetValueOrDefault("format_version") != Version)
            throw new InvalidInputException($"'{path}' is not the probe of a run that this version can go on with; train anew.");
        try
        {
            var identity = JsonSerializer.Deserialize(file.Metadata["identity"], ProbeJsonContext.Default.RunIdentity)!;
            var facts = JsonSerializer.Deserialize(file.Metadata["facts"], ProbeJsonContext.Default.ProbeFacts)!;
            return (new ProbeState
            {
                Penalty = facts.Penalty,
                PenaltyFolds = facts.PenaltyFolds,
                Head = Head("head"),
                FoldHeads = [.. Enumerable.Range(0, facts.Folds).Select(fold => Head($"fold.{fold}"))],
                HeldOut = Table(facts.HeldOut, "held_out"),
                Fitted = facts.Fitted,
                BrokenImages = facts.BrokenImages,
                Result = facts.Result is { } result
                    ? new FoldedResult(Table(result.HeldOut, "result"), result.Share, result.History) : null,
            }, identity);
        }
        catch (Exception exception) when (exception is JsonException or KeyNotFoundException)
        {
            throw new InvalidInputException($"'{path}' is damaged ({exception.Message}); train anew.", exception);
        }

        LinearHead Head(string name) => new(file.ReadFloat32($"{name}.weights"), file.ReadFloat32($"{name}.biases"));

        LogitTable Table(LogitRows rows, string name) => new(rows.Images, rows.Labels, file.ReadFloat32(name));
    }
}

/// <summary>What a probe's file holds beside its vectors.</summary>
internal sealed record ProbeFacts(
    double Penalty, int PenaltyFolds, int Folds, LogitRows HeldOut, EpochRecord Fitted, ImmutableArray<BrokenImage> BrokenImages,
    ResultFacts? Result);

/// <summary>A table of logits without them.</summary>
internal sealed record LogitRows(ImmutableArray<int> Images, ImmutableArray<int> Labels);

/// <summary>What the folds came to, without the logits.</summary>
internal sealed record ResultFacts(LogitRows HeldOut, double Share, ImmutableArray<EpochRecord> History);

[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase, NumberHandling = JsonNumberHandling.AllowNamedFloatingPointLiterals)]
[JsonSerializable(typeof(ProbeFacts))]
[JsonSerializable(typeof(RunIdentity))]
internal sealed partial class ProbeJsonContext : JsonSerializerContext;
