namespace EfficientNetSharp.Cli.Tests.Documentation;

public sealed class MarkdownPageTests
{
    [Fact]
    public void Blocks_and_spans_have_the_lines_of_the_page()
    {
        const string csharp = "Words and `A.B`.\r\n```csharp\r\nint `a`;\r\n\r\nint b;\r\n```\r\n";
        const string list = "\r\n- item `c` and `d e`\r\n  ```sh\r\n  ls\r\n  ```\r\n";
        var page = new MarkdownPage("page.md", csharp + list);
        Assert.Equal(
            [new CodeBlock("page.md", 3, "csharp", "int `a`;\n\nint b;"), new CodeBlock("page.md", 10, "sh", "  ls")],
            page.Blocks.AsEnumerable());
        Assert.Equal(
            [new CodeSpan("page.md", 1, "A.B"), new CodeSpan("page.md", 8, "c"), new CodeSpan("page.md", 8, "d e")],
            page.Spans.AsEnumerable());
    }

    [Fact]
    public void Links_and_headings_are_those_outside_of_code()
    {
        var page = new MarkdownPage(
            "page.md",
            "# A, b\n[`x`](a.md#b), `[no](c)` and ![d](e.png \"f\")\n```sh\n# [no](g)\n```\n<img src=\"h.png\" alt=\"\">\n## A b\n[![i](j)](k)");
        Assert.Equal(
            [("a.md#b", 2), ("e.png", 2), ("h.png", 6), ("j", 8), ("k", 8)], page.Links.Select(link => (link.Target, link.Line)));
        Assert.Equal(["a-b", "a-b-1"], page.Anchors.AsEnumerable());
    }

    [Fact]
    public void Three_backticks_within_a_line_are_no_block() =>
        Assert.Empty(new MarkdownPage("page.md", "``` not a block ```").Blocks);

    [Fact]
    public void A_block_that_does_not_end_is_refused()
    {
        var refusal = Assert.Throws<FormatException>(() => new MarkdownPage("page.md", "\n```csharp\nint a;"));
        Assert.StartsWith("page.md:2:", refusal.Message, StringComparison.Ordinal);
    }
}
