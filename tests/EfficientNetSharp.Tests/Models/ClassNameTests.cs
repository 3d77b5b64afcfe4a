using EfficientNetSharp.Models;

namespace EfficientNetSharp.Tests.Models;

public sealed class ClassNameTests : IDisposable
{
    private readonly string _path = Path.GetTempFileName();

    public void Dispose() => File.Delete(_path);

    [Theory]
    [InlineData("cat\r\ndog\n\n  tree frog \n")]
    [InlineData("""["cat", "dog", "tree frog"]""")]
    [InlineData("""{"1": "dog", "0": "cat", "2": "tree frog"}""")]
    [InlineData("""{"0": ["n1", "cat"], "1": ["n2", "dog"], "2": ["n3", "tree frog"]}""")]
    public void Names_come_in_the_order_of_the_outputs(string text)
    {
        File.WriteAllText(_path, text);
        var classes = ClassListFile.Read(_path);
        Assert.Equal(["cat", "dog", "tree frog"], classes.Names);
        Assert.Equal(text.Contains("n1", StringComparison.Ordinal) ? ["n1", "n2", "n3"] : [], classes.Ids);
    }

    [Theory]
    [InlineData("")]
    [InlineData("[]")]
    [InlineData("""{"0": "cat", "2": "dog"}""")]
    [InlineData("""{"first": "cat"}""")]
    [InlineData("""{"0": "cat", "00": "dog"}""")]
    [InlineData("""{"99999999999": "cat"}""")]
    [InlineData("[1, 2]")]
    [InlineData("[\"cat\"")]
    [InlineData("""{"0": []}""")]
    [InlineData("""[["n1", "cat"], ["n1", "dog"]]""")]
    [InlineData("""[[null, "cat"]]""")]
    public void Lists_with_holes_and_other_data_are_refused(string text)
    {
        File.WriteAllText(_path, text);
        Assert.Throws<InvalidInputException>(() => ClassListFile.Read(_path));
    }

    [Fact]
    public void A_class_is_found_by_name_then_by_index()
    {
        var classes = SmallModels.Card(0) with { Classes = ["1", "Cat", "cat", "dog", "twin", "twin"] };
        Assert.Equal(0, ClassNames.Find("1", classes));
        Assert.Equal(2, ClassNames.Find("2", classes));
        Assert.Equal(2, ClassNames.Find("cat", classes));
        Assert.Equal(3, ClassNames.Find("DOG", classes));
        Assert.Contains("index 4, index 5", Assert.Throws<InvalidInputException>(() => ClassNames.Find("twin", classes)).Message,
            StringComparison.Ordinal);
        Assert.Contains("0 to 5", Assert.Throws<InvalidInputException>(() => ClassNames.Find("6", classes)).Message,
            StringComparison.Ordinal);
        Assert.Contains("'dog'", Assert.Throws<InvalidInputException>(() => ClassNames.Find("do", classes)).Message,
            StringComparison.Ordinal);
    }

    [Fact]
    public void ImageNets_classes_are_found_by_id_and_by_name_and_twins_by_id_alone()
    {
        var classes = ImageNetClasses.List;
        Assert.Equal((1000, 1000), (classes.Names.Length, classes.Ids.Length));
        Assert.Equal(classes.Ids.Order(StringComparer.Ordinal), classes.Ids);
        // Published places: keras.applications' and torchvision's own lists.
        Assert.Equal(("tench", "great white shark", "crane", "crane", "toilet tissue"),
            (classes.Names[0], classes.Names[2], classes.Names[134], classes.Names[517], classes.Names[999]));
        Assert.Equal(["cardigan", "crane", "maillot"], classes.Names
            .GroupBy(name => name.ToUpperInvariant()).Where(group => group.Count() > 1)
            .Select(group => group.First().ToLowerInvariant()).Order());

        var places = new ClassPlaces(classes);
        for (int i = 0; i < 1000; i++) Assert.Equal(i, places.Find(classes.Ids[i]));
        Assert.Equal(2, places.Find("great_white_shark"));
        Assert.Equal(2, places.Find("Great White Shark"));
        Assert.Equal(134, places.Find("n02012849"));
        Assert.Null(places.Find("unicorn"));
        string twin = Assert.Throws<InvalidInputException>(() => places.Find("crane")).Message;
        Assert.Contains("n02012849, index 134, n03126707, index 517", twin, StringComparison.Ordinal);
    }

    [Fact]
    public void ImageNet21k_has_its_classes_in_the_order_of_its_ids()
    {
        var classes = ImageNetClasses.List21k;
        Assert.Equal((21_843, 21_843), (classes.Names.Length, classes.Ids.Length));
        Assert.Equal(classes.Ids.Distinct().Order(StringComparer.Ordinal), classes.Ids);
        Assert.Equal(("n00004475", "organism"), (classes.Ids[0], classes.Names[0]));
        // All of the 1,000 but the teddy bear, under the same names.
        var names = classes.Ids.Zip(classes.Names).ToDictionary(row => row.First, row => row.Second, StringComparer.Ordinal);
        Assert.Equal(["n04399382"], ImageNetClasses.List.Ids.Where(id => !names.ContainsKey(id)));
        foreach (var (id, name) in ImageNetClasses.List.Ids.Zip(ImageNetClasses.List.Names).Where(row => names.ContainsKey(row.First)))
            Assert.Equal(name, names[id]);
        Assert.Same(classes, ImageNetClasses.OfOutputs(21_843));
        Assert.Null(ImageNetClasses.OfOutputs(10));
        Assert.Same(classes, ClassListFile.Get("imagenet21k"));
    }

    [Fact]
    public void Ids_are_none_or_one_for_each_class()
    {
        var card = SmallModels.Card(0) with { Classes = ["a", "b"] };
        Assert.Equal(["x", "y"], ModelJson.ParseCard(ModelJson.Serialize(card with { ClassIds = ["x", "y"] })).ClassIds);
        foreach (string[] ids in (string[][])[["x"], ["x", "x"], ["x", ""], ["x", "y", "z"]])
            Assert.Throws<InvalidInputException>(() => ModelJson.Serialize(card with { ClassIds = [.. ids] }));
    }
}
