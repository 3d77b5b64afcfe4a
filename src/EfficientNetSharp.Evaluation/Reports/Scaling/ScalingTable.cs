using System.Collections.Immutable;

namespace EfficientNetSharp.Evaluation.Reports.Scaling;

/// <summary>A table of the report as text, for any way of printing.</summary>
/// <param name="Title">Its heading.</param>
/// <param name="Lead">What to know before reading it; may be empty.</param>
/// <param name="Columns">Headings.</param>
/// <param name="Rows">Cells.</param>
/// <param name="TextColumns">How many columns from the left hold text; the others hold numbers.</param>
public sealed record ScalingTable(
    string Title, string Lead, ImmutableArray<string> Columns, ImmutableArray<ImmutableArray<string>> Rows, int TextColumns);
