using EfficientNetSharp.Studies.Replacement;
using EfficientNetSharp.Studies.Running;
using EfficientNetSharp.Studies.Tests.Replacement;
using EfficientNetSharp.Studies.Trials;

namespace EfficientNetSharp.Studies.Tests.Running;

public sealed class StepTimerTests
{
    [Fact]
    public void Networks_that_keep_the_statistics_of_weights_are_timed_without_their_files()
    {
        var settings = SmallReplacement.Settings();
        settings = settings with
        {
            Recipe = settings.Recipe with { FixedStatistics = true },
            Replacement = settings.Replacement with
            {
                Distills = false, Starts = [.. settings.Baselines.Select(network => new StudyStart(network.Name, "w.pth", "ab"))],
            },
        };
        var trials = Study.Of(settings).Trials(new Dictionary<string, TrialResult>()).Select(trial => trial!);
        var model = StepTimer.Calibrate(trials, SmallReplacement.Data, TestContext.Current.CancellationToken);
        Assert.All(trials, trial => Assert.True(model.SecondsOf(TrialSize.Of(trial, SmallReplacement.Data.Info)) > 0));
    }
}
