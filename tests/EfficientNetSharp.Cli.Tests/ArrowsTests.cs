using System.Reflection;
using System.Text.Json;
using System.Xml.Linq;

namespace EfficientNetSharp.Cli.Tests;

/// <summary>Which room may use which: the table of docs/architecture.md against the project files and what the compiler referenced.</summary>
public sealed class ArrowsTests
{
    // Its row is "all", so there is nothing to hold it to.
    private const string Tool = "EfficientNetSharp.Cli";

    private static readonly string Repository = FindRepository();

    private static readonly RoomTable Table = new(
        File.ReadAllText(Path.Combine(Repository, "docs", "architecture.md")),
        Elements(Path.Combine(Repository, "Directory.Packages.props"), "PackageVersion").Select(package => package.Attribute("Include")!.Value));

    private static readonly Dictionary<string, string> PackagesByAssembly = ReadPackages();

    public static TheoryData<string> Rooms => [.. Table.Rooms.Where(room => room != Tool)];

    [Fact]
    public void Every_project_has_its_row() => Assert.Equal(
        Table.Rooms.Order(StringComparer.Ordinal),
        Directory.EnumerateDirectories(Path.Combine(Repository, "src")).Where(folder => Directory.EnumerateFiles(folder, "*.csproj").Any())
            .Select(folder => Path.GetFileName(folder)!).Order(StringComparer.Ordinal));

    [Theory]
    [MemberData(nameof(Rooms))]
    public void Arrows_do_not_come_back(string room) => Assert.DoesNotContain(room, Table.RoomsFor(room));

    [Theory]
    [MemberData(nameof(Rooms))]
    public void A_project_file_refers_only_to_what_the_table_gives_it(string room)
    {
        string project = Path.Combine(Repository, "src", room, room + ".csproj");
        var rooms = Elements(project, "ProjectReference").Select(reference => Path.GetFileNameWithoutExtension(reference.Attribute("Include")!.Value));
        Assert.Empty(rooms.Except(Table.RoomsFor(room)));
        // What stays private takes part in the build alone.
        var packages = Elements(project, "PackageReference").Where(reference => reference.Attribute("PrivateAssets")?.Value != "all")
            .Select(reference => reference.Attribute("Include")!.Value);
        Assert.DoesNotContain(packages, package => !IsGiven(room, package));
    }

    [Theory]
    [MemberData(nameof(Rooms))]
    public void A_room_uses_only_what_the_table_gives_it(string room)
    {
        string framework = Path.GetDirectoryName(typeof(object).Assembly.Location)!;
        foreach (string used in Assembly.Load(room).GetReferencedAssemblies().Select(name => name.Name!))
        {
            if (Table.Rooms.Contains(used)) Assert.Contains(used, Table.RoomsFor(room));
            else if (PackagesByAssembly.TryGetValue(used, out string? package)) Assert.True(IsGiven(room, package), $"{room} uses {used} of {package}");
            else Assert.True(File.Exists(Path.Combine(framework, used + ".dll")), $"{room} uses {used}");
        }
    }

    [Theory]
    [MemberData(nameof(Rooms))]
    public void Types_of_packages_stay_out_of_public_signatures(string room)
    {
        foreach (var type in Assembly.Load(room).GetExportedTypes())
        {
            var mentioned = type.GetMembers(BindingFlags.Public | BindingFlags.Instance | BindingFlags.Static | BindingFlags.DeclaredOnly).SelectMany(member => member switch
            {
                MethodBase method => method.GetParameters().Select(parameter => parameter.ParameterType).Append((method as MethodInfo)?.ReturnType ?? typeof(void)),
                PropertyInfo property => [property.PropertyType],
                FieldInfo field => [field.FieldType],
                _ => [],
            });
            foreach (var used in mentioned.SelectMany(Inside)) Assert.DoesNotContain(used.Assembly.GetName().Name!, PackagesByAssembly.Keys);
        }

        static IEnumerable<Type> Inside(Type type) =>
            type.HasElementType ? Inside(type.GetElementType()!) : type.IsGenericType ? type.GetGenericArguments().SelectMany(Inside).Append(type) : [type];
    }

    [Fact]
    public void Packages_are_known_by_their_assemblies() =>
        Assert.Equal(("Parquet.Net", "MPI.NET"), (PackagesByAssembly["Parquet"], PackagesByAssembly["MPI"]));

    // A package's name stands for its parts too: SkiaSharp for its native assets.
    private static bool IsGiven(string room, string package) =>
        Table.PackagesFor(room).Any(given => package == given || package.StartsWith(given + ".", StringComparison.Ordinal));

    private static IEnumerable<XElement> Elements(string file, string name) => XDocument.Load(file).Descendants(name).Where(element => element.Attribute("Include") is not null);

    // What the build wrote down for the runtime: the assemblies of each package.
    private static Dictionary<string, string> ReadPackages()
    {
        using var json = JsonDocument.Parse(File.ReadAllText(Path.Combine(AppContext.BaseDirectory, "EfficientNetSharp.Cli.Tests.deps.json")));
        var packages = new Dictionary<string, string>(StringComparer.Ordinal);
        foreach (var library in json.RootElement.GetProperty("targets").EnumerateObject().SelectMany(target => target.Value.EnumerateObject()))
        {
            if (json.RootElement.GetProperty("libraries").GetProperty(library.Name).GetProperty("type").GetString() != "package") continue;
            if (!library.Value.TryGetProperty("runtime", out var files)) continue;
            foreach (var file in files.EnumerateObject()) packages[Path.GetFileNameWithoutExtension(file.Name)] = library.Name.Split('/')[0];
        }

        return packages;
    }

    private static string FindRepository()
    {
        string folder = AppContext.BaseDirectory;
        while (!File.Exists(Path.Combine(folder, "EfficientNetSharp.slnx"))) folder = Path.GetDirectoryName(folder)!;
        return folder;
    }
}
