using EfficientNetSharp.Architectures;
using EfficientNetSharp.Models;
using EfficientNetSharp.Training.Transfer;

namespace EfficientNetSharp.Studies.Replacement;

/// <summary>A trained model that networks of a study may start from.</summary>
/// <param name="model">The model.</param>
/// <param name="source">What people call it.</param>
public sealed class StartWeights(Model model, string source)
{
    /// <summary>The model.</summary>
    public Model Model { get; } = model;

    /// <summary>What people call it.</summary>
    public string Source { get; } = source;

    /// <summary>Names its weights by their values.</summary>
    public string Fingerprint { get; } = WeightFingerprint.Of(model.Weights);

    // Names and shapes say nothing of how a network pads.
    private static void EnsureAlike(StartWeights weights, Architecture network)
    {
        if (weights.Model.Architecture is not { } own) return;
        if (own.Padding == network.Padding && own.Normalization == network.Normalization) return;
        throw new InvalidInputException(
            $"they are {own.Name}'s, whose padding or normalisation is not that of {network.Name}; name a candidate with {own.Name}'s body.");
    }

    /// <summary>For each network the first of some weights that fits its body; networks that none fits are left out.</summary>
    /// <param name="networks">The networks, at the size that they are trained at.</param>
    /// <param name="preprocessing">What is done to images.</param>
    /// <param name="weights">The weights.</param>
    /// <exception cref="InvalidInputException">Weights fit none of the networks; the message says why not the last.</exception>
    public static IEnumerable<StudyStart> Fit(
        IEnumerable<Architecture> networks, Preprocessing preprocessing, IReadOnlyList<StartWeights> weights)
    {
        ArgumentNullException.ThrowIfNull(networks);
        ArgumentNullException.ThrowIfNull(preprocessing);
        ArgumentNullException.ThrowIfNull(weights);
        var used = new HashSet<string>(StringComparer.Ordinal);
        var starts = new List<StudyStart>();
        var why = new Dictionary<string, InvalidInputException>(StringComparer.Ordinal);
        foreach (var network in networks)
        {
            foreach (var one in weights)
            {
                try
                {
                    EnsureAlike(one, network);
                    StartModel.EmbeddingWeightsFor(one.Model, network, preprocessing.At(network.Resolution), seed: 0);
                }
                catch (InvalidInputException e)
                {
                    why[one.Source] = e;
                    continue;
                }

                used.Add(one.Source);
                starts.Add(new StudyStart(network.Name, one.Source, one.Fingerprint));
                break;
            }
        }

        return weights.FirstOrDefault(one => !used.Contains(one.Source)) is { } unused && why.TryGetValue(unused.Source, out var reason)
            ? throw new InvalidInputException($"No network of the study starts from '{unused.Source}': {reason.Message}", reason)
            : starts;
    }
}
