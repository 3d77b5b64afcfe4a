using System.Collections.Immutable;
using EfficientNetSharp.Data.Folders;
using EfficientNetSharp.Data.Formats.Lists;
using EfficientNetSharp.Files;
using EfficientNetSharp.Imaging.Codecs;

namespace EfficientNetSharp.Data.Pairs;

/// <summary>Texts that list pairs of images. What form one has is told by its rows.</summary>
internal static class PairLists
{
    private static readonly string[] Endings = [".txt", ".csv", ".tsv", ".list", ".pairs"];

    private static readonly string[] SameWords = ["1", "true", "same", "yes", "genuine", "positive", "match", "matched"];
    private static readonly string[] OtherWords =
        ["0", "-1", "false", "different", "diff", "no", "impostor", "negative", "nonmatch", "mismatch", "mismatched"];

    private const string Forms =
        "name, number, number (the same) and name, number, name, number (different) as LFW's pairs.txt; path, path, 1 or 0; or two lines of " +
        "path, 1 or 0 as CPLFW's";

    /// <summary>A pair as the list names it.</summary>
    private readonly record struct Named(int Line, string First, string Second, bool IsSame);

    public static bool IsCalledSo(string path) => Endings.Any(ending => path.EndsWith(ending, StringComparison.OrdinalIgnoreCase));

    public static VerificationPairs Open(string path, string? images)
    {
        var rows = DelimitedText.Read(path);
        var warnings = new List<string>();
        var files = new ListedFiles(images ?? Path.GetDirectoryName(Path.GetFullPath(path))!, path, searches: true);
        var (format, pairs) = Read(path, rows, files, warnings);
        if (pairs.Count == 0) throw DatasetErrors.Unusable(path, "it lists no pair", $"pairs are {Forms}");

        var (names, places) = (new List<string>(), new Dictionary<string, int>(StringComparer.Ordinal));
        var (members, same, missing) = (new List<int>(), new List<bool>(), new List<string>());
        int leftOut = 0, selves = 0;
        foreach (var pair in pairs)
        {
            string? first = files.Find(pair.First), second = files.Find(pair.Second);
            if (first is null) missing.Add(pair.First);
            if (second is null) missing.Add(pair.Second);
            if (first is null || second is null)
            {
                leftOut++;
                continue;
            }

            if (first == second) selves++;
            if (first == second && !pair.IsSame)
                throw DatasetErrors.Damaged(path, $"its line {pair.Line} calls {OneLine.Quote(pair.First, 200)} different from itself");
            members.AddRange([PlaceOf(first), PlaceOf(second)]);
            same.Add(pair.IsSame);
        }

        if (same.Count == 0)
        {
            throw new InvalidInputException(
                $"Expected the images that '{path}' names in '{files.Root}', but none of its {pairs.Count} pairs is there, the first is " +
                $"{OneLine.Quote(missing[0], 200)}{ListedFiles.Hint(missing[0])}. Give the folder that holds the images.");
        }

        if (selves > 0) warnings.Add($"{NumberText.Counted(selves, "pair")} of an image with itself, which any model gets right.");
        var (labels, classes) = PairIdentities.Of(names, members, same, warnings);
        string[] distinct = [.. missing.Distinct(StringComparer.Ordinal)];
        return new VerificationPairs
        {
            Images = new PairFiles(files.Root, [.. names], labels, classes),
            Members = [.. members],
            IsSame = [.. same],
            Format = format,
            Warnings = [.. warnings],
            LeftOut = distinct.Length == 0 ? [] : [new LeftOut(LeftOutReason.Missing, [.. distinct])
            {
                What = $"images that '{path}' names and that are not in '{files.Root}', and with them {leftOut} of its {pairs.Count} pairs",
            }],
        };

        int PlaceOf(string name)
        {
            if (places.TryGetValue(name, out int place)) return place;
            names.Add(name);
            return places[name] = names.Count - 1;
        }
    }

    private static (string Format, List<Named> Pairs) Read(string path, List<CsvRow> rows, ListedFiles files, List<string> warnings)
    {
        if (rows.Count == 0) throw DatasetErrors.Damaged(path, "it is empty");
        bool states = rows[0].Cells is { Length: 1 or 2 } first && first.All(IsNumber);
        List<CsvRow> body = states ? rows[1..] : rows;
        if (body.Count > 0 && body.TrueForAll(IsLfw)) return ("LFW pairs", ReadLfw(path, body, states ? rows[0] : null, warnings));
        if (body.Count > 1 && !states && body.TrueForAll(row => row.Cells is [var image, var label] && IsWhole(label) && !IsNumber(image)))
            return ("pairs in two lines", ReadTwoLines(path, body));
        return ("pairs of paths", ReadTable(path, rows, files));
    }

    // LFW's: name i j, or name i other j, before which stand the folds and the pairs of each kind in a fold.
    private static List<Named> ReadLfw(string path, List<CsvRow> rows, CsvRow? stated, List<string> warnings)
    {
        if (stated is { Cells: var cells })
        {
            long expected = cells.Aggregate(2L, (product, cell) => NumberText.TryParse(cell, out long number) ? product * number : -1);
            if (expected != rows.Count) warnings.Add($"'{path}' has {rows.Count} pairs, and {expected} as its first line says.");
        }

        return [.. rows.Select(row => row.Cells is [var name, var first, var second]
            ? new Named(row.Line, LfwImage(name, first), LfwImage(name, second), true)
            : new Named(row.Line, LfwImage(row.Cells[0], row.Cells[1]), LfwImage(row.Cells[2], row.Cells[3]),
                row.Cells[0] == row.Cells[2]))];
    }

    private static bool IsLfw(CsvRow row) => row.Cells is [_, var first, var second] && IsNumber(first) && IsNumber(second)
        || (row.Cells is [_, var one, _, var two] && IsNumber(one) && IsNumber(two));

    // name/name_0001, whatever its ending.
    private static string LfwImage(string name, string number) => $"{name}/{name}_{number.PadLeft(4, '0')}";

    // Both lines of a pair state the same label; CALFW's of genuine pairs is the fold. Genuine pairs come first there, and folds take some
    // of both kinds.
    private static List<Named> ReadTwoLines(string path, List<CsvRow> rows)
    {
        if (rows.Count % 2 != 0) throw DatasetErrors.Damaged(path, $"it has {rows.Count} lines, which are no pairs of lines");
        var pairs = new List<Named>();
        for (int i = 0; i < rows.Count; i += 2)
        {
            string[] first = rows[i].Cells, second = rows[i + 1].Cells;
            if (first[1] != second[1])
                throw DatasetErrors.Damaged(path,
                    $"its lines {rows[i].Line} and {rows[i + 1].Line} are a pair with two labels, {OneLine.Clean(first[1], 20)} and " +
                    OneLine.Clean(second[1], 20));
            pairs.Add(new Named(rows[i].Line, first[0], second[0], first[1] != "0"));
        }

        const int Folds = 10;
        Named[] genuine = [.. pairs.Where(pair => pair.IsSame)], impostors = [.. pairs.Where(pair => !pair.IsSame)];
        bool isSorted = pairs.Take(genuine.Length).All(pair => pair.IsSame);
        if (!isSorted || genuine.Length % Folds != 0 || impostors.Length % Folds != 0) return pairs;
        return [.. Enumerable.Range(0, Folds).SelectMany(fold => Slice(genuine, fold).Concat(Slice(impostors, fold)))];

        static IEnumerable<Named> Slice(Named[] all, int fold) => all.Skip(fold * (all.Length / Folds)).Take(all.Length / Folds);
    }

    private static List<Named> ReadTable(string path, List<CsvRow> rows, ListedFiles files)
    {
        bool hasHeader = !rows[0].Cells.Any(cell => ImageFiles.IsImage(cell) || files.Contains(cell));
        if (hasHeader) rows = rows[1..];
        if (rows.Count == 0) throw DatasetErrors.Unusable(path, "it lists no pair", $"pairs are {Forms}");
        int width = rows[0].Cells.Length;
        if (rows.Find(row => row.Cells.Length != width) is { Cells: not null } other)
        {
            throw DatasetErrors.Unusable(
                path, $"its line {other.Line} has {NumberText.Counted(other.Cells.Length, "column")} and line {rows[0].Line} has {width}",
                $"pairs are {Forms}");
        }

        int[] labels = [.. Enumerable.Range(0, width).Where(column => rows.TrueForAll(row => LabelOf(row.Cells[column]) is not null))];
        int[] paths = [.. Enumerable.Range(0, width).Where(column => !labels.Contains(column)
            && rows.Exists(row => ImageFiles.IsImage(row.Cells[column]) || files.Contains(row.Cells[column])))];
        if (labels.Length != 1 || paths.Length != 2)
        {
            throw DatasetErrors.Unusable(
                path, $"its rows, such as line {rows[0].Line}, have {NumberText.Counted(paths.Length, "column")} of images and {labels.Length} of labels",
                $"pairs are {Forms}");
        }

        return [.. rows.Select(row => new Named(
            row.Line, row.Cells[paths[0]], row.Cells[paths[1]], LabelOf(row.Cells[labels[0]])!.Value))];
    }

    private static bool? LabelOf(string cell) =>
        SameWords.Contains(cell, StringComparer.OrdinalIgnoreCase) ? true
        : OtherWords.Contains(cell, StringComparer.OrdinalIgnoreCase) ? false
        : null;

    private static bool IsNumber(string cell) => cell.Length > 0 && NumberText.TryParseDigits(cell, out int _);

    private static bool IsWhole(string cell) => NumberText.TryParse(cell, out int _);

    /// <summary>The images of pairs, in files of their own.</summary>
    private sealed class PairFiles(string root, ImmutableArray<string> names, int[] labels, ImmutableArray<string> classes) : IImageDataset
    {
        public int Count => names.Length;

        public ImmutableArray<string> Classes => classes;

        public int LabelOf(int index) => labels[Checked(index)];

        public string NameOf(int index) => names[Checked(index)];

        public long SizeOf(int index) => ImageFileReader.SizeOf(Path.Combine(root, NameOf(index)));

        public void ReadEncoded(int index, EncodedBuffer buffer) => ImageFileReader.Read(Path.Combine(root, NameOf(index)), buffer);

        private int Checked(int index)
        {
            ArgumentOutOfRangeException.ThrowIfNegative(index);
            ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual(index, Count);
            return index;
        }
    }
}
