using ScottPlot;

namespace EfficientNetSharp.Evaluation.Reports.Scaling;

/// <summary>
/// The font of plots. On Linux the drawing library is built without the system's font service and finds none by itself, so files
/// are looked for where distributions put them.
/// </summary>
internal static class PlotFont
{
    private const string FileFont = "EfficientNetSharp plots";

    private static readonly string[] Folders =
    [
        "/usr/share/fonts", "/usr/local/share/fonts",
        Path.Combine(Environment.GetFolderPath(Environment.SpecialFolder.UserProfile), ".fonts"),
        Path.Combine(Environment.GetFolderPath(Environment.SpecialFolder.LocalApplicationData), "fonts"),
    ];

    // Fonts that distributions have, best first.
    private static readonly string[] Known =
        ["LiberationSans-Regular.ttf", "DejaVuSans.ttf", "NotoSans-Regular.ttf", "OpenSans-Regular.ttf", "FreeSans.ttf"];

    private static readonly Lazy<string?> Found = new(Find);

    /// <summary>The font's name for the drawing library; <see langword="null"/> where the machine has none.</summary>
    public static string? Name => Found.Value;

    private static string? Find()
    {
        if (!OperatingSystem.IsLinux()) return Fonts.Sans;
        var files = new Dictionary<string, string>(StringComparer.OrdinalIgnoreCase);
        foreach (string folder in Folders.Where(Directory.Exists))
        {
            var all = new EnumerationOptions { RecurseSubdirectories = true, IgnoreInaccessible = true };
            foreach (string file in Directory.EnumerateFiles(folder, "*.ttf", all)) files.TryAdd(Path.GetFileName(file), file);
        }

        string? chosen = Known.Select(name => files.GetValueOrDefault(name)).FirstOrDefault(file => file is not null);
        if (chosen is null) return null;
        Fonts.AddFontFile(FileFont, chosen, bold: false, italic: false);
        return FileFont;
    }
}
