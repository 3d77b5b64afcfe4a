using System.Text.Json;
using System.Text.Json.Nodes;
using EfficientNetSharp.Data.Loading;

namespace EfficientNetSharp.Evaluation.Tests;

public sealed class EvaluationJsonTests
{
    [Fact]
    public void Names_are_stable_and_in_camel_case()
    {
        using var json = JsonDocument.Parse(EvaluationJson.Serialize(Sample()));
        Assert.Equal(
            ["count", "top1", "top5", "loss", "macroPrecision", "macroRecall", "macroF1", "expectedCalibrationError", "imagesPerSecond",
                "brokenImages", "unreadable", "invalidRows", "constantRows", "classes", "calibration", "worstMistakes", "confusion"],
            Names(json.RootElement));
        Assert.Equal(["name", "precision", "recall", "f1", "support", "predicted"], Names(json.RootElement.GetProperty("classes")[0]));
        Assert.Equal(["lower", "upper", "count", "confidence", "accuracy"], Names(json.RootElement.GetProperty("calibration")[0]));
        Assert.Equal(["index", "label", "predicted", "confidence"], Names(json.RootElement.GetProperty("worstMistakes")[0]));
    }

    [Fact]
    public void Values_are_fractions_and_the_matrix_an_array_of_rows()
    {
        string text = EvaluationJson.Serialize(Sample());
        using var json = JsonDocument.Parse(text);
        Assert.Equal(0.5, json.RootElement.GetProperty("top1").GetDouble());
        Assert.Equal("[[1,0],[1,0]]",
            string.Concat(json.RootElement.GetProperty("confusion").GetRawText().Where(c => !char.IsWhiteSpace(c))));
        Assert.Contains("[1,0]", text, StringComparison.Ordinal); // a row keeps its line
        Assert.Equal("katze 猫 é", json.RootElement.GetProperty("classes")[1].GetProperty("name").GetString());
        Assert.Contains("猫", text, StringComparison.Ordinal);
    }

    [Fact]
    public void What_is_written_is_read_back()
    {
        foreach (bool indented in new[] { true, false })
        {
            string text = EvaluationJson.Serialize(Sample(), indented);
            Assert.Equal(text, EvaluationJson.Serialize(EvaluationJson.Deserialize(text), indented));
        }
    }

    [Fact]
    public void Unreadable_images_are_named_and_may_be_missing_in_files_of_before()
    {
        var result = Sample() with { Unreadable = [new BrokenImage(7, "cat/a.jpg", "Expected a whole image, found a part.")] };
        string text = EvaluationJson.Serialize(result, indented: false);
        Assert.Equal(result.Unreadable, EvaluationJson.Deserialize(text).Unreadable);
        var json = JsonNode.Parse(text)!.AsObject();
        Assert.Equal(["index", "name", "reason"], json["unreadable"]![0]!.AsObject().Select(member => member.Key));
        Assert.Equal("cat/a.jpg", json["unreadable"]![0]!["name"]!.GetValue<string>());
        json.Remove("unreadable");
        Assert.Empty(EvaluationJson.Deserialize(json.ToJsonString()).Unreadable);
    }

    [Fact]
    public void A_result_without_loss_or_speed_has_null_there()
    {
        using var json = JsonDocument.Parse(EvaluationJson.Serialize(new ClassificationMeter(["a"]).ToResult()));
        Assert.Equal(JsonValueKind.Null, json.RootElement.GetProperty("loss").ValueKind);
        Assert.Equal(JsonValueKind.Null, json.RootElement.GetProperty("imagesPerSecond").ValueKind);
    }

    [Fact]
    public void Very_many_classes_are_written_as_cells_and_read_back()
    {
        const int Classes = ConfusionMatrixJsonConverter.DenseLimit + 1;
        var meter = new ClassificationMeter([.. Enumerable.Range(0, Classes).Select(i => $"{i}")]);
        float[] row = new float[Classes];
        row[7] = 9;
        meter.Add(row, 2000, 0);
        meter.Add(row, 7, 1);
        string text = EvaluationJson.Serialize(meter.ToResult(), indented: false);
        Assert.Contains($"\"confusion\":{{\"size\":{Classes},\"cells\":[[7,7,1],[2000,7,1]]}}", text, StringComparison.Ordinal);
        Assert.Equal(text, EvaluationJson.Serialize(EvaluationJson.Deserialize(text), indented: false));
    }

    [Theory]
    [InlineData("")]
    [InlineData("null")]
    [InlineData("[]")]
    [InlineData("{\"top1\":0.5}")]
    public void Other_text_is_refused(string text) => Assert.Throws<InvalidInputException>(() => EvaluationJson.Deserialize(text));

    [Theory]
    [InlineData("[[1,0],[1]]")]
    [InlineData("[[1,0]]")]
    [InlineData("[[-1]]")]
    [InlineData("{\"size\":2,\"cells\":[[0,2,1]]}")]
    [InlineData("{\"size\":2,\"cells\":[[0,1]]}")]
    [InlineData("7")]
    public void A_matrix_that_is_none_is_refused(string matrix)
    {
        string text = EvaluationJson.Serialize(Sample(), indented: false);
        string broken = text.Replace("[[1,0],[1,0]]", matrix, StringComparison.Ordinal);
        Assert.NotEqual(text, broken);
        Assert.Throws<InvalidInputException>(() => EvaluationJson.Deserialize(broken));
    }

    private static ClassificationResult Sample()
    {
        var meter = new ClassificationMeter(["a", "katze 猫 é"]);
        meter.Add([2, 1], 0, 10);
        meter.Add([2, 1], 1, 11);
        return meter.ToResult(imagesPerSecond: 3.5, brokenImages: 1);
    }

    private static IEnumerable<string> Names(JsonElement element) => element.EnumerateObject().Select(property => property.Name);
}
