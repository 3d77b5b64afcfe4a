using System.Collections.Immutable;

namespace EfficientNetSharp.Data.Formats.Lists;

/// <summary>What columns are called in the lists that people have. Case, blanks, hyphens and underscores do not matter.</summary>
internal static class ColumnNames
{
    /// <summary>The column of the images, the plainest names first.</summary>
    public static ImmutableArray<string> Path { get; } =
    [
        "path", "filepath", "filename", "file", "imagepath", "imagefile", "imagefilename", "imagefilepath", "imagename", "image", "images",
        "img", "imgpath", "imgname", "imgfile", "relativepath", "relpath", "picture", "photo", "fname", "imageid", "imgid", "imageindex",
        "id", "name", "url", "imageurl",
    ];

    /// <summary>The column of the labels.</summary>
    public static ImmutableArray<string> Label { get; } =
    [
        "label", "labels", "class", "classes", "target", "category", "classname", "labelname", "categoryname", "species", "breed",
        "variety", "diagnosis", "dx", "y", "groundtruth", "gt", "classid", "labelid", "categoryid", "classlabel", "classindex",
        "classidx", "labelidx",
    ];

    /// <summary>The column of the parts.</summary>
    public static ImmutableArray<string> Split { get; } = ["split", "set", "subset", "partition", "phase", "part"];

    /// <summary>Columns of true and false that say a part: which it is where true, and where false.</summary>
    public static (string Part, string Other)? Flag(string name) => Plain(name) switch
    {
        // fastai's is_valid; the others by analogy.
        "isvalid" or "isval" or "isvalidation" => (PartNames.Validation, PartNames.Train),
        "istest" => (PartNames.Test, PartNames.Train),
        // CUB-200's train_test_split.txt says is_training_image.
        "istrain" or "istraining" or "istrainingimage" => (PartNames.Train, PartNames.Test),
        _ => null,
    };

    /// <summary>Whether a name is of the columns above.</summary>
    public static bool IsKnown(string name) =>
        IsOneOf(name, Path) || IsOneOf(name, Label) || IsOneOf(name, Split) || Flag(name) is not null;

    /// <summary>Whether a column is called by one of the names.</summary>
    public static bool IsOneOf(string name, ImmutableArray<string> names) => names.Contains(Plain(name), StringComparer.Ordinal);

    /// <summary>The place of a column's name among names; the highest number where it is none of them.</summary>
    public static int Rank(string name, ImmutableArray<string> names) =>
        names.IndexOf(Plain(name), StringComparer.Ordinal) is >= 0 and var rank ? rank : int.MaxValue;

    /// <summary>Whether the column only counts the rows, as pandas and R write it.</summary>
    public static bool IsCounter(string name) =>
        name.Length == 0 || Plain(name) is "index" || name.StartsWith("Unnamed:", StringComparison.OrdinalIgnoreCase);

    private static string Plain(string name) =>
        string.Concat(name.Where(char.IsLetterOrDigit)).ToLowerInvariant();
}
