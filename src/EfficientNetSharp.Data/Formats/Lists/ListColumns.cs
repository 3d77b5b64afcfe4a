using System.Collections.Immutable;
using EfficientNetSharp.Imaging.Codecs;

namespace EfficientNetSharp.Data.Formats.Lists;

/// <summary>
/// What the columns of a list are: told by their names, by what is in them, and by what is left. What could be read in two ways is refused
/// with what was understood.
/// </summary>
internal sealed class ListColumns
{
    // So many rows are looked for on disk to tell the column of images from one of numbers.
    private const int Sampled = 50;

    // A column is of images where nearly all of its cells are called so; lists have slips.
    private const double Most = 0.9;

    private const string Advice =
        "Name the columns 'path' and 'label' in its first line (and 'split' for the parts), and leave out what is neither";

    private ListColumns(int path) => Path = path;

    /// <summary>The column of the images.</summary>
    public int Path { get; }

    /// <summary>The column of the labels; -1 where each class has a column or nothing is a label.</summary>
    public int Label { get; private init; } = -1;

    /// <summary>The columns that are classes, with a 1 where an image is of it; empty where labels stand in a column.</summary>
    public ImmutableArray<int> Classes { get; private init; } = [];

    /// <summary>The column of the parts; -1 where there is none.</summary>
    public int Split { get; private init; } = -1;

    /// <summary>Whether there are labels at all.</summary>
    public bool HasLabels => Label >= 0 || Classes.Length > 0;

    /// <summary>Tells the columns of a list.</summary>
    /// <exception cref="InvalidInputException">What they are is not clear.</exception>
    public static ListColumns Of(ListTable table, Func<string, bool> isImage)
    {
        int path = PathOf(table, isImage);
        int split = SplitOf(table, path);
        int[] others =
        [
            .. Enumerable.Range(0, table.Width).Where(column => column != path && column != split
                && !(table.Header is not null && ColumnNames.IsCounter(Name(table, column))) && table.Column(column).Any()),
        ];
        int[] named = table.Header is null ? [] : [.. others.Where(column => ColumnNames.IsOneOf(Name(table, column), ColumnNames.Label))];
        int[] binary = [.. others.Where(column => table.Column(column).All(cell => OneHot.Read(cell) is not null))];
        if (OneHotClasses(table, others, named, binary) is { } classes)
            return new ListColumns(path) { Classes = [.. classes], Split = split };
        if (named.Length > 0) return new ListColumns(path) { Label = LabelAmong(table, named), Split = split };
        // A column that is called a label and is empty is one without labels.
        if (table.Header is not null && Enumerable.Range(0, table.Width)
            .Any(column => column != path && ColumnNames.IsOneOf(Name(table, column), ColumnNames.Label)))
            return new ListColumns(path) { Split = split };
        if (split < 0 && table.Header is null && others.Length == 2
            && others.Where(column => AreParts(table, column)).ToList() is [var parts])
            return new ListColumns(path) { Label = others.Single(column => column != parts), Split = parts };
        return others.Length switch
        {
            0 => new ListColumns(path) { Split = split },
            1 => new ListColumns(path) { Label = others[0], Split = split },
            _ => throw Unclear(
                table, $"{NameList.Of([.. others.Select(table.NameOf)])} beside the images in '{table.NameOf(path)}', any of which may " +
                "be the label"),
        };
    }

    private static int PathOf(ListTable table, Func<string, bool> isImage)
    {
        int[] columns = [.. Enumerable.Range(0, table.Width).Where(column => table.Column(column).Any())];
        int[] images = [.. columns.Where(column => Share(table.Column(column), ImageFiles.IsImage) >= Most)];
        if (images.Length == 1) return images[0];
        if (images.Length == 0)
        {
            // Names without ending, as 'id' in many competitions: the column whose cells name files.
            images = [.. columns.Where(column => Share(table.Column(column).Take(Sampled), isImage) > 0)];
            if (images.Length == 1) return images[0];
            // A label such as 3 may be called as a file is; the files are those of the column that has most of them.
            if (images.Length > 1) return images.MaxBy(column => (Share(table.Column(column).Take(Sampled), isImage), -Rank(column)));
            images = columns;
        }

        int[] named = [.. images.Where(column => Rank(column) < int.MaxValue).OrderBy(Rank)];
        if (named.Length > 0) return named.MaxBy(column => (Share(table.Column(column).Take(Sampled), isImage), -Rank(column)));
        if (table.Header is null && columns is [0, 1] && images.Length == 2) return 0;
        throw Unclear(table, $"{NameList.Of([.. images.Select(table.NameOf)])}, any of which may name the images");

        int Rank(int column) => table.Header is null ? int.MaxValue : ColumnNames.Rank(Name(table, column), ColumnNames.Path);
    }

    private static int SplitOf(ListTable table, int path)
    {
        if (table.Header is null) return -1;
        int[] found =
        [
            .. Enumerable.Range(0, table.Width).Where(column => column != path
                && (ColumnNames.IsOneOf(Name(table, column), ColumnNames.Split) || ColumnNames.Flag(Name(table, column)) is not null)),
        ];
        return found.Length < 2
            ? found.FirstOrDefault(-1)
            : throw Unclear(table, $"{NameList.Of([.. found.Select(table.NameOf)])}, any of which may say the parts");
    }

    // Where there is a column of labels by name too, it is one of the classes only if each row has a 1 in just one column of all.
    private static int[]? OneHotClasses(ListTable table, int[] others, int[] named, int[] binary)
    {
        if (binary.Length < 2 || table.Header is null || named.Except(binary).Any()) return null;
        int[] ones = [.. table.Rows.Select(row => binary.Count(column => OneHot.Read(ListTable.Cell(row, column)) == true))];
        bool hasOneEach = ones.All(count => count == 1);
        if (named.Length > 0) return hasOneEach && binary.Length == others.Length ? binary : null;
        if (binary.Length == others.Length) return binary;
        // Width, height, a patient's number: what is no class stands beside them.
        if (ones.All(count => count <= 1) && 2 * ones.Count(count => count == 1) >= ones.Length) return binary;
        throw Unclear(
            table, $"{NameList.Of([.. binary.Select(table.NameOf)])} with 0 and 1 in them, which may be classes, beside " +
            $"{NameList.Of([.. others.Except(binary).Select(table.NameOf)])}");
    }

    // Several columns of labels that say the same, a number and a name: the names are taken.
    private static int LabelAmong(ListTable table, int[] named)
    {
        if (named.Length == 1) return named[0];
        int[] byText = [.. named.OrderBy(column => table.Column(column).All(cell => NumberText.TryParse(cell, out double _)))];
        foreach (int other in byText.Skip(1))
        {
            var pairs = table.Rows.Select(row => (A: ListTable.Cell(row, byText[0]), B: ListTable.Cell(row, other))).Distinct().ToList();
            if (pairs.DistinctBy(pair => pair.A).Count() == pairs.Count && pairs.DistinctBy(pair => pair.B).Count() == pairs.Count)
                continue;
            throw Unclear(
                table, $"'{table.NameOf(byText[0])}' and '{table.NameOf(other)}', which say different things and may both be the label");
        }

        return byText[0];
    }

    private static bool AreParts(ListTable table, int column) => table.Column(column).All(cell => PartNames.OfWord(cell) is not null);

    private static string Name(ListTable table, int column) => column < table.Header!.Length ? table.Header[column] : "";

    private static double Share(IEnumerable<string> cells, Func<string, bool> isSo)
    {
        int all = 0, found = 0;
        foreach (string cell in cells)
        {
            all++;
            if (isSo(cell)) found++;
        }

        return all == 0 ? 0 : (double)found / all;
    }

    private static InvalidInputException Unclear(ListTable table, string found) => new(
        $"Expected a column of images and a column of labels, or a column for each class, in '{table.File}', found {found}. {Advice}.");
}
