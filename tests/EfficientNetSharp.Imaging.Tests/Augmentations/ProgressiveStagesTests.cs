using EfficientNetSharp.Imaging.Transforms;

namespace EfficientNetSharp.Imaging.Tests.Augmentations;

public sealed class ProgressiveStagesTests
{
    [Fact]
    public void Stages_of_the_paper_rise_evenly_from_their_least_to_their_most()
    {
        // EfficientNetV2, Table 6 and Algorithm 1 with four stages: thirds of the way.
        var stages = ProgressiveStages.PaperM.All();
        Assert.Equal([128, 212, 296, 380], stages.Select(s => s.Resolution));
        Assert.Equal([5, 10, 15, 20], stages.Select(s => s.Magnitude));
        AssertClose([0, 0.2 / 3, 0.4 / 3, 0.2], stages.Select(s => s.MixupAlpha));
        AssertClose([0.1, 0.2, 0.3, 0.4], stages.Select(s => s.Dropout));
        Assert.Equal([128, 185, 243, 300], ProgressiveStages.PaperS.All().Select(s => s.Resolution));
        AssertClose([5, 25.0 / 3, 35.0 / 3, 15], ProgressiveStages.PaperS.All().Select(s => s.Magnitude));
        Assert.All(ProgressiveStages.PaperS.All(), s => Assert.Equal(0, s.MixupAlpha));
        AssertClose([5, 35.0 / 3, 55.0 / 3, 25], ProgressiveStages.PaperL.All().Select(s => s.Magnitude));
        AssertClose([0.1, 0.7 / 3, 1.1 / 3, 0.5], ProgressiveStages.PaperL.All().Select(s => s.Dropout));
        AssertClose([0, 0.5 / 3, 1.0 / 3, 0.5], ProgressiveStages.PaperL.All().Select(s => s.MixupAlpha));
    }

    [Fact]
    public void Stages_of_automl_start_a_step_above_half_the_size()
    {
        // int(ibase + (size − ibase)·(stage + 1)/4) with ibase = size / 2; numpy's linspace for the rest.
        Assert.Equal([187, 225, 262, 300], ProgressiveStages.AutomlS.All().Select(s => s.Resolution));
        Assert.Equal([240, 288, 336, 384], ProgressiveStages.AutomlM.All().Select(s => s.Resolution));
        AssertClose([5, 20.0 / 3, 25.0 / 3, 10], ProgressiveStages.AutomlS.All().Select(s => s.Magnitude));
        AssertClose([5, 10, 15, 20], ProgressiveStages.AutomlL.All().Select(s => s.Magnitude));
        AssertClose([0, 0.2 / 3, 0.4 / 3, 0.2], ProgressiveStages.AutomlM.All().Select(s => s.MixupAlpha));
        Assert.All(ProgressiveStages.AutomlL.All(), s => Assert.Equal(0.4, s.Dropout));
    }

    [Fact]
    public void Stages_divide_a_run_without_gaps()
    {
        var stages = ProgressiveStages.PaperS;
        Assert.Equal([0, 0.25, 0.5, 0.75], stages.All().Select(s => s.Start));
        Assert.Equal([0.25, 0.5, 0.75, 1], stages.All().Select(s => s.End));
        // 10 steps: stages begin at ⌈2.5⌉, 5 and ⌈7.5⌉.
        Assert.Equal([0, 0, 0, 1, 1, 2, 2, 2, 3, 3, 3, 3], Enumerable.Range(0, 12).Select(step => stages.At(step, 10).Number));
        Assert.Equal(3, stages.At(long.MaxValue - 1, long.MaxValue).Number);
        Assert.Equal(0, stages.At(0, 1).Number);
    }

    [Fact]
    public void A_single_stage_has_full_strength()
    {
        var stage = (ProgressiveStages.PaperL with { Stages = 1 })[0];
        Assert.Equal(new ProgressiveStage(0, 0, 1, 380, 25, 0.5, 0.5), stage);
    }

    [Fact]
    public void Values_out_of_range_are_refused_by_name()
    {
        var good = ProgressiveStages.PaperM;
        good.Check();
        foreach (var (bad, name) in new[]
        {
            (good with { Stages = 0 }, "Stages"), (good with { MinResolution = 0 }, "MinResolution"),
            (good with { MaxResolution = 9000 }, "MaxResolution"),
            (good with { MaxMagnitude = double.NaN }, "MaxMagnitude"), (good with { MinMixupAlpha = -1 }, "MinMixupAlpha"),
            (good with { MaxDropout = 1 }, "MaxDropout"), (good with { Spacing = (ProgressiveSpacing)7 }, "Spacing"),
        })
        {
            Assert.Contains(name, Assert.Throws<InvalidInputException>(bad.Check).Message, StringComparison.Ordinal);
        }

        Assert.Throws<ArgumentOutOfRangeException>(() => good[4]);
        Assert.Throws<ArgumentOutOfRangeException>(() => good.At(-1, 5));
    }

    private static void AssertClose(double[] expected, IEnumerable<double> actual) =>
        Assert.All(expected.Zip(actual), pair => Assert.Equal(pair.First, pair.Second, 12));
}
