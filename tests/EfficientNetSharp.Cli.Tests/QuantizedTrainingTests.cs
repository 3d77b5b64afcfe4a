using EfficientNetSharp.Models;
using static EfficientNetSharp.Cli.Tests.Tool;

namespace EfficientNetSharp.Cli.Tests;

/// <summary><c>effnet train --from</c> a quantized model: it stays one, and learns.</summary>
public sealed class QuantizedTrainingTests : IDisposable
{
    private static readonly string[] Small = ["--epochs", "1", "--min-steps", "2", "--batch-size", "8"];

    private readonly string _root = Directory.CreateTempSubdirectory("quantized").FullName;

    public void Dispose() => Directory.Delete(_root, recursive: true);

    [Fact]
    public void A_quantized_classifier_goes_on_in_integers()
    {
        string data = TwoClasses.Write(At("data")), floats = At("floats"), integers = At("integers.safetensors"), run = At("run");
        Ok(["train", data, "-o", floats, "-a", "mobilenetv3_small_100", "--resolution", "32", .. Small]);
        Ok(["quantize", floats, "--data", data, "-o", integers]);
        Ok(["train", data, "--from", integers, "--teacher", floats, "-o", run, .. Small]);
        Model before = ModelFile.Load(integers), after = ModelFile.Load(Path.Combine(run, "model.safetensors"));
        Assert.Equal(before.Graph.Quantization!.Describe(), after.Graph.Quantization!.Describe());
        Assert.NotEqual(before.Graph.Quantization, after.Graph.Quantization);
        Assert.Equal("qat", after.Card.Provenance[ProvenanceKeys.RecipeName]);
        Assert.Equal(before.Card.Classes, after.Card.Classes);
        Assert.Contains("top-1", Run("evaluate", run, data, "--include-trained").Output, StringComparison.Ordinal);

        Ok(["train", "--repeat", run, "-o", At("again")]);
        Assert.Equal(File.ReadAllBytes(Path.Combine(run, "model.safetensors")), File.ReadAllBytes(Path.Combine(At("again"), "model.safetensors")));

        Directory.Move(Path.Combine(data, "light"), Path.Combine(data, "other"));
        Assert.Contains("are not those of", Refused(["train", data, "--from", integers, "-o", At("never"), .. Small]), StringComparison.Ordinal);
    }

    [Fact]
    public void A_quantized_embedding_learns_to_be_like_the_one_of_floats()
    {
        string data = TwoClasses.Write(At("data")), floats = At("floats"), integers = At("integers.safetensors"), run = At("run");
        // Both kinds in both parts, as two are too few to hold one out.
        foreach (string part in new[] { "train", "val" }) TwoClasses.Write(Path.Combine(At("parts"), part));
        Ok(["train", At("parts"), "--task", "embedding", "-o", floats, "-a", "mobilenetv3_small_100", "--resolution", "32", .. Small]);
        Ok(["quantize", floats, "--data", data, "-o", integers]);
        Assert.Contains("--teacher", Refused(["train", At("parts"), "--from", integers, "-o", At("never"), .. Small]), StringComparison.Ordinal);
        Ok(["train", At("parts"), "--from", integers, "--teacher", floats, "-o", run, .. Small]);
        var after = ModelFile.Load(Path.Combine(run, "model.safetensors"));
        Assert.NotNull(after.Graph.Quantization);
        Assert.Empty(after.Card.Classes);
    }

    private string At(string name) => Path.Combine(_root, name);

    private static void Ok(string[] words)
    {
        var (code, _, error) = Run(words);
        Assert.True(code == 0, error);
    }

    private static string Refused(string[] words)
    {
        var (code, _, error) = Run(words);
        Assert.NotEqual(0, code);
        return error;
    }
}
