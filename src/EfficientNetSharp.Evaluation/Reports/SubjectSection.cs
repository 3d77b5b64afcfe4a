using System.Globalization;
using EfficientNetSharp.Evaluation.Reports.Writing;

namespace EfficientNetSharp.Evaluation.Reports;

/// <summary>What was evaluated, and how.</summary>
internal static class SubjectSection
{
    public static void Write(MarkupWriter page, EvaluationSubject subject)
    {
        (string Name, string? Value)[] facts =
        [
            ("Model", subject.Model),
            ("Architecture", subject.Architecture),
            ("Parameters", subject.Parameters is { } parameters ? $"{Numbers.Short(parameters)} ({Numbers.Whole(parameters)})" : null),
            ("Multiply-adds", subject.Macs is { } macs ? $"{Numbers.Short(macs)} an image ({Numbers.Whole(macs)})" : null),
            ("Input", subject.Input),
            ("Backend", subject.Backend),
            ("Data", subject.Data),
            ("Date", subject.Date?.ToString("yyyy-MM-dd HH:mm zzz", CultureInfo.InvariantCulture)),
        ];
        if (subject.Command is null && facts.All(fact => fact.Value is null)) return;

        page.Element("h2", "What was evaluated");
        using (page.Open("div", ("class", "panel")))
        using (page.Open("dl", ("class", "facts")))
        {
            foreach (var (name, value) in facts)
            {
                if (value is null) continue;
                page.Element("dt", name);
                page.Element("dd", value);
            }

            if (subject.Command is not { } command) return;
            page.Element("dt", "Command");
            using (page.Open("dd")) page.Element("code", command);
        }
    }
}
