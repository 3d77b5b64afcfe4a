namespace EfficientNetSharp.Data.Formats.Lists;

/// <summary>Cells of a column that is a class: whether the image is of it.</summary>
internal static class OneHot
{
    /// <summary>What the cell says; <see langword="null"/> for other cells.</summary>
    public static bool? Read(string cell) => cell.Trim().ToLowerInvariant() switch
    {
        "1" or "1.0" or "1." or "true" or "yes" => true,
        "0" or "0.0" or "0." or "false" or "no" => false,
        _ => null,
    };
}
