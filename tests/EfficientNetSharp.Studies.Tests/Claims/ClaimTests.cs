using EfficientNetSharp.Studies.Claims;
using EfficientNetSharp.Studies.Trials;

namespace EfficientNetSharp.Studies.Tests.Claims;

public sealed class ClaimTests
{
    private const string Compound = "compound ×2 is better than depth only ×2";

    [Theory]
    [InlineData(3, 2, 0.10, VerdictKind.Holds)]
    [InlineData(3, 2, -0.10, VerdictKind.Reversed)]
    [InlineData(3, 2, 0.0, VerdictKind.NotSettled)]
    // One image in a hundred, three times: the step itself could be that.
    [InlineData(3, 2, 0.01, VerdictKind.NotSettled)]
    [InlineData(3, 1, 0.10, VerdictKind.NotSettled)]
    [InlineData(1, 2, 0.10, VerdictKind.NotSettled)]
    public void An_order_holds_over_seeds_and_at_two_budgets_or_is_not_settled(int seeds, int budgets, double lead, VerdictKind expected)
    {
        var verdict = Judge(seeds, budgets, (trial, _) => 0.5 + (trial.Series == "compound" ? lead : 0));
        Assert.Equal(expected, verdict.Kind);
        Assert.Equal(expected == VerdictKind.NotSettled, verdict.Why.Length > 0);
        Assert.Equal(budgets, verdict.Evidence.Length);
        Assert.All(verdict.Evidence, one => Assert.Equal(lead, one.Difference!.Value.Mean, 12));
    }

    [Fact]
    public void Budgets_that_contradict_each_other_settle_nothing()
    {
        var verdict = Judge(3, 2, (trial, _) => 0.5 + (trial.Series != "compound" ? 0 : trial.Budget == "2 epochs" ? 0.2 : -0.2));
        Assert.Equal(VerdictKind.NotSettled, verdict.Kind);
        Assert.Equal("the budgets contradict each other", verdict.Why);
    }

    [Fact]
    public void Differences_are_taken_seed_by_seed()
    {
        // Seeds differ by far more than the networks do, and each seed has the same order.
        Assert.Equal(VerdictKind.Holds, Judge(4, 2, (trial, seed) => (0.2 * seed) + (trial.Series == "compound" ? 0.05 + (0.01 * (seed % 2)) : 0)).Kind);
    }

    [Fact]
    public void Missing_trials_are_said()
    {
        var study = StudyOf(3, 2);
        Assert.All(study.Judge(new Dictionary<string, TrialResult>()), verdict => Assert.Equal("trials are missing", verdict.Why));
    }

    [Fact]
    public void A_diverged_trial_counts_as_naming_nothing()
    {
        var verdict = Judge(3, 2, (trial, seed) => trial.Series == "compound" && seed == 1 ? 0 : trial.Series == "compound" ? 0.9 : 0.5);
        Assert.Equal(VerdictKind.NotSettled, verdict.Kind);
    }

    [Fact]
    public void Gains_that_shrink_are_a_claim_too()
    {
        var study = Study.Of(SmallStudies.Settings() with
        {
            Seeds = 3, Budgets = 2, Factors = [2, 4], Recipe = SmallStudies.Settings().Recipe with { Epochs = 2 },
        });
        var results = SmallStudies.Finish(study, trial => SmallStudies.Invented(
            trial, trial.Point switch { "×1" => 0.5, "×2" => 0.7, _ => 0.75 }));
        var verdict = study.Judge(results).Single(one => one.Claim.Text.StartsWith("width only gains more", StringComparison.Ordinal));
        Assert.Equal(VerdictKind.Holds, verdict.Kind);
        Assert.Equal(0.15, verdict.Evidence[0].Difference!.Value.Mean, 12);
    }

    private static Study StudyOf(int seeds, int budgets) => Study.Of(SmallStudies.Settings() with
    {
        Seeds = seeds, Budgets = budgets, Recipe = SmallStudies.Settings().Recipe with { Epochs = 2, Seed = 0 },
    });

    private static ClaimVerdict Judge(int seeds, int budgets, Func<Trial, int, double> top1)
    {
        var study = StudyOf(seeds, budgets);
        var results = SmallStudies.Finish(study, trial => SmallStudies.Invented(trial, top1(trial, (int)trial.Recipe.Seed)));
        return study.Judge(results).Single(verdict => verdict.Claim.Text == Compound);
    }
}
