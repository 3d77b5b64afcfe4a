using EfficientNetSharp.Graphs;
using EfficientNetSharp.Models;
using EfficientNetSharp.Running;

namespace EfficientNetSharp.Prediction;

/// <summary>How <see cref="ModelOpener"/> opens a file.</summary>
public sealed record OpenOptions
{
    /// <summary>
    /// The backend's name; the opener's first where <see langword="null"/>, and one that runs the file by itself where the first cannot
    /// run it.
    /// </summary>
    public string? Backend { get; init; }

    /// <summary>How the backend runs it.</summary>
    public RunnerOptions Runner { get; init; } = new();

    /// <summary>Size of the images; the file's own where <see langword="null"/>.</summary>
    public InputSize? Size { get; init; }

    /// <summary>What the network is to yield instead of its result; <see langword="null"/> for the result.</summary>
    public FeatureSelection? Features { get; init; }

    /// <summary>
    /// Told in a sentence when another backend than the first takes over, because no backend was named and the first lacks an operator;
    /// <see langword="null"/> to tell nobody.
    /// </summary>
    public Action<string>? OnFallback { get; init; }

    /// <summary>
    /// What is done to images, instead of what the file says, for files that say nothing; brought to the network's size.
    /// <see langword="null"/> for the file's own.
    /// </summary>
    public Preprocessing? Preprocessing { get; init; }

    /// <summary>
    /// What the outputs stand for, instead of what the file says; as many as there are outputs. <see langword="null"/> for the file's own.
    /// </summary>
    public ClassList? ClassList { get; init; }

    /// <summary>
    /// Told each sentence that the reader has about the file: what the network does otherwise than it, and what was left out of it or chosen
    /// in it; <see langword="null"/> to tell nobody.
    /// </summary>
    public Action<string>? OnNote { get; init; }

    /// <summary>
    /// What is done to images otherwise than the file says, for <see cref="ModelOpener.OpenForImages"/>: gets the file's preprocessing
    /// at the size that is asked for, and may not change that size. <see langword="null"/> changes nothing.
    /// </summary>
    public Func<Preprocessing, Preprocessing>? AdjustPreprocessing { get; init; }
}
