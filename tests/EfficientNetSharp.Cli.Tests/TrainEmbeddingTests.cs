using EfficientNetSharp.Imaging.Codecs;
using EfficientNetSharp.Models;
using EfficientNetSharp.Randomness;
using static EfficientNetSharp.Cli.Tests.Tool;

namespace EfficientNetSharp.Cli.Tests;

/// <summary><c>effnet train --task embedding</c>: from a folder of identities to a model that other verbs take for what it is.</summary>
public sealed class TrainEmbeddingTests : IDisposable
{
    private readonly string _root = Directory.CreateTempSubdirectory("identities").FullName;

    public void Dispose() => Directory.Delete(_root, recursive: true);

    [Fact]
    public void A_folder_of_identities_gives_an_embedding_in_one_command()
    {
        string data = WriteIdentities(8, 4), run = Path.Combine(_root, "run");
        var (code, output, error) = Run(
            "train", data, "--task", "embedding", "-o", run, "-a", "mobilenetv3_small_100", "--resolution", "32", "--epochs", "2",
            "--min-steps", "4", "--batch-size", "8");
        Assert.True(code == 0, error);
        Assert.Contains("24 images of 6 identities to train on, 8 of 2 identities to validate", error, StringComparison.Ordinal);
        Assert.Contains("mobilenetv3_small_100:head=gdc,stem=1 at 32 pixels", error, StringComparison.Ordinal);
        Assert.Contains("of 8 images of 2 identities that are held out", output, StringComparison.Ordinal);
        Assert.Contains("effnet gallery create", error, StringComparison.Ordinal);
        Assert.DoesNotContain("effnet predict", error, StringComparison.Ordinal);

        var model = ModelFile.Load(Path.Combine(run, "model.safetensors"));
        Assert.Empty(model.Card.Classes);
        Assert.Equal("512", model.Card.Provenance[ProvenanceKeys.EmbeddingFeatures]);
        Assert.Equal("6", model.Card.Provenance[ProvenanceKeys.Identities]);
        Assert.Equal("arcface", model.Card.Provenance[ProvenanceKeys.RecipeName]);
        Assert.Equal(1, model.Card.Preprocessing.CropFraction);

        string image = Directory.EnumerateFiles(Path.Combine(data, "p0")).First();
        var embedded = Run("embed", run, image);
        Assert.Equal(0, embedded.Code);
        Assert.Equal(512, embedded.Output.Trim().Split(',').Length - 1);
        AssertRefused(Run("predict", run, image), "names no classes");
        Assert.Contains("recall@1", Run("evaluate", run, data).Output, StringComparison.Ordinal);
        Assert.Contains("embedding", Run("describe", run + "/model.safetensors").Output, StringComparison.Ordinal);
        Assert.Equal(0, Run("export", run, "-o", Path.Combine(_root, "net.onnx")).Code);

        // Repeated, it is the same; without --task it is a classifier's start, which it cannot be.
        Assert.Equal(0, Run("train", "--repeat", run, "-o", Path.Combine(_root, "again")).Code);
        Assert.Equal(
            File.ReadAllBytes(Path.Combine(run, "model.safetensors")), File.ReadAllBytes(Path.Combine(_root, "again", "model.safetensors")));
        AssertRefused(Run("train", data, "--from", run, "-o", Path.Combine(_root, "never")), "embedding");
    }

    [Fact]
    public void A_classifier_and_an_embedding_are_starts_for_another()
    {
        string data = WriteIdentities(6, 4), classes = Path.Combine(_root, "classes"), first = Path.Combine(_root, "first"),
            second = Path.Combine(_root, "second");
        string[] small = ["--resolution", "32", "--epochs", "1", "--min-steps", "2", "--batch-size", "8"];
        Assert.Equal(0, Run(["train", data, "-o", classes, "-a", "mobilenetv3_small_100", .. small]).Code);
        var (code, _, error) = Run(["train", data, "--task", "embedding", "--from", classes, "-o", first, .. small]);
        Assert.True(code == 0, error);
        var model = ModelFile.Load(Path.Combine(first, "model.safetensors"));
        Assert.Equal("mobilenetv3_small_100:head=pooled", model.Architecture!.Name);
        Assert.Equal("goods", model.Card.Provenance[ProvenanceKeys.RecipeName]);
        (code, _, error) = Run(["train", data, "--task", "embedding", "--loss", "triplet", "--from", first, "--teacher", first, "-o", second, .. small]);
        Assert.True(code == 0, error);
        Assert.Equal("mobilenetv3_small_100:head=pooled", ModelFile.Load(Path.Combine(second, "model.safetensors")).Architecture!.Name);
        AssertRefused(
            Run(["train", data, "--task", "embedding", "-a", "mobilenetv3_small_100:head=gdc,features=64", "--from", classes, "--teacher", first,
                "-o", Path.Combine(_root, "never"), .. small]),
            "the student's 64");
    }

    [Fact]
    public void Pairs_judge_and_are_found_again()
    {
        string data = WriteIdentities(6, 4), pairs = Path.Combine(data, "pairs.tsv"), run = Path.Combine(_root, "run");
        File.WriteAllLines(pairs, Enumerable.Range(0, 12).Select(i =>
            i % 2 == 0 ? $"p{i / 2}/0.png\tp{i / 2}/1.png\t1" : $"p{i / 2}/0.png\tp{((i / 2) + 1) % 6}/2.png\t0"));
        var (code, output, error) = Run(
            "train", data, "--task", "embedding", "--pairs", pairs, "-o", run, "-a", "mobilenetv3_small_100", "--resolution", "32", "--epochs", "1",
            "--min-steps", "2", "--batch-size", "8");
        Assert.True(code == 0, error);
        Assert.Contains("of the pairs that were given", output, StringComparison.Ordinal);
        Assert.Equal(0, Run("train", "--repeat", run, "-o", Path.Combine(_root, "again")).Code);
        File.Delete(pairs);
        AssertRefused(Run("train", "--repeat", run, "-o", Path.Combine(_root, "never")), "pairs");
    }

    [Theory]
    [InlineData("--loss proxyanchor", "--loss is for embeddings")]
    [InlineData("--memory 10", "--memory is for embeddings")]
    [InlineData("--task embedding --loss archface", "arcface")]
    [InlineData("--task embedding --margin 3", "--margin")]
    [InlineData("--task embedding --memory 10", "has none")]
    [InlineData("--task embedding --loss triplet --batch-size 30", "multiple of 4")]
    [InlineData("--task embedding --mixup 0.2", "mixup")]
    [InlineData("--task embedding -a efficientnet_b0:head=gcd", "gdc, pooled")]
    [InlineData("--recipe arcface --task classification -a efficientnet_b0:head=gdc", "class scores")]
    public void Wrong_words_get_one_line_and_exit_code_2(string words, string named) =>
        AssertRefused(Run(["train", WriteIdentities(6, 3), .. words.Split(' '), "-o", Path.Combine(_root, "never")]), named);

    [Theory]
    [InlineData(1, 5, "four identities")]
    [InlineData(6, 1, "four identities")]
    public void Too_few_identities_are_said(int people, int images, string named) =>
        AssertRefused(Run("train", WriteIdentities(people, images), "--task", "embedding", "-o", Path.Combine(_root, "never")), named);

    private static void AssertRefused((int Code, string Output, string Error) result, string named)
    {
        Assert.Equal(2, result.Code);
        Assert.Contains(named, result.Error, StringComparison.Ordinal);
        Assert.Single(result.Error.Trim().Split('\n'), text => text.StartsWith("effnet:", StringComparison.Ordinal));
    }

    private string WriteIdentities(int people, int images)
    {
        string data = Path.Combine(_root, $"data{people}x{images}");
        for (int person = 0; person < people; person++)
        {
            string folder = Path.Combine(data, $"p{person}");
            Directory.CreateDirectory(folder);
            for (int image = 0; image < images; image++)
            {
                var random = new SeededRandom((ulong)person, (ulong)image);
                byte[] rgb = [.. Enumerable.Range(0, 32 * 32 * 3).Select(i => (byte)((person * 40 * ((i % 3) + 1) % 200) + random.NextInt(40)))];
                File.WriteAllBytes(Path.Combine(folder, $"{image}.png"), ImageEncoder.EncodePng(rgb, 32, 32));
            }
        }

        return data;
    }
}
