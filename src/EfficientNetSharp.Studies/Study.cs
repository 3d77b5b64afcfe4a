using System.Collections.Immutable;
using EfficientNetSharp.Studies.Claims;
using EfficientNetSharp.Studies.Paper;
using EfficientNetSharp.Studies.Replacement;
using EfficientNetSharp.Studies.Reports;
using EfficientNetSharp.Studies.Search;
using EfficientNetSharp.Studies.Strategies;
using EfficientNetSharp.Studies.Trials;

namespace EfficientNetSharp.Studies;

/// <summary>
/// A study: its trials, and what they are to show. All follows from its settings and, in a search, from the results so far.
/// </summary>
public sealed class Study
{
    private readonly IStudyPlan _plan;

    private Study(StudySettings settings, IStudyPlan plan) => (Settings, _plan) = (settings, plan);

    /// <summary>What it follows from.</summary>
    public StudySettings Settings { get; }

    /// <summary>What it is called on pages.</summary>
    public string Title => _plan.Title;

    /// <summary>What its page says of it, sentence by sentence.</summary>
    public string Lead => _plan.Lead;

    /// <summary>The registered networks that a kind of study starts from, as the paper does.</summary>
    /// <param name="kind">The kind.</param>
    public static ImmutableArray<string> PaperBaselines(StudyKind kind) => kind switch
    {
        StudyKind.Tables => ScaledTables.PaperBaselines,
        StudyKind.Search => ["efficientnet_b0", "mobilenet_v2"],
        StudyKind.Replace => ReplacementNetworks.Standard,
        _ => ["efficientnet_b0"],
    };

    /// <summary>The study of some settings.</summary>
    /// <exception cref="InvalidInputException">A setting is out of range, or a baseline cannot be scaled as the study wants it.</exception>
    public static Study Of(StudySettings settings)
    {
        ArgumentNullException.ThrowIfNull(settings);
        settings.Check();
        return new Study(settings, settings.Kind switch
        {
            StudyKind.Fig3 => new Figure3(settings),
            StudyKind.Fig4 => new Figure4(settings),
            StudyKind.Grid => new GridSearch(settings),
            StudyKind.Tables => new ScaledTables(settings),
            StudyKind.Replace => new ReplacementStudy(settings),
            StudyKind.Strategies => new StrategyStudy(settings),
            _ => new BaselineSearch(settings),
        });
    }

    /// <summary>
    /// Its trials in order; <see langword="null"/> stands for one that results that are still missing decide.
    /// </summary>
    /// <param name="results">The results so far, by key.</param>
    public ImmutableArray<Trial?> Trials(IReadOnlyDictionary<string, TrialResult> results)
    {
        ArgumentNullException.ThrowIfNull(results);
        return _plan.Trials(results);
    }

    /// <summary>What it claims, and what the results so far say of it.</summary>
    /// <param name="results">The results so far, by key.</param>
    public ImmutableArray<ClaimVerdict> Judge(IReadOnlyDictionary<string, TrialResult> results)
    {
        var scores = ScoresOf(results);
        return [.. _plan.Claims(results).Select(claim => ClaimJudge.Judge(claim, scores))];
    }

    /// <summary>Writes the files of its folder by the results so far.</summary>
    internal IReadOnlyList<string> Write(IReadOnlyDictionary<string, TrialResult> results, StudyFolder folder) => _plan is ReplacementStudy replacement
        ? ReplacementReport.Write(this, replacement, results, folder)
        : StudyReport.Write(this, results, folder);

    /// <summary>Sentences beyond claims that the results so far allow.</summary>
    /// <param name="results">The results so far, by key.</param>
    public ImmutableArray<string> Remarks(IReadOnlyDictionary<string, TrialResult> results)
    {
        ArgumentNullException.ThrowIfNull(results);
        return _plan.Remarks(results);
    }

    internal ImmutableArray<StudyPlot> Plots(IReadOnlyDictionary<string, TrialResult> results) => _plan.Plots(results);

    /// <summary>The results of its trials by point and seed.</summary>
    internal StudyScores ScoresOf(IReadOnlyDictionary<string, TrialResult> results) => new(Trials(results).OfType<Trial>(), results);
}
