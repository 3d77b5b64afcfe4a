using EfficientNetSharp.Studies.Claims;
using EfficientNetSharp.Studies.Reports;
using EfficientNetSharp.Studies.Trials;

namespace EfficientNetSharp.Studies.Tests.Reports;

public sealed class StudyTablesTests
{
    [Theory]
    [InlineData(0.25, null)]
    // Three classes: guessing has 1.10.
    [InlineData(1.0, "width only ×2 after 1 epoch (1.00)")]
    [InlineData(2.0, "width only ×2 after 1 epoch (2.00)")]
    public void Networks_that_have_not_begun_to_learn_are_named(double loss, string? named)
    {
        var study = Study.Of(SmallStudies.Settings());
        var results = SmallStudies.Finish(study, trial => SmallStudies.Invented(trial) with
        {
            Test = new TrialScore(100, 0.4, 1, trial is { Series: "width only", Point: "×2" } ? loss : 0.25),
        });
        string? said = StudyTables.Unlearned(new StudyScores(study.Trials(results).OfType<Trial>(), results), classes: 3);
        if (named is null) Assert.Null(said);
        else Assert.StartsWith($"Hardly begun to learn, by a loss near the 1.10 of guessing: {named}. ", said, StringComparison.Ordinal);
    }
}
