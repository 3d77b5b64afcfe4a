using EfficientNetSharp.Data.Formats;

namespace EfficientNetSharp.Data.Tests;

/// <summary>Identities set aside, so that an embedding is judged on strangers.</summary>
public sealed class HeldOutClassesTests : IDisposable
{
    private readonly string _root = Directory.CreateTempSubdirectory("held").FullName;

    public void Dispose() => Directory.Delete(_root, recursive: true);

    [Fact]
    public void Whole_classes_go_and_both_parts_have_lists_of_their_own()
    {
        for (int person = 0; person < 20; person++) Write($"p{person:D2}", person % 4 == 0 ? 1 : 3);
        var splits = Open(new DatasetOptions { HoldsOutClasses = true, ValidationFraction = 0.3, Seed = 4 });
        Assert.True(splits.HoldsOutClasses);
        Assert.Null(splits.Undivided);
        Assert.Equal(5, splits.Validation.Classes.Length);
        Assert.Equal(15, splits.Train.Classes.Length);
        Assert.Empty(splits.Train.Classes.Intersect(splits.Validation.Classes));
        foreach (var part in new[] { splits.Train, splits.Validation })
        {
            Assert.All(part.CountsOfClasses(), count => Assert.InRange(count, 1, 3));
            for (int i = 0; i < part.Count; i++) Assert.StartsWith(part.Classes[part.LabelOf(i)], part.NameOf(i), StringComparison.Ordinal);
        }

        // With an image alone nothing can be compared.
        Assert.All(splits.Validation.CountsOfClasses(), count => Assert.Equal(3, count));
    }

    [Fact]
    public void The_choice_follows_from_names_and_seed()
    {
        for (int person = 0; person < 12; person++) Write($"p{person:D2}", 2);
        string[] Held(ulong seed) => [.. Open(new DatasetOptions { HoldsOutClasses = true, Seed = seed }).Validation.Classes];
        Assert.Equal(Held(1), Held(1));
        Assert.NotEqual(Held(1), Held(2));
        var before = Held(1);
        Write("q99", 2);
        Assert.True(Held(1).Intersect(before).Count() >= before.Length - 1);
    }

    [Fact]
    public void Parts_may_have_identities_of_their_own()
    {
        foreach (string name in new[] { "train/a", "train/b", "train/c", "val/x", "val/y" }) Write(name, 2);
        var splits = Open(new DatasetOptions { HoldsOutClasses = true });
        Assert.Equal(["a", "b", "c"], splits.Train.Classes);
        Assert.Equal(["x", "y"], splits.Validation.Classes);
        Assert.DoesNotContain(splits.Warnings, warning => warning.Contains("strangers", StringComparison.Ordinal));
        Write("val/a", 2);
        Assert.Contains(Open(new DatasetOptions { HoldsOutClasses = true }).Warnings,
            warning => warning.Contains("learns 1 of the 3 identities", StringComparison.Ordinal));
        Assert.Throws<InvalidInputException>(() => Open(new DatasetOptions()));
    }

    [Fact]
    public void Identities_that_judge_alone_are_known_or_not_whoever_chooses_the_epoch()
    {
        foreach (string name in new[] { "train/a", "train/b", "train/c", "train/d", "train/e", "train/f", "test/x" }) Write(name, 2);
        string[] Warnings() => [.. Open(new DatasetOptions { HoldsOutClasses = true, MinivalFraction = 0.3 }).Warnings
            .Where(warning => warning.Contains("strangers", StringComparison.Ordinal))];
        Assert.Empty(Warnings());
        foreach (string name in new[] { "test/a", "test/b", "test/c", "test/d", "test/e", "test/f" }) Write(name, 2);
        Assert.Contains("of the 7 identities", Assert.Single(Warnings()), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(3, 3)]
    [InlineData(5, 1)]
    public void Too_few_are_refused(int people, int images)
    {
        for (int person = 0; person < people; person++) Write($"p{person}", images);
        Assert.Contains("four identities", Assert.Throws<InvalidInputException>(() => Open(new DatasetOptions { HoldsOutClasses = true })).Message,
            StringComparison.Ordinal);
    }

    private DatasetSplits Open(DatasetOptions options) => Datasets.OpenForTraining(_root, options);

    private void Write(string folder, int images)
    {
        string path = Path.Combine(_root, folder);
        Directory.CreateDirectory(path);
        for (int i = 0; i < images; i++) File.WriteAllBytes(Path.Combine(path, $"{i}.jpg"), [1, 2, 3]);
    }
}
