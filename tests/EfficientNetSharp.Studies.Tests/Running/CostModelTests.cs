using EfficientNetSharp.Studies.Running;

namespace EfficientNetSharp.Studies.Tests.Running;

public sealed class CostModelTests
{
    [Fact]
    public void What_follows_the_model_is_found_again()
    {
        var measured = Sizes(5).Select(size => (size, (3e-5 * size.Nodes * size.Steps) + (2e-10 * size.Macs * size.Images))).ToList();
        var model = CostModel.Of(measured)!;
        Assert.Equal(3e-5, model.SecondsPerNode, 1e-10);
        Assert.Equal(2e-10, model.SecondsPerMac, 1e-15);
        Assert.All(measured, one => Assert.Equal(one.Item2, model.SecondsOf(one.size), 1e-9 * one.Item2));
    }

    [Fact]
    public void One_trial_is_met_and_others_scale_with_their_size()
    {
        var size = Sizes(1)[0];
        var model = CostModel.Of([(size, 40)])!;
        Assert.Equal(40, model.SecondsOf(size), 9);
        Assert.Equal(80, model.SecondsOf(size with { Images = 2 * size.Images, Steps = 2 * size.Steps }), 9);
        Assert.True(model.SecondsOf(size with { Macs = 2 * size.Macs }) is > 40 and < 80);
    }

    [Fact]
    public void No_time_is_negative()
    {
        // Times that fall with the multiply-adds, as noise may have it.
        var sizes = Sizes(4);
        var model = CostModel.Of([.. sizes.Select((size, i) => (size, 40.0 / (i + 1)))])!;
        Assert.True(model.SecondsPerNode >= 0 && model.SecondsPerMac >= 0);
        Assert.All(sizes, size => Assert.True(model.SecondsOf(size) > 0));
    }

    [Fact]
    public void Much_larger_networks_take_longer_whatever_the_small_ones_seem_to_say()
    {
        // The larger of two like networks was timed as the quicker one.
        var small = new TrialSize(1000, 100_000_000, 300, 4, 1);
        var model = CostModel.Of([(small, 0.10), (small with { Macs = 190_000_000 }, 0.09)])!;
        var large = small with { Macs = 2_600_000_000, Nodes = 60 };
        Assert.InRange(model.SecondsOf(large), 0.2, 3);
    }

    [Fact]
    public void Without_trials_there_is_no_model() => Assert.Null(CostModel.Of([]));

    private static List<TrialSize> Sizes(int count) =>
        [.. Enumerable.Range(1, count).Select(i => new TrialSize(1000, 1_000_000L * i * i, 100 + (20 * i), 15_000, 470))];
}
