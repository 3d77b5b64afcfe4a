using System.Reflection;

namespace EfficientNetSharp.Cli.Tests;

/// <summary>Which room may use which: the table of docs/architecture.md, checked on what the compiler really referenced.</summary>
public sealed class ArrowsTests
{
    private static readonly Dictionary<string, string[]> Allowed = new(StringComparer.Ordinal)
    {
        ["EfficientNetSharp"] = [],
        ["EfficientNetSharp.Weights"] = ["EfficientNetSharp"],
        ["EfficientNetSharp.Imaging"] = ["EfficientNetSharp", "SkiaSharp"],
        ["EfficientNetSharp.Data"] = ["EfficientNetSharp", "EfficientNetSharp.Imaging", "Parquet"],
        ["EfficientNetSharp.Evaluation"] = ["EfficientNetSharp", "EfficientNetSharp.Imaging", "EfficientNetSharp.Data"],
        ["EfficientNetSharp.Inference"] = ["EfficientNetSharp"],
        ["EfficientNetSharp.Onnx"] = ["EfficientNetSharp", "Google.Protobuf", "Microsoft.ML.OnnxRuntime"],
        ["EfficientNetSharp.Training"] =
            ["EfficientNetSharp", "EfficientNetSharp.Imaging", "EfficientNetSharp.Data", "EfficientNetSharp.Evaluation", "TorchSharp", "MPI"],
    };

    public static TheoryData<string> Rooms => [.. Allowed.Keys];

    [Theory]
    [MemberData(nameof(Rooms))]
    public void A_room_uses_only_what_the_design_gives_it(string room)
    {
        var used = Assembly.Load(room).GetReferencedAssemblies().Select(name => name.Name!)
            .Where(name => !name.StartsWith("System", StringComparison.Ordinal) && name != "netstandard");
        Assert.Empty(used.Except(Allowed[room]));
    }

    [Theory]
    [MemberData(nameof(Rooms))]
    public void Types_of_foreign_libraries_stay_out_of_public_signatures(string room)
    {
        string[] foreign = ["Parquet", "SkiaSharp", "Google.Protobuf", "Microsoft.ML.OnnxRuntime", "TorchSharp", "MPI"];
        foreach (var type in Assembly.Load(room).GetExportedTypes())
        {
            var mentioned = type.GetMembers(BindingFlags.Public | BindingFlags.Instance | BindingFlags.Static | BindingFlags.DeclaredOnly).SelectMany(member => member switch
            {
                MethodBase method => method.GetParameters().Select(parameter => parameter.ParameterType).Append((method as MethodInfo)?.ReturnType ?? typeof(void)),
                PropertyInfo property => [property.PropertyType],
                FieldInfo field => [field.FieldType],
                _ => [],
            });
            foreach (var used in mentioned.SelectMany(Inside))
                Assert.DoesNotContain(used.Assembly.GetName().Name, foreign);
        }

        static IEnumerable<Type> Inside(Type type) =>
            type.HasElementType ? Inside(type.GetElementType()!) : type.IsGenericType ? type.GetGenericArguments().SelectMany(Inside).Append(type) : [type];
    }

    [Fact]
    public void Every_room_is_in_the_table()
    {
        var present = Directory.EnumerateFiles(AppContext.BaseDirectory, "EfficientNetSharp*.dll").Select(path => Path.GetFileNameWithoutExtension(path))
            .Where(name => !name.EndsWith(".Tests", StringComparison.Ordinal) && !name.EndsWith(".Testing", StringComparison.Ordinal));
        Assert.Equal(Allowed.Keys.Order(StringComparer.Ordinal), present.Order(StringComparer.Ordinal));
    }
}
