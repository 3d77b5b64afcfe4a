using System.Collections.Immutable;
using EfficientNetSharp.Architectures;
using EfficientNetSharp.Studies.Search;

namespace EfficientNetSharp.Studies.Tests.Search;

public sealed class RegularizedEvolutionTests
{
    private static readonly SearchSpace Space = new(ArchitectureRegistry.Get("efficientnet_b0"), ArchitectureRegistry.Get("mobilenet_v2"));

    private static readonly SearchSettings Settings = new() { Trials = 100, Population = 20, Tournament = 5 };

    // The best choices of all are one network; each stage adds by itself, and pairs of neighbours too.
    private static double Objective(ImmutableArray<BlockChoice> network)
    {
        double sum = 0;
        for (int i = 0; i < network.Length; i++)
        {
            var one = network[i];
            sum += ((int)one.Operation * 0.5) + (one.Kernel == 5 ? 0.3 : 0) + one.SqueezeExcite + (one.Skip ? 0.4 : 0) + (one.Width * 0.6) + (one.Layers * 0.2);
            if (i > 0 && one.Kernel != network[i - 1].Kernel) sum += 0.3;
        }

        return sum;
    }

    [Fact]
    public void With_as_many_trials_it_finds_better_networks_than_random_search()
    {
        int better = 0;
        const int seeds = 40;
        for (ulong seed = 0; seed < seeds; seed++)
        {
            var evolution = new RegularizedEvolution(Space, Settings, seed);
            double evolved = evolution.Decided(network => Objective(network)).Max(Objective);
            double random = Enumerable.Range(0, Settings.Trials).Max(trial => Objective(evolution.Sample(trial)));
            if (evolved > random) better++;
        }

        Assert.True(better >= 38, $"{better} of {seeds}");
    }

    [Theory]
    [InlineData(1)]
    [InlineData(4)]
    public void It_is_decided_by_the_seed_and_the_rewards_alone(int parallel)
    {
        var settings = Settings with { Parallel = parallel };
        var whole = new RegularizedEvolution(Space, settings, 1).Decided(network => Objective(network));
        Assert.Equal(settings.Trials, whole.Length);

        // As a table grows: what is decided is never decided otherwise, and there is always one to do.
        var known = new List<ImmutableArray<BlockChoice>>();
        while (known.Count < settings.Trials)
        {
            var decided = new RegularizedEvolution(Space, settings, 1).Decided(network => Known(network) ? Objective(network) : null);
            Assert.True(decided.Length > known.Count);
            Assert.All(decided.Index(), one => Assert.True(one.Item.SequenceEqual(whole[one.Index])));
            // As many as may be under way at once are.
            if (known.Count >= settings.Population) Assert.True(decided.Length - known.Count >= Math.Min(parallel, settings.Trials - known.Count));
            known.Add(decided[known.Count]);
        }

        Assert.False(new RegularizedEvolution(Space, settings, 2).Decided(network => Objective(network))[50].SequenceEqual(whole[50]));

        bool Known(ImmutableArray<BlockChoice> network) => known.Exists(one => one.SequenceEqual(network));
    }

    [Fact]
    public void The_oldest_die_however_good_they_are()
    {
        // One sample of the first population is better than all that can come; once it is dead nobody descends from it.
        var settings = Settings with { Population = 5, Tournament = 5, Trials = 60 };
        var evolution = new RegularizedEvolution(Space, settings, 3);
        var star = evolution.Sample(0);
        var networks = evolution.Decided(network => network.SequenceEqual(star) ? 100 : 0);
        // Its last children are born while it is among the last five.
        Assert.All(networks.Skip(30), network => Assert.True(Distance(network, star) > 1));

        static int Distance(ImmutableArray<BlockChoice> a, ImmutableArray<BlockChoice> b) => a.Zip(b).Count(pair => pair.First != pair.Second);
    }

    [Theory]
    [InlineData(RewardKind.Soft, 0.8, 100, 0.8)]
    [InlineData(RewardKind.Soft, 0.8, 200, 0.762106)]
    [InlineData(RewardKind.Soft, 0.8, 50, 0.839773)]
    [InlineData(RewardKind.Absolute, 0.8, 100, 0.8)]
    [InlineData(RewardKind.Absolute, 0.8, 200, 0.73)]
    [InlineData(RewardKind.Absolute, 0.8, 50, 0.765)]
    public void Rewards_are_as_published(RewardKind kind, double accuracy, double cost, double expected) =>
        Assert.Equal(expected, new SearchSettings { Reward = kind }.RewardOf(accuracy, cost, 100), 5);

    [Fact]
    public void Settings_out_of_range_are_refused()
    {
        Assert.All(
            new SearchSettings[]
            {
                new() { Trials = 0 }, new() { Tournament = 21 }, new() { Parallel = 0 }, new() { Exponent = 0.07 }, new() { FinalEpochs = 0 },
                new() { Cost = SearchCost.Latency }, new() { Target = -1 },
            },
            settings => Assert.Throws<InvalidInputException>(settings.Check));
    }
}
