namespace EfficientNetSharp.Cli.Tests.Documentation;

/// <summary>What pages link to and show is in the repository, headings included; addresses of the web are not looked up.</summary>
public sealed class LinkTests
{
    [Fact]
    public void What_pages_link_to_exists()
    {
        var pages = Repository.Pages.Append("CHANGELOG.md").Concat(Repository.PagesBelow("bench")).ToList();
        var links = pages.SelectMany(page => new MarkdownPage(page, Repository.Read(page)).Links).ToList();
        Assert.NotEmpty(links);
        Assert.Empty(links.Where(link => Fault(link, Repository.Root) is not null)
            .Select(link => $"{link.Page}:{link.Line}: '{link.Target}' {Fault(link, Repository.Root)}"));
    }

    [Fact]
    public void Every_page_of_the_docs_is_in_the_tables_of_the_README()
    {
        var linked = new MarkdownPage("README.md", Repository.Read("README.md")).Links.Select(link => link.Target).ToHashSet();
        Assert.DoesNotContain(Repository.Pages, page => page.StartsWith("docs/", StringComparison.Ordinal) && !linked.Contains(page));
    }

    [Theory]
    [InlineData("https://example.org/nowhere", null)]
    [InlineData("other.md", null)]
    [InlineData("other.md#two-words-and-code", null)]
    [InlineData("other.md#two-words-and-code-1", null)]
    [InlineData("#here", null)]
    [InlineData("../README.md", null)]
    [InlineData("folder/", null)]
    [InlineData("missing.png", "is not there")]
    [InlineData("Other.md", "is not there")] // in other letters' case, which some file systems would take
    [InlineData("../../outside.md", "leads out of the repository")]
    [InlineData("/other.md", "leads out of the repository")]
    [InlineData("other.md#Two-words", "is no heading of docs/other.md")]
    [InlineData("other.md#in-a-block", "is no heading of docs/other.md")]
    [InlineData("#two-words-and-code", "is no heading of docs/page.md")]
    public void A_link_that_leads_nowhere_is_told(string target, string? fault)
    {
        string root = Directory.CreateTempSubdirectory().FullName;
        try
        {
            Directory.CreateDirectory(Path.Combine(root, "docs", "folder"));
            File.WriteAllText(Path.Combine(root, "README.md"), "# Readme");
            File.WriteAllText(Path.Combine(root, "docs", "page.md"), "# Here");
            File.WriteAllText(
                Path.Combine(root, "docs", "other.md"),
                "## Two words, and `code`\n```sh\n# in a block\n```\n## Two [words](page.md) and code\n");
            Assert.Equal(fault, Fault(new PageLink("docs/page.md", 1, target), root));
        }
        finally
        {
            Directory.Delete(root, recursive: true);
        }
    }

    // What is wrong with a link, or null.
    private static string? Fault(PageLink link, string root)
    {
        if (Uri.TryCreate(link.Target, UriKind.Absolute, out var address) && !address.IsFile) return null;
        string[] parts = link.Target.Split('#', 2);
        var steps = new List<string>();
        if (link.Target.StartsWith('/')) return "leads out of the repository";
        foreach (string step in parts[0].Length == 0 ? link.Page.Split('/') : [.. link.Page.Split('/')[..^1], .. parts[0].Split('/')])
        {
            if (step is "" or ".") continue;
            if (step != "..") steps.Add(step);
            else if (steps.Count == 0) return "leads out of the repository";
            else steps.RemoveAt(steps.Count - 1);
        }

        if (!IsThere(root, steps)) return "is not there";
        string path = string.Join('/', steps);
        return parts.Length == 1 || new MarkdownPage(path, File.ReadAllText(Path.Combine(root, path))).Anchors.Contains(parts[1])
            ? null
            : $"is no heading of {path}";
    }

    private static bool IsThere(string root, IEnumerable<string> steps)
    {
        string at = root;
        foreach (string step in steps)
        {
            if (!Directory.Exists(at) || !Directory.EnumerateFileSystemEntries(at).Any(entry => Path.GetFileName(entry) == step)) return false;
            at = Path.Combine(at, step);
        }

        return true;
    }
}
