using System.Collections.Immutable;
using System.Globalization;
using System.Text;
using EfficientNetSharp.Architectures;
using EfficientNetSharp.Costs;

namespace EfficientNetSharp.Weights.Downloads;

/// <summary>A network, what it costs, and what its published weights reach.</summary>
/// <param name="Architecture">The network.</param>
/// <param name="Parameters">Trainable values, with 1,000 classes or its embedding.</param>
/// <param name="Macs">Multiply-adds of an image at its own resolution.</param>
/// <param name="Published">Published weights, the usual first.</param>
public sealed record ModelTableRow(Architecture Architecture, long Parameters, long Macs, ImmutableArray<PublishedWeights> Published)
{
    /// <summary>The weights of highest published top-1; <see langword="null"/> where no accuracy is published.</summary>
    public PublishedWeights? Best => Published.Where(row => row.Top1 is not null).MaxBy(row => row.Top1);
}

/// <summary>All networks with their costs and published accuracies: the answer to "which model?".</summary>
public static class ModelTable
{
    // The publishers that get a column of their own; Keras and EfficientNet-PyTorch converted the TPU code's weights and publish no
    // figures.
    private static readonly (string Title, string[] Sources)[] Columns =
    [
        ("torchvision", [PublishedSources.Torchvision]),
        ("timm", [PublishedSources.Timm]),
        ("TPU code, automl", [PublishedSources.Tpu, PublishedSources.AutoMl]),
    ];

    /// <summary>The rows, in the registry's order.</summary>
    public static ImmutableArray<ModelTableRow> Create() =>
    [
        .. ArchitectureRegistry.All.Select(architecture =>
        {
            var costs = GraphCosts.Of(architecture.Build());
            return new ModelTableRow(architecture, costs.Parameters, costs.Macs, PublishedWeightsTable.ForArchitecture(architecture.Name));
        }),
    ];

    /// <summary>The rows as a Markdown table for each family.</summary>
    public static string ToMarkdown(ImmutableArray<ModelTableRow> rows)
    {
        var text = new StringBuilder();
        foreach (var family in rows.GroupBy(row => row.Architecture.Family))
        {
            text.Append(CultureInfo.InvariantCulture, $"### {family.Key}\n\n| network | parameters | GMACs | pixels |");
            foreach (var (title, _) in Columns) text.Append(CultureInfo.InvariantCulture, $" {title} |");
            text.Append("\n|---|--:|--:|--:|").Append(string.Concat(Enumerable.Repeat("---|", Columns.Length))).Append('\n');
            foreach (var row in family)
            {
                text.Append(CultureInfo.InvariantCulture,
                    $"| `{row.Architecture.Name}` | {row.Parameters:N0} | {row.Macs / 1e9:F3} | {row.Architecture.Resolution} |");
                foreach (var (_, sources) in Columns) text.Append(CultureInfo.InvariantCulture, $" {Cell(row, sources)} |");
                text.Append('\n');
            }

            text.Append('\n');
        }

        return text.ToString();
    }

    // The sets of a source by accuracy, best first: "77.69 (ra_in1k), 76.53 (aa_in1k, 240)", the resolution where it is not the network's.
    private static string Cell(ModelTableRow row, string[] sources)
    {
        var sets = row.Published.Where(weights => sources.Contains(weights.Source) && weights.Top1 is not null)
            .OrderByDescending(weights => weights.Top1).ToList();
        return sets.Count == 0 ? "–" : string.Join(", ", sets.Select(weights =>
        {
            string tag = weights.Name.Split('.', 2) is [_, var given] ? given : "";
            string at = weights.Resolution == row.Architecture.Resolution ? "" : weights.Resolution.ToString(CultureInfo.InvariantCulture);
            string note = string.Join(", ", new[] { tag, at }.Where(part => part.Length > 0));
            return string.Create(CultureInfo.InvariantCulture, $"{weights.Top1:0.0##}{(note.Length > 0 ? $" ({note})" : "")}");
        }));
    }
}
