using System.Collections.Immutable;
using System.Globalization;
using EfficientNetSharp.Weights.NameMaps;

namespace EfficientNetSharp.Weights.Importing;

/// <summary>
/// Networks that were taken apart: <c>nn.Sequential(*list(network.children())[:-1])</c> calls the outermost modules by their numbers,
/// and <c>self.body = network.features</c> leaves the name of the only one out.
/// </summary>
internal static class TakenOut
{
    /// <summary>The places in which the outermost modules are called so, and what each is called there.</summary>
    /// <param name="tensors">The file's tensors.</param>
    /// <param name="body">The body's parameters under the source's names, in order of use.</param>
    public static IEnumerable<(string Prefix, ImmutableDictionary<string, string> Renamed)> Of(
        SourceTensors tensors, ImmutableArray<MappedParameter> body)
    {
        var modules = body.GroupBy(parameter => ModuleName.Top(parameter.SourceName), StringComparer.Ordinal)
            .Select(module => (Name: module.Key, Parameters: module.ToImmutableArray())).ToList();
        string anchor = Rest(modules[0].Parameters[0]);
        foreach (string prefix in BodySearch.PrefixesOf(tensors, anchor).Distinct(StringComparer.Ordinal))
        {
            if (modules.Count == 1)
            {
                yield return (prefix, ImmutableDictionary<string, string>.Empty.Add(modules[0].Name, ""));
                continue;
            }

            if (First(prefix) is var (outer, number) && Numbered(tensors, outer, number, modules) is { } renamed) yield return (outer, renamed);
        }
    }

    // Each module has a number above the one before; modules without tensors lie between.
    private static ImmutableDictionary<string, string>? Numbered(SourceTensors tensors, string prefix, int number,
        List<(string Name, ImmutableArray<MappedParameter> Parameters)> modules)
    {
        // timm and torchvision have at most two such modules between others: a function and a pooling.
        const int MaxGap = 3;
        var renamed = ImmutableDictionary.CreateBuilder<string, string>(StringComparer.Ordinal);
        int next = number;
        foreach (var (name, parameters) in modules)
        {
            int end = next + MaxGap, found = next;
            // The image's channels and the embedding's length are the file's own.
            bool anyShape = name == modules[0].Name || parameters.All(parameter => parameter.Parameter.Name.StartsWith("embedding.", StringComparison.Ordinal));
            while (found < end && !IsAt(tensors, $"{prefix}{Text(found)}.", parameters, anyShape)) found++;
            if (found == end) return null;
            renamed.Add(name, Text(found));
            next = found + 1;
        }

        return renamed.ToImmutable();
    }

    private static bool IsAt(SourceTensors tensors, string module, ImmutableArray<MappedParameter> parameters, bool anyShape) =>
        parameters.All(parameter => parameter with { SourceName = module + Rest(parameter) } is var placed
            && (anyShape ? tensors.Names.Contains(placed.SourceName) : tensors.Has(placed)));

    // "net.0." → "net.", 0
    private static (string Outer, int Number)? First(string prefix)
    {
        if (prefix.Length == 0) return null;
        int dot = prefix.LastIndexOf('.', prefix.Length - 2);
        return NumberText.TryParseDigits(prefix.AsSpan()[(dot + 1)..^1], out int number) && number < 100
            ? (prefix[..(dot + 1)], number)
            : null;
    }

    private static string Rest(MappedParameter parameter) => parameter.SourceName[(ModuleName.Top(parameter.SourceName).Length + 1)..];

    private static string Text(int number) => number.ToString(CultureInfo.InvariantCulture);
}
