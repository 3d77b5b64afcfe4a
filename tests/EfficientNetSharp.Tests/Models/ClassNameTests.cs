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
        Assert.Equal(["cat", "dog", "tree frog"], ClassNameFile.Read(_path));
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
    public void Lists_with_holes_and_other_data_are_refused(string text)
    {
        File.WriteAllText(_path, text);
        Assert.Throws<InvalidInputException>(() => ClassNameFile.Read(_path));
    }

    [Fact]
    public void A_class_is_found_by_name_then_by_index()
    {
        string[] classes = ["1", "Cat", "cat", "dog", "twin", "twin"];
        Assert.Equal(0, ClassNames.Find("1", classes));
        Assert.Equal(2, ClassNames.Find("2", classes));
        Assert.Equal(2, ClassNames.Find("cat", classes));
        Assert.Equal(3, ClassNames.Find("DOG", classes));
        Assert.Contains("4, 5", Assert.Throws<InvalidInputException>(() => ClassNames.Find("twin", classes)).Message,
            StringComparison.Ordinal);
        Assert.Contains("0 to 5", Assert.Throws<InvalidInputException>(() => ClassNames.Find("6", classes)).Message,
            StringComparison.Ordinal);
        Assert.Contains("'dog'", Assert.Throws<InvalidInputException>(() => ClassNames.Find("do", classes)).Message,
            StringComparison.Ordinal);
    }
}
