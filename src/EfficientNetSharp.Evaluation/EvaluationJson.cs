using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Serialization;
using System.Text.Json.Serialization.Metadata;
using System.Text.Unicode;

namespace EfficientNetSharp.Evaluation;

/// <summary>
/// A <see cref="ClassificationResult"/> as JSON. Names are stable: <c>count</c>, <c>top1</c>, <c>top5</c>, <c>loss</c>,
/// <c>macroPrecision</c>, <c>macroRecall</c>, <c>macroF1</c>, <c>expectedCalibrationError</c>, <c>imagesPerSecond</c>,
/// <c>brokenImages</c>, <c>unreadable</c> [{<c>index</c>, <c>name</c>, <c>reason</c>}], <c>invalidRows</c>, <c>constantRows</c>,
/// <c>classes</c> [{<c>name</c>, <c>precision</c>, <c>recall</c>, <c>f1</c>, <c>support</c>, <c>predicted</c>}],
/// <c>calibration</c> [{<c>lower</c>, <c>upper</c>, <c>count</c>, <c>confidence</c>, <c>accuracy</c>}],
/// <c>worstMistakes</c> [{<c>index</c>, <c>label</c>, <c>predicted</c>, <c>confidence</c>}] and
/// <c>confusion</c> [[…]], one row per label, one column per prediction.
/// </summary>
/// <remarks>
/// Shares are fractions 0…1; <c>loss</c> and <c>imagesPerSecond</c> may be <see langword="null"/>. Above 2,048 classes <c>confusion</c> is
/// {<c>size</c>, <c>cells</c> [[label, predicted, count]]} with the cells above 0.
/// </remarks>
public static class EvaluationJson
{
    private static readonly EvaluationJsonContext Indented = Make(indented: true);
    private static readonly EvaluationJsonContext Compact = Make(indented: false);

    /// <summary>How a result is written without line breaks, for embedding it in a larger document.</summary>
    public static JsonTypeInfo<ClassificationResult> ResultTypeInfo => Compact.ClassificationResult;

    /// <summary>The result as text.</summary>
    /// <param name="result">What to write.</param>
    /// <param name="indented">
    /// Whether each property has its own line, for people; each row of the confusion matrix stays on one line.
    /// </param>
    public static string Serialize(ClassificationResult result, bool indented = true) =>
        JsonSerializer.Serialize(result, (indented ? Indented : Compact).ClassificationResult);

    /// <summary>Reads what <see cref="Serialize"/> wrote.</summary>
    /// <exception cref="InvalidInputException">The text is not a result as JSON.</exception>
    public static ClassificationResult Deserialize(string json)
    {
        const string Expected = "Expected the JSON of an evaluation, found something else; write it anew with the evaluation.";
        try
        {
            return JsonSerializer.Deserialize(json, Compact.ClassificationResult) ?? throw new InvalidInputException(Expected);
        }
        catch (Exception exception) when (exception is JsonException or InvalidOperationException or FormatException)
        {
            throw new InvalidInputException(Expected, exception);
        }
    }

    // Letters of all scripts stay readable; the encoder still escapes what could end an HTML script element.
    private static EvaluationJsonContext Make(bool indented) => new(new JsonSerializerOptions
    {
        PropertyNamingPolicy = JsonNamingPolicy.CamelCase,
        WriteIndented = indented,
        Encoder = JavaScriptEncoder.Create(UnicodeRanges.All),
    });
}

[JsonSerializable(typeof(ClassificationResult))]
internal sealed partial class EvaluationJsonContext : JsonSerializerContext;
