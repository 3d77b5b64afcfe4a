using System.Reflection;
using System.Text.Json;
using System.Xml.Linq;

namespace EfficientNetSharp.Cli.Tests;

/// <summary>The table of rooms in docs/architecture.md against the project files and what the compiler referenced.</summary>
public sealed class ArrowsTests
{
    // Its row is "all", so there is nothing to hold it to.
    private const string Tool = "EfficientNetSharp.Cli";

    private static readonly RoomTable Table = new(Repository.Read("docs/architecture.md"), Repository.Packages);

    private static readonly Dictionary<string, string> PackagesByAssembly = ReadPackages();

    public static TheoryData<string> Rooms => [.. Table.Rooms.Where(room => room != Tool)];

    [Fact]
    public void Every_project_has_its_row() => Assert.Equal(Table.Rooms.Order(StringComparer.Ordinal), Repository.Rooms);

    [Theory]
    [MemberData(nameof(Rooms))]
    public void Arrows_do_not_come_back(string room) => Assert.DoesNotContain(room, Table.RoomsFor(room));

    [Theory]
    [MemberData(nameof(Rooms))]
    public void A_project_file_refers_only_to_what_the_table_gives_it(string room)
    {
        string project = Path.Combine(Repository.Root, "src", room, room + ".csproj");
        var rooms = Included(project, "ProjectReference").Select(reference => Path.GetFileNameWithoutExtension(NameOf(reference)));
        Assert.Empty(rooms.Except(Table.RoomsFor(room)));
        // What stays private takes part in the build alone.
        var packages = Included(project, "PackageReference")
            .Where(reference => reference.Attribute("PrivateAssets")?.Value != "all").Select(NameOf);
        Assert.DoesNotContain(packages, package => !IsGiven(room, package));
    }

    [Theory]
    [MemberData(nameof(Rooms))]
    public void A_room_uses_only_what_the_table_gives_it(string room)
    {
        string framework = Path.GetDirectoryName(typeof(object).Assembly.Location)!;
        foreach (string used in Assembly.Load(room).GetReferencedAssemblies().Select(name => name.Name!))
        {
            bool isGiven = Table.Rooms.Contains(used) ? Table.RoomsFor(room).Contains(used)
                : PackagesByAssembly.TryGetValue(used, out string? package) ? IsGiven(room, package)
                : File.Exists(Path.Combine(framework, used + ".dll"));
            Assert.True(isGiven, $"{room} uses {used}");
        }
    }

    [Theory]
    [MemberData(nameof(Rooms))]
    public void Types_of_packages_stay_out_of_public_signatures(string room)
    {
        foreach (var type in Assembly.Load(room).GetExportedTypes())
        {
            const BindingFlags all = BindingFlags.Public | BindingFlags.Instance | BindingFlags.Static | BindingFlags.DeclaredOnly;
            foreach (var used in type.GetMembers(all).SelectMany(Mentioned).SelectMany(Inside))
                Assert.DoesNotContain(used.Assembly.GetName().Name!, PackagesByAssembly.Keys);
        }

        // What overrides a member of a package's class can only repeat the signature that it has there.
        static IEnumerable<Type> Mentioned(MemberInfo member) => member switch
        {
            MethodInfo method when method.GetBaseDefinition().Module != method.Module => [],
            MethodInfo method => method.GetParameters().Select(parameter => parameter.ParameterType).Append(method.ReturnType),
            ConstructorInfo constructor => constructor.GetParameters().Select(parameter => parameter.ParameterType),
            PropertyInfo property => [property.PropertyType],
            FieldInfo field => [field.FieldType],
            _ => [],
        };

        static IEnumerable<Type> Inside(Type type) =>
            type.HasElementType ? Inside(type.GetElementType()!)
            : type.IsGenericType ? type.GetGenericArguments().SelectMany(Inside).Append(type)
            : [type];
    }

    [Fact]
    public void Packages_are_known_by_their_assemblies() =>
        Assert.Equal(("ZstdSharp.Port", "MPI.NET"), (PackagesByAssembly["ZstdSharp"], PackagesByAssembly["MPI"]));

    // A package's name stands for its parts too: SkiaSharp for its native assets.
    private static bool IsGiven(string room, string package) =>
        Table.PackagesFor(room).Any(given => package == given || package.StartsWith(given + ".", StringComparison.Ordinal));

    private static IEnumerable<XElement> Included(string file, string name) =>
        XDocument.Load(file).Descendants(name).Where(element => element.Attribute("Include") is not null);

    private static string NameOf(XElement element) => element.Attribute("Include")!.Value;

    // What the build wrote down for the runtime: the assemblies of each package.
    private static Dictionary<string, string> ReadPackages()
    {
        string file = Path.Combine(AppContext.BaseDirectory, "EfficientNetSharp.Cli.Tests.deps.json");
        using var json = JsonDocument.Parse(File.ReadAllText(file));
        var kinds = json.RootElement.GetProperty("libraries");
        var libraries = json.RootElement.GetProperty("targets").EnumerateObject().SelectMany(target => target.Value.EnumerateObject());
        var packages = new Dictionary<string, string>(StringComparer.Ordinal);
        foreach (var library in libraries.Where(library => kinds.GetProperty(library.Name).GetProperty("type").GetString() == "package"))
        {
            if (!library.Value.TryGetProperty("runtime", out var assemblies)) continue;
            foreach (var assembly in assemblies.EnumerateObject())
                packages[Path.GetFileNameWithoutExtension(assembly.Name)] = library.Name.Split('/')[0];
        }

        return packages;
    }
}
