using System.Collections.Immutable;
using EfficientNetSharp.Studies.Claims;
using EfficientNetSharp.Studies.Trials;

namespace EfficientNetSharp.Studies;

/// <summary>What a kind of study is made of.</summary>
internal interface IStudyPlan
{
    string Title { get; }

    /// <summary>What it asks and how, in sentences.</summary>
    string Lead { get; }

    /// <summary>All trials in order; <see langword="null"/> where missing results decide which one it is.</summary>
    ImmutableArray<Trial?> Trials(IReadOnlyDictionary<string, TrialResult> results);

    ImmutableArray<Claim> Claims(IReadOnlyDictionary<string, TrialResult> results);

    /// <summary>What else the results say, in sentences.</summary>
    ImmutableArray<string> Remarks(IReadOnlyDictionary<string, TrialResult> results);

    ImmutableArray<StudyPlot> Plots(IReadOnlyDictionary<string, TrialResult> results);
}

/// <summary>A plot of accuracy over multiply-adds, of the largest budget.</summary>
/// <param name="Name">Its file, without ending.</param>
/// <param name="Title">Its heading.</param>
/// <param name="Lines">Each line's name, and its points from left to right.</param>
internal sealed record StudyPlot(string Name, string Title, ImmutableArray<PlotLine> Lines);

/// <summary>A line of a plot.</summary>
/// <param name="Name">What the legend calls it.</param>
/// <param name="Points">Its points.</param>
/// <param name="IsJoined">Whether a line goes through them; else they are so many networks.</param>
internal sealed record PlotLine(string Name, ImmutableArray<(string Series, string Point)> Points, bool IsJoined = true);
