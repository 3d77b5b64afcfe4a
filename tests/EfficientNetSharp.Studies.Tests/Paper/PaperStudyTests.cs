using System.Globalization;
using EfficientNetSharp.Architectures;
using EfficientNetSharp.Architectures.Scaling;
using EfficientNetSharp.Costs;
using EfficientNetSharp.Evaluation.Reports.Scaling;
using EfficientNetSharp.Studies.Tests.Replacement;
using EfficientNetSharp.Studies.Trials;

namespace EfficientNetSharp.Studies.Tests.Paper;

public sealed class PaperStudyTests : IDisposable
{
    private static readonly Dictionary<string, TrialResult> Nothing = [];

    private readonly string _root = Directory.CreateTempSubdirectory("paper").FullName;

    public static TheoryData<StudyKind> Kinds => [.. Enum.GetValues<StudyKind>()];

    public void Dispose() => Directory.Delete(_root, recursive: true);

    [Fact]
    public void Figure_3_compares_networks_of_equal_cost()
    {
        var study = Study.Of(Settings(StudyKind.Fig3));
        var trials = study.Trials(Nothing).OfType<Trial>().ToList();
        // Nine networks, three seeds, two budgets.
        Assert.Equal(9 * 3 * 2, trials.Count);
        Assert.Equal(9, trials.Select(trial => (trial.Series, trial.Point)).Distinct().Count());
        long macs = MacsOf(trials[0]);
        foreach (var trial in trials.Where(trial => trial.Point != "×1"))
        {
            double factor = double.Parse(trial.Point[1..], CultureInfo.InvariantCulture);
            Assert.InRange(MacsOf(trial) / (factor * macs), 0.7, 1.4);
        }
    }

    [Fact]
    public void Costs_that_are_too_far_apart_are_said()
    {
        Assert.Empty(Study.Of(Settings(StudyKind.Fig3)).Remarks(Nothing));
        // A tenth of the channels are eight nearly everywhere, so that the next width is twice as wide.
        var small = Settings(StudyKind.Fig3) with
        {
            Baselines = [new ScalingCoefficients(1, 0.1, 1).Apply(ArchitectureRegistry.Get("efficientnet_b0"), 32)],
        };
        Assert.Contains(Study.Of(small).Remarks(Nothing), remark => remark.StartsWith("The networks at ×2 have", StringComparison.Ordinal));
    }

    [Fact]
    public void Figure_4_widens_four_bases_to_the_same_cost()
    {
        var trials = Study.Of(Settings(StudyKind.Fig4)).Trials(Nothing).OfType<Trial>().ToList();
        Assert.Equal(4, trials.Select(trial => trial.Series).Distinct().Count());
        foreach (string point in new[] { "×1.5", "×3" })
        {
            var costs = trials.Where(trial => trial.Point == point).Select(MacsOf).ToList();
            Assert.True((double)costs.Max() / costs.Min() < 1.4, $"{costs.Min()} to {costs.Max()}");
        }
    }

    [Fact]
    public void The_grid_trains_each_network_once_and_ranks_all_candidates()
    {
        var study = Study.Of(Settings(StudyKind.Grid));
        var trials = study.Trials(Nothing).OfType<Trial>().ToList();
        Assert.Equal(trials.Count, trials.Select(trial => trial.Key).Distinct().Count());
        // The more parameters, the better: the correlation with them is 1, and the best is the largest.
        var results = SmallStudies.Finish(study, trial =>
        {
            var costs = GraphCosts.Of(trial.Architecture.Build(new BuildOptions { Classes = 3 }));
            return SmallStudies.Invented(trial, costs.Parameters / 1e7, costs.Macs) with { Parameters = costs.Parameters };
        });
        var remarks = study.Remarks(results);
        Assert.Contains(remarks, remark => remark.Contains("parameters 1.00", StringComparison.Ordinal));
        string best = trials.MaxBy(trial => results[trial.Key].Parameters)!.Point;
        Assert.StartsWith($"Best by the mean over seeds: {best},", remarks[0], StringComparison.Ordinal);
        Assert.Contains(study.Judge(results), verdict => verdict.Claim.Text.Contains("the paper's α 1.2 β 1.1 γ 1.15", StringComparison.Ordinal));
    }

    [Fact]
    public void The_tables_have_the_papers_numbers_beside_each_claim()
    {
        var study = Study.Of(Settings(StudyKind.Tables));
        var verdicts = study.Judge(Nothing);
        Assert.Equal(4 * 3, verdicts.Length);
        Assert.Contains(verdicts, verdict => verdict.Claim.Text == "MobileNetV2: compound is better than depth only"
            && verdict.Claim.Published == "compound 77.4 %, d = 4 76.8 %");
        Assert.Contains(verdicts, verdict => verdict.Claim.Text == "EfficientNet-B0: compound is better than resolution only"
            && verdict.Claim.Published == "compound d = 1.4, w = 1.2, r = 1.3 81.1 %, r = 2 79.1 %"
            || verdict.Claim.Published == "compound 81.1 %, r = 2 79.1 %");
        // The paper has no deeper MobileNetV1.
        Assert.Contains(verdicts, verdict => verdict.Claim is { Text: "MobileNetV1: compound is better than depth only", Published: "" });
        Assert.Equal(
            PublishedScaling.Table3.Concat(PublishedScaling.Table7).Select(row => row.Name).Distinct().Order(),
            study.Trials(Nothing).Select(trial => trial!.Series).Distinct().Order());
    }

    [Theory]
    [MemberData(nameof(Kinds))]
    public void Every_study_is_read_back_and_shown_at_any_moment(StudyKind kind)
    {
        var settings = Settings(kind);
        var study = Study.Of(settings);
        var folder = new StudyFolder(Path.Combine(_root, kind.ToString()));
        folder.Begin(settings);
        Assert.Equal(StudyJson.Serialize(settings), StudyJson.Serialize(folder.ReadSettings()));
        Assert.Equal(
            study.Trials(Nothing).Select(trial => trial?.Key), Study.Of(folder.ReadSettings()).Trials(Nothing).Select(trial => trial?.Key));

        folder.WriteReport(study);
        Assert.Contains("trials are done; what follows is of those", File.ReadAllText(folder.Page), StringComparison.Ordinal);
        foreach (var result in SmallStudies.Finish(study, trial => SmallStudies.Invented(trial, macs: MacsOf(trial))).Values) folder.Table.Append(result);
        var files = folder.WriteReport(study).ToDictionary(file => file, File.ReadAllText);
        Assert.DoesNotContain("trials are done; what follows is of those", files[folder.Page], StringComparison.Ordinal);
        Assert.Contains(files.Keys, file => file.EndsWith(".svg", StringComparison.Ordinal));
        // Written anew, they are the same.
        Assert.Equal(files, folder.WriteReport(Study.Of(folder.ReadSettings())).ToDictionary(file => file, File.ReadAllText));
        System.Xml.Linq.XDocument.Parse(files[folder.Page].Replace("<!DOCTYPE html>", "", StringComparison.Ordinal));
    }

    [Theory]
    [InlineData("")]
    [InlineData("{}")]
    [InlineData("[1]")]
    [InlineData("{\"study\":{},\"baselines\":[],\"recipe\":{},\"preprocessing\":{}}")]
    public void A_study_file_of_something_else_is_refused(string text)
    {
        var folder = new StudyFolder(_root);
        File.WriteAllText(folder.Settings, text);
        Assert.Throws<InvalidInputException>(folder.ReadSettings);
    }

    private static StudySettings Settings(StudyKind kind)
    {
        if (kind == StudyKind.Replace) return SmallReplacement.Settings() with { Seeds = 3, Budgets = 2 };
        var shrink = new ScalingCoefficients(1, 0.5, 1);
        return SmallStudies.Settings(kind) with
        {
            Baselines = [.. Study.PaperBaselines(kind).Select(name => shrink.Apply(ArchitectureRegistry.Get(name), 64))],
            Seeds = 3,
            Budgets = 2,
            Factors = [],
            GridStep = 0.2,
            Strategies = kind == StudyKind.Strategies ? Strategies.StrategyStudyTests.Plan(4) : new(),
            Recipe = SmallStudies.Settings().Recipe with { Epochs = 2 },
        };
    }

    private static long MacsOf(Trial trial) => GraphCosts.Of(trial.Architecture.Build(new BuildOptions { Classes = 3 })).Macs;
}
