using System.Collections.Immutable;
using System.Reflection;
using System.Text;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;
using Microsoft.CodeAnalysis.CSharp.Syntax;
using Microsoft.CodeAnalysis.Text;

namespace EfficientNetSharp.Cli.Tests.Documentation;

/// <summary>Compiles a block of C# as the one file of a new project that refers to every library under src.</summary>
internal static class SnippetCompiler
{
    private static readonly CSharpParseOptions Language = new(LanguageVersion.CSharp14);

    // What the SDK writes for ImplicitUsings.
    private static readonly SyntaxTree ImplicitUsings = CSharpSyntaxTree.ParseText(
        string.Concat(new[]
        {
            "System", "System.Collections.Generic", "System.IO", "System.Linq", "System.Net.Http", "System.Threading",
            "System.Threading.Tasks",
        }.Select(name => $"global using {name};\n")),
        Language);

    private static readonly ImmutableArray<MetadataReference> References = FindReferences();

    private static readonly CSharpCompilationOptions Options = new(
        OutputKind.DynamicallyLinkedLibrary, nullableContextOptions: NullableContextOptions.Enable,
        specificDiagnosticOptions: new Dictionary<string, ReportDiagnostic>
        {
            // The two of assemblies' versions that the SDK silences; and a using that a move left behind shows.
            ["CS1701"] = ReportDiagnostic.Suppress, ["CS1702"] = ReportDiagnostic.Suppress, ["CS8019"] = ReportDiagnostic.Error,
        });

    /// <summary>The compiler's errors and warnings, with the block's page and the page's lines; none if it compiles.</summary>
    public static ImmutableArray<string> Compile(CodeBlock block)
    {
        // As many empty lines before the code as the page has, so that the compiler counts the page's lines.
        var source = SourceText.From(new string('\n', block.Line - 1) + block.Code, Encoding.UTF8);
        var tree = CSharpSyntaxTree.ParseText(source, Language, block.Page);
        bool isProgram = tree.GetCompilationUnitRoot().Members.OfType<GlobalStatementSyntax>().Any();
        return
        [
            .. CreateCompilation(ImplicitUsings, tree)
                .WithOptions(Options.WithOutputKind(isProgram ? OutputKind.ConsoleApplication : OutputKind.DynamicallyLinkedLibrary))
                .GetDiagnostics()
                .Where(found => found.Severity >= DiagnosticSeverity.Warning && found.Location.SourceTree != ImplicitUsings)
                .Select(found => CSharpDiagnosticFormatter.Instance.Format(found)),
        ];
    }

    /// <summary>A compilation of some source that sees the framework and the libraries.</summary>
    public static CSharpCompilation CreateCompilation(params SyntaxTree[] trees) =>
        CSharpCompilation.Create("Snippet", trees, References, Options);

    // The framework is what the runtime was given from elsewhere than beside the tests. Packages are left out, as no public signature needs
    // them, but those whose classes and interfaces public types have for their bases.
    private static ImmutableArray<MetadataReference> FindReferences()
    {
        var given = ((string)AppContext.GetData("TRUSTED_PLATFORM_ASSEMBLIES")!).Split(Path.PathSeparator);
        var framework = given.Where(path => !IsBesideTests(path));
        var libraries = Repository.Rooms.Where(room => room != "EfficientNetSharp.Cli").Select(Assembly.Load).ToList();
        var bases = libraries.SelectMany(library => library.GetExportedTypes())
            .SelectMany(type => type.GetInterfaces().Append(type.BaseType ?? typeof(object))).Select(type => type.Assembly);
        var beside = libraries.Concat(bases).Distinct().Select(assembly => assembly.Location).Where(IsBesideTests);
        return [.. framework.Concat(beside).Select(path => MetadataReference.CreateFromFile(path))];

        static bool IsBesideTests(string path) => path.StartsWith(AppContext.BaseDirectory, StringComparison.Ordinal);
    }
}
