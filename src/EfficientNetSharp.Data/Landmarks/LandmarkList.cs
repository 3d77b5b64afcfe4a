using System.Collections.Immutable;
using EfficientNetSharp.Data.Folders;
using EfficientNetSharp.Data.Formats.Lists;
using EfficientNetSharp.Files;
using EfficientNetSharp.Imaging.Alignment;
using EfficientNetSharp.Imaging.Codecs;

namespace EfficientNetSharp.Data.Landmarks;

/// <summary>A face that a detector found.</summary>
/// <param name="Line">The line of the list, from 1.</param>
/// <param name="Image">The image's file as the list names it.</param>
/// <param name="Path">Its path relative to the folder; <see langword="null"/> where it is not there.</param>
/// <param name="Landmarks">Its landmarks; <see langword="null"/> where a cell of them is no number.</param>
public sealed record ListedFace(int Line, string Image, string? Path, FaceLandmarks? Landmarks);

/// <summary>
/// Landmarks of faces as detectors write them: a table (CSV, tab or blanks between columns, or JSON) of one face per line. Columns are
/// found by their names in the first line; without names they are the path, ten numbers x, y of left eye, right eye, nose, left and right
/// corner of the mouth, and at most a score behind them, as insightface's <c>name_5pts_score.txt</c> and CelebA's
/// <c>list_landmarks_align_celeba.txt</c> have them.
/// </summary>
public static class LandmarkList
{
    private const int Points = 5, Coordinates = 2 * Points;

    // What the points are called, in the order of FaceLandmarks; l and r are the image's sides.
    private static readonly string[][] PointNames =
    [
        ["lefteye", "leye", "eyeleft", "lefteyecenter", "eyel"],
        ["righteye", "reye", "eyeright", "righteyecenter", "eyer"],
        ["nose", "nosetip", "nosecenter", "n"],
        ["mouthleft", "leftmouth", "leftmouthcorner", "mouthleftcorner", "mouthcornerleft", "lmouth", "mouthl"],
        ["mouthright", "rightmouth", "rightmouthcorner", "mouthrightcorner", "mouthcornerright", "rmouth", "mouthr"],
    ];

    // Before the number of a point: x1, landmark1x, landmark_1_x, p1_x.
    private static readonly string[] Prefixes = ["", "landmark", "landmarks", "lm", "lmk", "kps", "kp", "p", "pt", "point"];

    private const string Forms =
        "name the columns path, left_eye_x, left_eye_y, right_eye_x, … nose_x, … mouth_left_x, … mouth_right_y in the first line, or " +
        "write path and ten numbers in that order";

    /// <summary>Reads a list.</summary>
    /// <param name="path">The list.</param>
    /// <param name="images">The folder that its paths are relative to.</param>
    /// <exception cref="InvalidInputException">It is no such list.</exception>
    public static ImmutableArray<ListedFace> Read(string path, string images)
    {
        ArgumentException.ThrowIfNullOrWhiteSpace(path);
        ArgumentException.ThrowIfNullOrWhiteSpace(images);
        FolderListing.Require(images);
        var files = new ListedFiles(images, path, searches: true);
        var (header, rows) = Table(path);
        if (rows.Count == 0) throw DatasetErrors.Unusable(path, "it lists no face", Forms);
        var (image, columns) = header is null ? Unnamed(path, rows) : Named(path, header, rows);
        return [.. rows.Select(row => new ListedFace(
            row.Line, Cell(row, image), Find(files, Cell(row, image)), LandmarksOf(row, columns)))];
    }

    private static (string[]? Header, List<CsvRow> Rows) Table(string path)
    {
        if (JsonList.IsCalledSo(path))
        {
            var (keys, entries) = JsonList.Read(path);
            return (keys, entries);
        }

        var rows = DelimitedText.Read(path);
        // CelebA begins with the number of images.
        if (rows is [{ Cells: [var count] }, _, ..] && NumberText.TryParseDigits(count, out long _)) rows.RemoveAt(0);
        if (rows.Count == 0) throw DatasetErrors.Damaged(path, "it is empty");
        bool hasHeader = !rows[0].Cells.Any(ImageFiles.IsImage) && rows[0].Cells.Count(IsNumber) < Coordinates;
        return hasHeader ? (rows[0].Cells, rows[1..]) : (null, rows);
    }

    private static (int Image, int[] Columns) Unnamed(string path, List<CsvRow> rows)
    {
        int width = rows[0].Cells.Length;
        if (width is not (Coordinates + 1 or Coordinates + 2) || IsNumber(rows[0].Cells[0]))
        {
            throw DatasetErrors.Unusable(
                path, $"its line {rows[0].Line} has {width} columns, and nothing says what they are", Forms);
        }

        return (0, [.. Enumerable.Range(1, Coordinates)]);
    }

    private static (int Image, int[] Columns) Named(string path, string[] header, List<CsvRow> rows)
    {
        // CelebA names the points and not the images.
        int shift = header.Length == Coordinates && rows.TrueForAll(row => row.Cells.Length == Coordinates + 1) ? 1 : 0;
        string[] names = [.. header.Select(Plain)];
        int[] columns = [.. Enumerable.Range(0, Coordinates).Select(i => Find(names, i / 2, i % 2 == 0 ? 'x' : 'y') + shift)];
        if (columns.Contains(shift - 1))
        {
            int missing = Array.IndexOf(columns, shift - 1);
            throw DatasetErrors.Unusable(
                path, $"no column is called {PointNames[missing / 2][0]} {(missing % 2 == 0 ? 'x' : 'y')}", Forms);
        }

        if (shift == 1) return (0, columns);
        int[] others = [.. Enumerable.Range(0, header.Length).Except(columns)];
        int image = others.Where(column => ColumnNames.IsOneOf(header[column], ColumnNames.Path))
            .OrderBy(column => ColumnNames.Rank(header[column], ColumnNames.Path)).FirstOrDefault(-1);
        if (image < 0) image = others.FirstOrDefault(column => ImageFiles.IsImage(Cell(rows[0], column)), -1);
        return image >= 0 ? (image, columns)
            : throw DatasetErrors.Unusable(path, $"no column of {NameList.Of(header)} names an image", Forms);
    }

    private static int Find(string[] names, int point, char axis)
    {
        string[] named = [.. PointNames[point].SelectMany(known => new[] { $"{known}{axis}", $"{axis}{known}" })];
        int column = Array.FindIndex(names, name => named.Contains(name, StringComparer.Ordinal));
        if (column >= 0) return column;
        int number = point + 1;
        string[] numbered =
            [.. Prefixes.SelectMany(prefix => new[] { $"{prefix}{number}{axis}", $"{prefix}{axis}{number}", $"{axis}{prefix}{number}" })];
        return Array.FindIndex(names, name => numbered.Contains(name, StringComparer.Ordinal));
    }

    private static FaceLandmarks? LandmarksOf(CsvRow row, int[] columns)
    {
        var points = new ImagePoint[Points];
        for (int i = 0; i < Points; i++)
        {
            if (!NumberText.TryParse(Cell(row, columns[2 * i]), out double x) || !NumberText.TryParse(Cell(row, columns[(2 * i) + 1]),
                out double y))
                return null;
            points[i] = new ImagePoint(x, y);
        }

        return FaceLandmarks.Of(points);
    }

    private static string? Find(ListedFiles files, string name) => name.Length == 0 ? null : files.Find(name);

    private static string Cell(CsvRow row, int column) => ListTable.Cell(row, column);

    private static bool IsNumber(string cell) => NumberText.TryParse(cell, out double _);

    private static string Plain(string name) => string.Concat(name.Where(char.IsLetterOrDigit)).ToLowerInvariant();
}
