using EfficientNetSharp.Evaluation;

namespace EfficientNetSharp.Cli.Support;

/// <summary>An evaluation's measures as a table for people.</summary>
internal static class ResultTable
{
    // More rows than this help nobody on a terminal; the report has them all.
    private const int MaxClasses = 30;

    public static void Write(Terminal terminal, ClassificationResult result)
    {
        var measures = new TextTable().Left("measure").Right("value");
        measures.Add("images", $"{result.Count:N0}");
        measures.Add("top-1", $"{100 * result.Top1:F2} %");
        measures.Add("top-5", $"{100 * result.Top5:F2} %");
        measures.Add("cross-entropy", result.Loss is { } loss ? $"{loss:F4}" : "infinite");
        measures.Add("expected calibration error", $"{100 * result.ExpectedCalibrationError:F2} %");
        measures.Add("macro precision / recall / F1",
            $"{100 * result.MacroPrecision:F2} / {100 * result.MacroRecall:F2} / {100 * result.MacroF1:F2} %");
        if (result.ImagesPerSecond is { } speed) measures.Add("images per second", $"{speed:F1}");
        if (result.BrokenImages > 0) measures.Add("images not readable", $"{result.BrokenImages}");
        if (result.InvalidRows > 0) measures.Add("outputs not finite", $"{result.InvalidRows}");
        terminal.Write(measures);

        var classes = new TextTable().Left("class").Right("images")
            .Right("precision").Right("recall")
                .Right("F1");
        foreach (var entry in result.Classes.OrderBy(entry => entry.Support == 0 ? 2 : entry.Recall).Take(MaxClasses))
            classes.Add(entry.Name, $"{entry.Support}", $"{100 * entry.Precision:F1} %", $"{100 * entry.Recall:F1} %",
                $"{100 * entry.F1:F1} %");
        terminal.Write(classes);
        if (result.Classes.Length > MaxClasses) terminal.Output.WriteLine(
            $"… and {NumberText.Counted(result.Classes.Length - MaxClasses, "more class", "more classes")}; --report FILE.html shows all.");
    }
}
