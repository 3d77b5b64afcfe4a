using System.Collections.Immutable;
using System.CommandLine;
using System.Globalization;
using EfficientNetSharp.Graphs;
using EfficientNetSharp.Models;

namespace EfficientNetSharp.Cli.Support;

/// <summary>What <c>--features</c> asks a network for instead of its result: maps by stride, or the pooled row.</summary>
/// <param name="Strides">Strides of the maps; empty for the pooled row.</param>
internal sealed record FeatureSelection(ImmutableArray<int> Strides)
{
    private const string Pooled = "pooled";

    /// <summary>The row that a classifier's last layer takes.</summary>
    public static FeatureSelection PooledRow { get; } = new([]);

    /// <summary>What the outputs are called, in files and in ONNX.</summary>
    public IReadOnlyList<string> Names => Strides.IsEmpty ? ["features"] : [.. Strides.Select(stride => $"stride_{stride}")];

    public static Option<FeatureSelection?> Option()
    {
        var option = new Option<FeatureSelection?>("--features")
        {
            Description = "Yield feature maps instead of the result, by their strides (4,8,16,32), or 'pooled' for what the classifier takes.",
            CustomParser = result =>
            {
                string given = result.Tokens.Count == 0 ? "" : result.Tokens[0].Value;
                if (Parse(given) is { } features) return features;
                result.AddError($"--features expects strides such as 4,8,16,32 or '{Pooled}', found '{given}'.");
                return null;
            },
        };
        return option;
    }

    /// <summary>The part of the model that yields them.</summary>
    public Graph BuildGraph(Model model, int? height, int? width) =>
        Strides.IsEmpty ? model.BuildPooledGraph(height, width) : model.BuildFeatureGraph(Strides, height, width);

    private static FeatureSelection? Parse(string text)
    {
        if (text == Pooled) return PooledRow;
        var strides = ImmutableArray.CreateBuilder<int>();
        foreach (string word in text.Split(','))
        {
            if (!int.TryParse(word, NumberStyles.None, CultureInfo.InvariantCulture, out int stride) || stride < 1) return null;
            strides.Add(stride);
        }

        return new FeatureSelection(strides.ToImmutable());
    }
}
