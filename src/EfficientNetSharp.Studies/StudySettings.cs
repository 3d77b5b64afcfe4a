using System.Collections.Immutable;
using EfficientNetSharp.Architectures;
using EfficientNetSharp.Models;
using EfficientNetSharp.Studies.Replacement;
using EfficientNetSharp.Studies.Search;
using EfficientNetSharp.Studies.Strategies;
using EfficientNetSharp.Studies.Trials;
using EfficientNetSharp.Training.Recipes;

namespace EfficientNetSharp.Studies;

/// <summary>All that a study's trials follow from; it lies in the study's folder.</summary>
public sealed record StudySettings
{
    // More than anybody trains is a slip of the pen.
    internal const int MaxSeeds = 1000, MaxBudgets = 8;

    /// <summary>Distance of neighbours in the grid of α, β and γ, unless said otherwise.</summary>
    public const double StandardGridStep = 0.1;

    /// <summary>What the study asks.</summary>
    public required StudyKind Kind { get; init; }

    /// <summary>
    /// The networks that are scaled: one, or several in <see cref="StudyKind.Tables"/>. Their resolution is the input's side. In <see
    /// cref="StudyKind.Replace"/> all networks, the product's first.
    /// </summary>
    public required ImmutableArray<Architecture> Baselines { get; init; }

    /// <summary>How trials are trained; its seed is the first one's.</summary>
    public required TrainingRecipe Recipe { get; init; }

    /// <summary>What is done to images; each network has it at its own resolution (<see cref="Preprocessing.At(int)"/>).</summary>
    public required Preprocessing Preprocessing { get; init; }

    /// <summary>The images.</summary>
    public required StudyDataInfo Data { get; init; }

    /// <summary>How often each network is trained, with seeds that follow each other. Default 3.</summary>
    public int Seeds { get; init; } = 3;

    /// <summary>
    /// How often the whole study is repeated, each time with half the epochs: an ordering that does not hold at two budgets is none.
    /// Default 2.
    /// </summary>
    public int Budgets { get; init; } = 2;

    /// <summary>
    /// Multiply-adds of the scaled networks as multiples of the baseline's. Of each study its own where empty, the default.
    /// </summary>
    public ImmutableArray<double> Factors { get; init; } = [];

    /// <summary>Distance of neighbours in the grid of α, β and γ. Default 0.1.</summary>
    public double GridStep { get; init; } = StandardGridStep;

    /// <summary>How a baseline is searched, where the study is <see cref="StudyKind.Search"/>.</summary>
    public SearchSettings Search { get; init; } = new();

    /// <summary>What is compared, and how, where the study is <see cref="StudyKind.Replace"/>.</summary>
    public ReplacementSettings Replacement { get; init; } = new();

    /// <summary>The networks that are compared, where the study is <see cref="StudyKind.Strategies"/>.</summary>
    public StrategySettings Strategies { get; init; } = new();

    /// <summary>Threads that libtorch computes a trial with. Default 1: several processes are quicker than several threads.</summary>
    public int Threads { get; init; } = 1;

    /// <summary>Where to compute, as for <see cref="Training.TrainingJob.Device"/>. Default <c>cpu</c>.</summary>
    public string Device { get; init; } = "cpu";

    /// <summary>The baseline of a study of one.</summary>
    public Architecture Baseline => Baselines[0];

    /// <summary>Checks that each number is in its range and that the parts fit each other.</summary>
    /// <exception cref="InvalidInputException">One is not; the message names it.</exception>
    public void Check()
    {
        Recipe.Check();
        bool wantsEmbeddings = Kind == StudyKind.Replace;
        if ((Recipe.Task == TaskKind.Embedding) != wantsEmbeddings)
        {
            throw new InvalidInputException(wantsEmbeddings
                ? "A replacement study compares embeddings, and the recipe is for a classifier; name another recipe, such as arcface."
                : "A study compares classifiers, and the recipe is for an embedding; name another recipe.");
        }

        Check(Baselines.Length, 1, 100, "The study's baselines");
        Check(Seeds, 1, MaxSeeds, "The study's seeds");
        Check(Budgets, 1, MaxBudgets, "The study's budgets");
        Check(Threads, 1, 1024, "The study's threads");
        Check(GridStep, 0.02, 1, "The grid's step");
        foreach (double factor in Factors) Check(factor, 1.05, 10_000, "A factor of multiply-adds");
        if (Recipe.Epochs >> (Budgets - 1) == 0)
        {
            throw new InvalidInputException(
                $"{NumberText.Counted(Recipe.Epochs, "epoch")} cannot be halved {NumberText.Counted(Budgets - 1, "time")}; " +
                "raise --epochs or lower --budgets.");
        }

        Search.Check();
        if (wantsEmbeddings) Replacement.Check(Baselines.Length);
        if (Kind == StudyKind.Strategies) Strategies.Check();

        static void Check(double value, double min, double max, string what)
        {
            var range = new NumberRange(min, max);
            if (!range.Contains(value)) throw new InvalidInputException(NumberText.Refusal(value, range, what));
        }
    }

    /// <summary>Epochs of each budget, the largest first.</summary>
    internal ImmutableArray<int> EpochsOfBudgets => [.. Enumerable.Range(0, Budgets).Select(k => Recipe.Epochs >> k)];

    /// <summary>What a budget is called.</summary>
    internal static string BudgetName(int epochs) => NumberText.Counted(epochs, "epoch");
}
