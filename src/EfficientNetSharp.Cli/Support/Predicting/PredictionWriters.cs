using System.Globalization;
using System.Text.Json.Nodes;
using EfficientNetSharp.Data;
using EfficientNetSharp.Files;
using EfficientNetSharp.Prediction;

namespace EfficientNetSharp.Cli.Support.Predicting;

/// <summary>Prints what images are called.</summary>
internal abstract class PredictionWriter(Terminal terminal)
{
    protected Terminal Terminal { get; } = terminal;

    /// <summary>Prints an image's result, at once where the form allows it.</summary>
    public abstract void Write(ImageResult result);

    /// <summary>Ends, with what was left out of the folders.</summary>
    public virtual void End(IReadOnlyList<LeftOut> leftOut)
    {
    }

    protected void WriteLine(string line)
    {
        Terminal.Output.WriteLine(line);
        Terminal.Output.Flush();
    }

    protected static JsonObject ToJson(ImageResult result)
    {
        var entry = new JsonObject { ["path"] = result.Path };
        if (result.Error is null)
        {
            entry["predictions"] = new JsonArray([.. result.Predictions.Select(prediction => new JsonObject
            {
                ["class"] = prediction.Class, ["index"] = prediction.ClassIndex, ["probability"] = prediction.Probability,
            })]);
        }
        else
        {
            entry["error"] = result.Error;
        }

        return entry;
    }
}

/// <summary>For people: a block for one image alone, else a line per image.</summary>
internal sealed class TextPredictionWriter(Terminal terminal, bool inLines) : PredictionWriter(terminal)
{
    public override void Write(ImageResult result)
    {
        if (result.Error is not null)
        {
            Terminal.Fail(result.Error);
            return;
        }

        if (inLines)
        {
            string classes = string.Join(", ", result.Predictions.Select(best => string.Create(
                CultureInfo.InvariantCulture, $"{best.Class} ({100 * best.Probability:F1} %)")));
            WriteLine($"{result.Path}: {classes}");
            return;
        }

        WriteLine(result.Path);
        foreach (var (i, best) in result.Predictions.Index())
            Terminal.WriteLine($"  {100 * best.Probability,6:F2} %  {best.Class}", i == 0 ? TextStyle.Strong : TextStyle.Plain);
    }
}

/// <summary>One JSON array of all.</summary>
internal sealed class JsonPredictionWriter(Terminal terminal) : PredictionWriter(terminal)
{
    private readonly JsonArray _entries = [];

    public override void Write(ImageResult result) => _entries.Add(ToJson(result));

    public override void End(IReadOnlyList<LeftOut> leftOut)
    {
        LeftOutView.AddTo(_entries, leftOut);
        Json.Write(Terminal, _entries);
    }
}

/// <summary>A JSON object in a line for each image, as soon as it is known.</summary>
internal sealed class JsonLinesPredictionWriter(Terminal terminal) : PredictionWriter(terminal)
{
    public override void Write(ImageResult result) => WriteLine(Json.Line(ToJson(result)));

    public override void End(IReadOnlyList<LeftOut> leftOut)
    {
        var entries = new JsonArray();
        LeftOutView.AddTo(entries, leftOut);
        foreach (var entry in entries) WriteLine(Json.Line(entry!));
    }
}

/// <summary>
/// A row of comma-separated values for each image, as soon as it is known: path, error, and for each class asked for its name, index and
/// probability.
/// </summary>
internal sealed class CsvPredictionWriter(Terminal terminal, int classes) : PredictionWriter(terminal)
{
    private bool _hasHead;

    public override void Write(ImageResult result)
    {
        WriteHead();
        string[] known =
        [
            .. result.Predictions.SelectMany(best => new[]
            {
                best.Class, best.ClassIndex.ToString(CultureInfo.InvariantCulture), NumberText.Of(best.Probability),
            }),
        ];
        // A model may have fewer classes than were asked for.
        var empty = Enumerable.Repeat("", (3 * classes) - known.Length);
        WriteLine(CsvText.Row([result.Path, result.Error ?? "", .. known, .. empty]));
    }

    public override void End(IReadOnlyList<LeftOut> leftOut) => WriteHead();

    private void WriteHead()
    {
        if (_hasHead) return;
        _hasHead = true;
        var columns = Enumerable.Range(1, classes).Select(place => place == 1 ? "" : string.Create(CultureInfo.InvariantCulture, $"_{place}"))
            .SelectMany(place => new[] { $"class{place}", $"index{place}", $"probability{place}" });
        WriteLine(CsvText.Row(["path", "error", .. columns]));
    }
}
