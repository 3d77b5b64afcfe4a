namespace EfficientNetSharp.Cli.Tests;

public sealed class RoomTableTests
{
    private const string Page = """
        Some words.

        | project | holds | may use |
        |---|---|---|
        | `EfficientNetSharp` | data | base class library |
        | `EfficientNetSharp.Middle` | `A/` this · `B/` that | core, Some.Package |
        | `EfficientNetSharp.Upper` | more | Middle, Other |
        | `EfficientNetSharp.Cli` | the tool | all |

        | another | table | here |
        """;

    private static readonly string[] Packages = ["Some.Package", "Other"];

    [Fact]
    public void Rooms_are_handed_on_and_packages_are_not()
    {
        var table = new RoomTable(Page, Packages);
        Assert.Equal(["EfficientNetSharp", "EfficientNetSharp.Middle", "EfficientNetSharp.Upper", "EfficientNetSharp.Cli"], table.Rooms);
        Assert.Empty(table.RoomsFor("EfficientNetSharp"));
        var rooms = table.RoomsFor("EfficientNetSharp.Upper");
        Assert.Equal(["EfficientNetSharp", "EfficientNetSharp.Middle"], rooms.Order(StringComparer.Ordinal));
        Assert.Equal(["Other"], table.PackagesFor("EfficientNetSharp.Upper"));
        Assert.Equal(3, table.RoomsFor("EfficientNetSharp.Cli").Count);
    }

    [Fact]
    public void A_circle_shows()
    {
        var table = new RoomTable(Page.Replace("core, Some", "Upper, Some", StringComparison.Ordinal), Packages);
        Assert.Contains("EfficientNetSharp.Middle", table.RoomsFor("EfficientNetSharp.Middle"));
    }

    [Theory]
    [InlineData("Middle, Other", "Midle, Other", "Midle")]
    [InlineData("Middle, Other", "Middle, Another", "Another")]
    [InlineData("Middle, Other", "Middle and Other", "Middle and Other")]
    [InlineData("| data |", "|", "2 cells")]
    [InlineData("EfficientNetSharp.Upper", "EfficientNetSharp.Middle", "two rows")]
    [InlineData("may use", "uses", "no table")]
    public void A_table_that_cannot_be_meant_is_refused(string part, string wrong, string expected)
    {
        string page = Page.Replace(part, wrong, StringComparison.Ordinal);
        var refusal = Assert.Throws<FormatException>(() => new RoomTable(page, Packages));
        Assert.Contains(expected, refusal.Message, StringComparison.Ordinal);
    }
}
