using EfficientNetSharp.Files;

namespace EfficientNetSharp.Data;

/// <summary>Names in messages.</summary>
internal static class NameList
{
    private const int Shown = 5; // A line of a terminal.

    /// <summary>The first few names in quotes.</summary>
    public static string Of(IReadOnlyCollection<string> names)
    {
        string list = string.Join(", ", names.Take(Shown).Select(name => OneLine.Quote(name, 200)));
        return names.Count > Shown ? $"{list} and {names.Count - Shown} more" : list;
    }
}
