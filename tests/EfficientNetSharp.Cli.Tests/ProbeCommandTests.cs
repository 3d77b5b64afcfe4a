using System.Collections.Immutable;
using System.Text.Json.Nodes;
using EfficientNetSharp.Models;
using static EfficientNetSharp.Cli.Tests.Tool;

namespace EfficientNetSharp.Cli.Tests;

/// <summary>Training from trained weights as it is by default, and the evaluation of what comes of it.</summary>
public sealed class ProbeCommandTests : IDisposable
{
    private readonly string _root = Directory.CreateTempSubdirectory("probe").FullName;
    private readonly string _data;
    private readonly string _start;

    public ProbeCommandTests()
    {
        _data = TwoClasses.Write(Path.Combine(_root, "images"));
        _start = Path.Combine(_root, "start", "model.safetensors");
        var (code, _, error) = Run(
            "train", _data, "-o", Path.GetDirectoryName(_start)!, "--resolution", "32", "--epochs", "1", "--batch-size", "4", "-a",
            "mobilenetv3_small_100");
        Assert.Equal(0, code);
        Assert.Contains("from nothing", error, StringComparison.Ordinal);
        Assert.Contains("--from", error, StringComparison.Ordinal);
        // Weights of somebody else's, who had other images and other classes.
        var model = ModelFile.Load(_start);
        ModelFile.Save(
            model with { Card = model.Card with { Provenance = ImmutableSortedDictionary<string, string>.Empty } }, _start);
        Directory.Move(Path.Combine(_data, "dark"), Path.Combine(_data, "night"));
    }

    public void Dispose() => Directory.Delete(_root, recursive: true);

    [Fact]
    public void A_probe_is_a_model_that_has_learned_from_all_images_and_is_not_judged_by_them()
    {
        string run = Path.Combine(_root, "run");
        var (code, output, error) = Run("train", _data, "--from", _start, "-o", run, "--probe-only");
        Assert.Equal(0, code);
        Assert.DoesNotContain("from nothing", error, StringComparison.Ordinal);
        Assert.Contains("24 images of 2 classes, held out in turn in 3 folds", error, StringComparison.Ordinal);
        Assert.Contains("by cross-validation; the model has learned from all 24 images", output, StringComparison.Ordinal);
        Assert.True(File.Exists(Path.Combine(run, "report.html")));

        string model = Path.Combine(run, "model.safetensors");
        var evaluated = Run("evaluate", model, _data);
        Assert.Equal(0, evaluated.Code);
        Assert.Contains("trained on all of these images", evaluated.Error, StringComparison.Ordinal);
        Assert.Contains("by cross-validation", evaluated.Output, StringComparison.Ordinal);
        var json = JsonNode.Parse(Run("evaluate", model, _data, "--json").Output)!;
        Assert.Equal(0, json["count"]!.GetValue<int>());
        Assert.Equal(
            ModelFile.Load(model).Card.Provenance[ProvenanceKeys.CrossValidated("top1")],
            json["crossValidatedTop1"]!.GetValue<double>().ToString("R", System.Globalization.CultureInfo.InvariantCulture));
        Assert.Equal(
            24, JsonNode.Parse(Run("evaluate", model, _data, "--json", "--include-trained").Output)!["count"]!.GetValue<int>());
    }

    [Fact]
    public void By_default_both_are_told_and_the_folds_leave_nothing_behind()
    {
        string run = Path.Combine(_root, "run");
        string[] words = ["train", _data, "--from", _start, "-o", run, "--min-steps", "4", "--batch-size", "8"];
        var (code, output, _) = Run(words);
        Assert.Equal(0, code);
        Assert.Contains("probe:   top-1 ", output, StringComparison.Ordinal);
        Assert.Contains("tuned:   top-1 ", output, StringComparison.Ordinal);
        Assert.Single(output.Split('\n'), line => line.Contains("kept", StringComparison.Ordinal));
        Assert.Empty(Directory.EnumerateDirectories(run, "fold-*"));
        Assert.True(File.Exists(Path.Combine(run, "probe.safetensors")));

        Assert.Equal(2, Run(words).Code);
        byte[] model = File.ReadAllBytes(Path.Combine(run, "model.safetensors"));
        Assert.Equal(0, Run([.. words, "--resume"]).Code);
        Assert.Equal(model, File.ReadAllBytes(Path.Combine(run, "model.safetensors")));
    }

    [Fact]
    public void A_share_that_is_named_is_set_aside_for_good_and_judges()
    {
        string run = Path.Combine(_root, "run");
        Assert.Equal(0, Run(
            "train", _data, "--from", _start, "-o", run, "--probe-only", "--validation-fraction", "0.25").Code);
        var json = JsonNode.Parse(Run("evaluate", Path.Combine(run, "model.safetensors"), _data, "--json").Output)!;
        Assert.Equal((6, 18), (json["count"]!.GetValue<int>(), json["trainedOn"]!.GetValue<int>()));
    }

    [Fact]
    public void A_probe_needs_trained_weights()
    {
        var (code, _, error) = Run("train", _data, "-o", Path.Combine(_root, "run"), "--probe-only");
        Assert.Equal(2, code);
        Assert.Contains("--from", error, StringComparison.Ordinal);
    }
}
