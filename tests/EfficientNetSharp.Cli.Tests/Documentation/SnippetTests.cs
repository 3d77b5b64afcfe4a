namespace EfficientNetSharp.Cli.Tests.Documentation;

/// <summary>Every block of C# in the pages compiles by itself against the libraries of today.</summary>
public sealed class SnippetTests
{
    private static readonly List<CodeBlock> Blocks =
        [.. Repository.Pages.SelectMany(page => new MarkdownPage(page, Repository.Read(page)).Blocks)];

    public static TheoryData<string, int> Snippets
    {
        get
        {
            var snippets = new TheoryData<string, int>();
            foreach (var block in Blocks.Where(block => block.Language == "csharp")) snippets.Add(block.Page, block.Line);
            return snippets;
        }
    }

    [Theory]
    [MemberData(nameof(Snippets))]
    public void Snippet_compiles(string page, int line)
    {
        var found = SnippetCompiler.Compile(Blocks.Single(block => block.Page == page && block.Line == line));
        Assert.True(found.IsEmpty, string.Join(Environment.NewLine, found));
    }

    // A block of another name, or of none, would slip past the compiler and past the gate, which runs what is tagged sh.
    [Fact]
    public void A_block_says_whether_it_is_compiled_run_or_only_read() =>
        Assert.DoesNotContain(Blocks, block => block.Language is not ("csharp" or "sh" or "text"));

    [Theory]
    [InlineData("Console.WriteLine(new[] { 1, 2 }.Sum());")]
    [InlineData("using EfficientNetSharp.Models;\nvar model = ModelFile.Load(\"a\");\n_ = new Pair(model);\nrecord Pair(Model Model);")]
    [InlineData("using EfficientNetSharp.Models;\nnamespace Mine;\npublic sealed record Pair(Model Model);")]
    [InlineData("await Task.Delay(1);")]
    public void Statements_usings_and_types_all_compile(string code) => Assert.Empty(Compile(code));

    [Theory]
    [InlineData("var graph = new Graf();", "page.md(7,17): error CS0246", "Graf")]
    [InlineData("using EfficientNetSharp.Models;\nModelFile.Lode(\"a\");", "page.md(8,11): error CS0117", "Lode")]
    [InlineData("using EfficientNetSharp.Models;", "page.md(7,1): error CS8019", "Unnecessary")]
    [InlineData("string text = null;", "page.md(7,15): warning CS8600", "null")]
    [InlineData("var terminal = new EfficientNetSharp.Cli.Terminal();", "page.md(7,38): error CS0234", "Cli")]
    public void An_error_says_where_it_is_and_what_the_compiler_says(string code, string place, string message)
    {
        string error = Assert.Single(Compile(code), found => found.StartsWith(place, StringComparison.Ordinal));
        Assert.Contains(message, error, StringComparison.Ordinal);
    }

    private static IEnumerable<string> Compile(string code) => SnippetCompiler.Compile(new CodeBlock("page.md", 7, "csharp", code));
}
