using EfficientNetSharp.Evaluation.Reports.Writing;

namespace EfficientNetSharp.Evaluation.Reports;

/// <summary>The title, the numbers that matter most with a sentence each, and what was evaluated.</summary>
internal static class HeadlineSection
{
    public static void Write(MarkupWriter page, EvaluationReport report)
    {
        page.Element("h1", report.Title);
        page.Element("p", Summary(report.Result), ("class", "muted"));
        UnreadableImages.Write(
            page, report.Result.BrokenImages, report.Result.Unreadable, "could not be read and took no part in this evaluation");
        UnreadableImages.Write(
            page, report.UnreadableInTraining.Length, report.UnreadableInTraining, "could not be read and took no part in training");
        foreach (string warning in Warnings(report.Result)) page.Element("p", warning, ("class", "warning"));
        var cards = Cards(report.Result);
        CardsSection.Write(page, cards);
        SubjectSection.Write(page, report.Subject);
    }

    private static string Summary(ClassificationResult result) =>
        $"{Numbers.Counted(result.Count, "image", "images")} of {Numbers.Counted(result.Classes.Length, "class", "classes")}";

    private static IEnumerable<string> Warnings(ClassificationResult result)
    {
        if (result.Count == 0) yield return "No image was evaluated: the numbers below mean nothing.";
        if (result.InvalidRows > 0)
        {
            yield return $"For {Numbers.Counted(result.InvalidRows, "image", "images")} the network gave NaN or infinity; "
                + "they count as wrong and have no part in loss and calibration.";
        }

        if (result.ConstantRows > 0)
        {
            yield return $"For {Numbers.Counted(result.ConstantRows, "image", "images")} the network gave all classes the same value; "
                + "they count as wrong.";
        }

        int absent = result.Classes.Count(measures => measures.Support == 0);
        if (absent > 0 && result.Count > 0)
        {
            yield return $"{Numbers.Counted(absent, "class has", "classes have")} no image here; "
                + $"means over classes leave {(absent == 1 ? "it" : "them")} out.";
        }
    }

    private static List<(string Name, string Value, string Note)> Cards(ClassificationResult result)
    {
        int classes = result.Classes.Length;
        List<(string, string, string)> cards = [("Top-1 accuracy", Numbers.Percent(result.Top1), Top1Note(result))];
        // With five classes or fewer the label is always among the five best.
        if (classes > 5)
            cards.Add(("Top-5 accuracy", Numbers.Percent(result.Top5), "Share of images whose class is among the five best guesses."));
        cards.Add((
            "Balanced accuracy", Numbers.Percent(result.MacroRecall),
            "Mean of the classes’ recalls: every class weighs the same, however many images it has."));
        cards.Add((
            "Macro F1", Numbers.Percent(result.MacroF1),
            "Mean over the classes of F1, which is high only where precision and recall both are."));
        cards.Add(("Loss", result.Loss is { } loss ? Numbers.Fixed(loss, 3) : "–",
            $"Mean cross-entropy in nats; 0 is perfect, and knowing nothing of {Numbers.Counted(classes, "class", "classes")} gives {Numbers.Fixed(Math.Log(classes), 3)}."));
        cards.Add(("Calibration error", Numbers.Percent(result.ExpectedCalibrationError),
            "How far confidence and accuracy lie apart on average; at 0, answers that are 80% sure are right 80% of the time."));
        if (result.ImagesPerSecond is { } speed && double.IsFinite(speed))
            cards.Add(("Speed", Numbers.Fixed(speed, speed < 10 ? 2 : speed < 100 ? 1 : 0),
                "Images per second on the machine that evaluated, reading included."));
        return cards;
    }

    private static string Top1Note(ClassificationResult result)
    {
        if (result.Count == 0) return "Share of images whose best guess is right.";
        var (low, high) = Numbers.Interval(result.Top1, result.Count);
        double common = (double)result.Classes.Max(measures => measures.Support) / result.Count;
        return $"Share of images whose best guess is right; 95% interval {Numbers.Percent(low)}–{Numbers.Percent(high)}, "
            + $"and always guessing the commonest class gives {Numbers.Percent(common)}.";
    }
}
