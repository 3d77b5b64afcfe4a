using System.Text.RegularExpressions;
using Microsoft.CodeAnalysis;

namespace EfficientNetSharp.Cli.Tests.Documentation;

/// <summary>What the pages call <c>Type.Member</c>, <c>Type.Member(…)</c> or <c>Type.Member = value</c> in backticks is there.</summary>
public sealed partial class NameTests
{
    private static readonly ILookup<string, INamedTypeSymbol> Types =
        TypesIn(SnippetCompiler.CreateCompilation().GlobalNamespace).ToLookup(type => type.Name);

    // By the extension's name, the types that it is a member of.
    private static readonly ILookup<string, ITypeSymbol> Extensions = Types.SelectMany(types => types)
        .Where(type => type.IsStatic && type.MightContainExtensionMethods)
        .SelectMany(type => type.GetMembers().OfType<IMethodSymbol>().Where(method => method.IsExtensionMethod))
        .ToLookup(method => method.Name, method => method.Parameters[0].Type);

    [Fact]
    public void Members_that_pages_name_exist() => Assert.Empty(
        Repository.Pages.SelectMany(page => new MarkdownPage(page, Repository.Read(page)).Spans)
            .Where(span => !IsRight(span.Text)).Select(span => $"{span.Page}:{span.Line}: there is no {span.Text}"));

    [Theory]
    [InlineData("ModelFile.Load", true)]
    [InlineData("ModelFile.Load(path)", true)]
    [InlineData("ModelFile.Lode", false)]
    [InlineData("ModelFile.Lode(path)", false)]
    [InlineData("ModelFail.Load", false)]
    [InlineData("BuildOptions.Classes = 0", true)]
    [InlineData("BuildOptions.Clauses = 0", false)]
    [InlineData("InvalidInputException.Message", true)] // inherited, from another library
    [InlineData("Graph.Features([8, 16])", true)] // an extension
    [InlineData("TarEntry.DataOffset", true)] // the framework's
    [InlineData("EfficientNetSharp.Cli", true)] // a project
    [InlineData("EfficientNetSharp.Climb", false)]
    [InlineData("ZstdSharp.Port", true)] // a package
    [InlineData("model.safetensors", true)] // no names of C#
    [InlineData("Directory.Packages.props", true)]
    public void Members_are_told_from_what_looks_alike(string text, bool isRight) => Assert.Equal(isRight, IsRight(text));

    private static bool IsRight(string text)
    {
        var match = Member().Match(text);
        return !match.Success
            || Types[match.Groups["type"].Value].Any(type => Has(type, match.Groups["member"].Value))
            || Extensions[match.Groups["member"].Value].Any(type => type.Name == match.Groups["type"].Value)
            || Repository.Rooms.Concat(Repository.Packages).Contains(text);
    }

    private static bool Has(INamedTypeSymbol type, string member)
    {
        for (var at = type; at is not null; at = at.BaseType)
            if (!at.GetMembers(member).IsEmpty) return true;
        return type.AllInterfaces.Any(at => !at.GetMembers(member).IsEmpty);
    }

    private static IEnumerable<INamedTypeSymbol> TypesIn(INamespaceOrTypeSymbol place) =>
        place.GetMembers().SelectMany(member => member switch
        {
            INamedTypeSymbol type => TypesIn(type).Prepend(type),
            INamespaceSymbol inner => TypesIn(inner),
            _ => [],
        });

    [GeneratedRegex(@"^(?<type>[A-Z]\w*)\.(?<member>[A-Z]\w*)(\(.*\)| = .+)?$")]
    private static partial Regex Member();
}
