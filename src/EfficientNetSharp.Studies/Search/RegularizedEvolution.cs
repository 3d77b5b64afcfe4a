using System.Collections.Immutable;
using EfficientNetSharp.Randomness;

namespace EfficientNetSharp.Studies.Search;

/// <summary>
/// Evolution in which the oldest dies, not the worst (Real et al. 2019, “Regularized Evolution for Image Classifier Architecture Search”,
/// Algorithm 1). It keeps no state: which network is tried next follows from the seed and the rewards so far, so that a search that was
/// stopped goes on from its table.
/// </summary>
/// <param name="space">Where it searches.</param>
/// <param name="settings">Population, tournament, children at once.</param>
/// <param name="seed">Names the search.</param>
public sealed class RegularizedEvolution(SearchSpace space, SearchSettings settings, ulong seed)
{
    // Names of streams.
    private const ulong Sampling = 0, Mutating = 1;

    /// <summary>The network that random search tries: the first <see cref="SearchSettings.Population"/> are evolution's too.</summary>
    /// <param name="trial">Its number, from 0.</param>
    public ImmutableArray<BlockChoice> Sample(int trial)
    {
        var random = new SeededRandom(seed, (ulong)trial, Sampling);
        return space.Sample(ref random);
    }

    /// <summary>All networks that are decided.</summary>
    /// <param name="reward">The reward of a network; <see langword="null"/> where it is not known yet.</param>
    /// <returns>Those up to the first that a missing reward decides; at most <see cref="SearchSettings.Trials"/>.</returns>
    public ImmutableArray<ImmutableArray<BlockChoice>> Decided(Func<ImmutableArray<BlockChoice>, double?> reward)
    {
        ArgumentNullException.ThrowIfNull(reward);
        var networks = ImmutableArray.CreateBuilder<ImmutableArray<BlockChoice>>();
        var rewards = new List<double>();
        for (int trial = 0; trial < settings.Trials; trial++)
        {
            if (trial < settings.Population)
            {
                networks.Add(Sample(trial));
                continue;
            }

            // Those whose results have to be there, the population's last and the ones before.
            int known = Math.Max(1, trial - settings.Parallel + 1);
            while (rewards.Count < known)
            {
                if (reward(networks[rewards.Count]) is not { } value) return networks.ToImmutable();
                rewards.Add(value);
            }

            networks.Add(Child(trial, networks, rewards, known));
        }

        return networks.ToImmutable();
    }

    private ImmutableArray<BlockChoice> Child(
        int trial, ImmutableArray<ImmutableArray<BlockChoice>>.Builder networks, List<double> rewards, int known)
    {
        var random = new SeededRandom(seed, (ulong)trial, Mutating);
        int oldest = Math.Max(0, known - settings.Population), best = -1;
        for (int drawn = 0; drawn < settings.Tournament; drawn++)
        {
            int other = oldest + random.NextInt(known - oldest);
            if (best < 0 || rewards[other] > rewards[best]) best = other;
        }

        return SearchSpace.Mutate(networks[best], ref random);
    }
}
