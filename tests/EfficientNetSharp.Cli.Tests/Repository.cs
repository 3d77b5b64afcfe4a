using System.Xml.Linq;

namespace EfficientNetSharp.Cli.Tests;

/// <summary>The working copy that the tests were built from.</summary>
internal static class Repository
{
    public static string Root { get; } = FindRoot();

    /// <summary>The projects below src, by their names.</summary>
    public static IEnumerable<string> Rooms =>
        Directory.EnumerateDirectories(Path.Combine(Root, "src"))
            .Where(folder => Directory.EnumerateFiles(folder, "*.csproj").Any())
            .Select(folder => Path.GetFileName(folder)!)
            .Order(StringComparer.Ordinal);

    /// <summary>The packages that projects may refer to, by their names.</summary>
    public static IEnumerable<string> Packages =>
        XDocument.Parse(Read("Directory.Packages.props")).Descendants("PackageVersion")
            .Select(package => package.Attribute("Include")!.Value);

    /// <summary>The pages for people: README, CONTRIBUTING and docs, by their paths from the root.</summary>
    public static IEnumerable<string> Pages =>
        Directory.EnumerateFiles(Path.Combine(Root, "docs"), "*.md").Select(file => "docs/" + Path.GetFileName(file))
            .Order(StringComparer.Ordinal).Prepend("CONTRIBUTING.md").Prepend("README.md");

    /// <summary>The pages below a folder, by their paths from the root; what builds leave there aside.</summary>
    public static IEnumerable<string> PagesBelow(string folder) =>
        Directory.EnumerateDirectories(Path.Combine(Root, folder)).SelectMany(each => Directory.EnumerateFiles(each, "*.md"))
            .Select(file => Path.GetRelativePath(Root, file).Replace('\\', '/'));

    public static string Read(string path) => File.ReadAllText(Path.Combine(Root, path));

    private static string FindRoot()
    {
        string folder = AppContext.BaseDirectory;
        while (!File.Exists(Path.Combine(folder, "EfficientNetSharp.slnx"))) folder = Path.GetDirectoryName(folder)!;
        return folder;
    }
}
