using EfficientNetSharp.Models;
using EfficientNetSharp.Training.Distillation;
using EfficientNetSharp.Training.Tasks;
using EfficientNetSharp.Training.Transfer;
using static EfficientNetSharp.Training.Tests.SmallJobs;

namespace EfficientNetSharp.Training.Tests.Transfer;

/// <summary>What a trained model's card says of the models that it was made from.</summary>
public sealed class ModelOriginTests : IDisposable
{
    private readonly string _root = Directory.CreateTempSubdirectory("origin").FullName;

    public void Dispose() => Directory.Delete(_root, recursive: true);

    [Fact]
    public void The_lineage_is_kept_over_generations()
    {
        var first = TrainOn(null, "first");
        var provenance = first.Card.Provenance.Clear().Add("source", "timm").Add("licence", "Apache-2.0").Add("published_as", "tiny.in1k");
        var imported = first with { Card = first.Card with { Provenance = provenance } };
        string file = Path.Combine(_root, "imported.safetensors");
        ModelFile.Save(imported, file);
        var second = TrainOn(ModelOrigin.Of(imported, file), "second");
        var third = TrainOn(ModelOrigin.Of(second), "third");

        var card = second.Card.Provenance;
        Assert.Equal(("tiny.in1k", "imported.safetensors"), (card["from_name"], card["from_file"]));
        Assert.Equal(("timm", "Apache-2.0"), (card["from_source"], card["from_licence"]));
        Assert.Equal(SourceFile.Of(file).Sha256, card["from_sha256"]);
        Assert.Equal("second", card["recipe_name"]);
        card = third.Card.Provenance;
        Assert.Equal(("tiny", "second"), (card["from_name"], card["from_recipe_name"]));
        Assert.Equal(("Apache-2.0", "tiny.in1k"), (card["from_from_licence"], card["from_from_name"]));
        Assert.DoesNotContain("from_file", card.Keys);
    }

    [Fact]
    public void A_teacher_is_in_its_students_card()
    {
        var taught = TrainOn(null, "teacher");
        using var teacher = Teacher.Of(taught);
        var job = In(null) with { Recipe = Recipe with { Epochs = 1 }, Task = new DistillationTask(teacher) };
        var student = Train(job).Model.Card.Provenance;
        Assert.Equal(("distillation", "tiny", "teacher"), (student["task"], student["teacher_name"], student["teacher_recipe_name"]));
    }

    [Fact]
    public void A_run_with_another_teacher_is_not_continued()
    {
        using var teacher = Teacher.Of(TrainOn(null, "one"));
        using var other = Teacher.Of(Train(In(null) with { Recipe = Recipe with { Epochs = 1, Seed = 99 } }).Model);
        var job = In(Path.Combine(_root, "run")) with { Recipe = Recipe with { Epochs = 1 }, Task = new DistillationTask(teacher) };
        Train(job);
        Train(job with { Resume = true });
        var changed = job with { Resume = true, Task = new DistillationTask(other) };
        Assert.Contains("teacher", Assert.Throws<InvalidInputException>(() => Train(changed)).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void All_keys_are_in_one_style() => Assert.All(
        TrainOn(null, "keys").Card.Provenance.Keys, key => Assert.Matches("^[a-z0-9]+(_[a-z0-9]+)*$", key));

    private static Model TrainOn(ModelOrigin? from, string recipe) =>
        Train(In(null) with { Recipe = Recipe with { Epochs = 1 }, From = from, RecipeName = recipe }).Model;
}
