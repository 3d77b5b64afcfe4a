using System.Collections.Immutable;
using EfficientNetSharp.Architectures;
using EfficientNetSharp.Models;
using EfficientNetSharp.Studies.Claims;
using EfficientNetSharp.Studies.Paper;
using EfficientNetSharp.Studies.Trials;

namespace EfficientNetSharp.Studies.Replacement;

/// <summary>
/// What a product's network may be replaced by: the product's networks and the candidates trained alike, and the candidates once more with
/// the product's trained network as their teacher.
/// </summary>
internal sealed class ReplacementStudy : IStudyPlan
{
    /// <summary>The line of networks that learn by themselves.</summary>
    public const string Alone = "alone";

    /// <summary>The line of networks with a teacher.</summary>
    public const string Distilled = "distilled";

    private readonly StudySettings _settings;
    private readonly ImmutableArray<PlannedNetwork> _alone, _distilled;

    public ReplacementStudy(StudySettings settings)
    {
        _settings = settings;
        if (settings.Baselines.GroupBy(network => network.Name).FirstOrDefault(group => group.Count() > 1) is { } twice)
            throw new InvalidInputException($"'{twice.Key}' is among the study's networks twice; name it once.");
        if (settings.Baselines.FirstOrDefault(network => network.Embedding is null) is { } classifier)
        {
            throw new InvalidInputException(
                $"'{classifier.Name}' ends in a classifier, and a replacement study compares embeddings; add a head, as in {classifier.Name}:head=gdc.");
        }

        if (settings.Replacement.Distills && settings.Baselines.FirstOrDefault(
            network => network.Embedding!.Features != Product.Embedding!.Features) is { } other)
        {
            throw new InvalidInputException(
                $"'{other.Name}' yields {other.Embedding!.Features} features and its teacher '{Product.Name}' {Product.Embedding!.Features}; " +
                "give all networks as many (features=), or leave --distill out.");
        }

        _alone = [.. settings.Baselines.Select(network => new PlannedNetwork(Alone, network.Name, network))];
        _distilled = settings.Replacement.Distills
            ? [.. _alone.Skip(settings.Replacement.Products).Select(network => network with { Series = Distilled })] : [];
    }

    /// <summary>The network that losses are counted from, and that teaches.</summary>
    public Architecture Product => _settings.Baseline;

    public string Title => $"What may replace {Product.Name}";

    public string Lead
    {
        get
        {
            var replacement = _settings.Replacement;
            string also = replacement.Distills ? $", and the candidates once more with {Product.Name} as their teacher" : "";
            return $"{NumberText.Counted(replacement.Products, "network")} of a product and " +
                $"{NumberText.Counted(_settings.Baselines.Length - replacement.Products, "candidate")} are trained alike, with the same images, " +
                $"steps and seeds{also}. Each is then brought into the integers of {replacement.Precision.Device} and judged by " +
                _settings.Data.KnownIdentities switch
                {
                    null => "images that neither training nor quantization has seen.",
                    0 => "identities that neither training nor quantization has seen.",
                    { } known => $"other images; {NumberText.Counted(known, "identity", "identities")} of theirs were trained on, " +
                        "so that the page says little of strangers.",
                };
        }
    }

    /// <summary>The networks in the order of tables: each alone and, if so, with its teacher.</summary>
    public IEnumerable<PlannedNetwork> Networks =>
        _alone.SelectMany(network => new[] { network }.Concat(_distilled.Where(other => other.Point == network.Point)));

    public ImmutableArray<Trial?> Trials(IReadOnlyDictionary<string, TrialResult> results)
    {
        var trials = ImmutableArray.CreateBuilder<Trial?>();
        foreach (int epochs in _settings.EpochsOfBudgets)
        {
            for (int i = 0; i < _settings.Seeds; i++)
            {
                ulong seed = _settings.Recipe.Seed + (ulong)i;
                var alone = _alone.Select(network => TrialOf(network, epochs, seed, null)).ToList();
                trials.AddRange(alone);
                trials.AddRange(_distilled.Select(network => TrialOf(network, epochs, seed, alone[0])));
            }
        }

        return trials.ToImmutable();
    }

    public ImmutableArray<Claim> Claims(IReadOnlyDictionary<string, TrialResult> results)
    {
        var candidates = _alone.Skip(_settings.Replacement.Products).ToList();
        return
        [
            .. candidates.Select(network => Claim.Better(
                $"{network.Point} is better than {Product.Name}", (Alone, network.Point), (Alone, Product.Name))),
            .. candidates.Where(network => network.Architecture.Embedding!.Kind == EmbeddingKind.Pooled).SelectMany(pooled => candidates
                .Where(other => other.Architecture.Embedding!.Kind == EmbeddingKind.Flattened
                    && BodyOf(other) == BodyOf(pooled))
                .Select(flattened => Claim.Better(
                    $"{flattened.Point} is better than {pooled.Point}", (Alone, flattened.Point), (Alone, pooled.Point),
                    "the product: the pooled head's accuracy was not good enough"))),
            .. _distilled.Select(network => Claim.Better(
                $"{network.Point} is better with {Product.Name} as its teacher", (Distilled, network.Point), (Alone, network.Point))),
        ];
    }

    public ImmutableArray<string> Remarks(IReadOnlyDictionary<string, TrialResult> results)
    {
        var scores = new StudyScores(Trials(results).OfType<Trial>(), results);
        return RecommendationOf([.. ReplacementRow.Of(this, scores, scores.Budgets[0])]).Sentences;
    }

    /// <summary>What the rows of the largest budget recommend.</summary>
    public Recommendation RecommendationOf(IReadOnlyList<ReplacementRow> rows) =>
        Recommendation.Of(rows, Product.Name, _settings.Replacement.Precision, _settings.Replacement.Limits);

    // The page has its own.
    public ImmutableArray<StudyPlot> Plots(IReadOnlyDictionary<string, TrialResult> results) => [];

    // As text, since tables of equal stages are not equal objects.
    private static string BodyOf(PlannedNetwork network) =>
        ModelJson.Serialize(network.Architecture with { Name = "network", Family = "network", Embedding = null });

    private Trial TrialOf(PlannedNetwork network, int epochs, ulong seed, Trial? teacher)
    {
        var replacement = _settings.Replacement;
        bool teaches = replacement.Distills && network == _alone[0];
        string? start = replacement.Starts.FirstOrDefault(start => start.Network == network.Point)?.Fingerprint;
        var trial = network.TrialOf(_settings, epochs, seed);
        return trial with
        {
            Recipe = start is null ? trial.Recipe.ForDrawnWeights() : trial.Recipe,
            Embedding = new EmbeddingTrial
            {
                Teacher = teacher,
                Start = start,
                Precision = replacement.Precision,
                KeepsModel = replacement.KeepsModels || teaches,
            },
        };
    }
}
