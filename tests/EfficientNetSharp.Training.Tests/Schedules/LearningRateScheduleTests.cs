using EfficientNetSharp.Training.Schedules;

namespace EfficientNetSharp.Training.Tests.Schedules;

public sealed class LearningRateScheduleTests
{
    [Fact]
    public void Warm_up_is_linear_and_the_cosine_ends_at_its_share()
    {
        var schedule = new LearningRateSchedule(new ScheduleOptions { WarmUpEpochs = 4 }, peak: 0.4, stepsPerEpoch: 1, epochs: 105);
        Assert.Equal(0.1, schedule.At(0), 12);
        Assert.Equal(0.4, schedule.At(3), 12);
        Assert.Equal(0.4, schedule.At(4), 12);
        Assert.Equal(0.4 * (0.01 + (0.99 * 0.5)), schedule.At(54), 12);
        Assert.Equal(0.004, schedule.At(104), 12);
        Assert.Equal(0.004, schedule.At(1000), 12);
    }

    // tensorflow/tpu: exponential_decay with decay_steps = steps per epoch · 2.4, staircase, counted from global step 0.
    [Theory]
    [InlineData(50, 0)]
    [InlineData(239, 0)]
    [InlineData(240, 1)]
    [InlineData(479, 1)]
    [InlineData(480, 2)]
    [InlineData(34_999, 145)]
    public void Stairs_of_the_paper_are_counted_from_the_first_step(long step, int factors)
    {
        var options = new ScheduleOptions { Kind = ScheduleKind.Step, WarmUpEpochs = 0 };
        Assert.Equal(0.256 * Math.Pow(0.97, factors), new LearningRateSchedule(options, 0.256, stepsPerEpoch: 100, epochs: 350).At(step),
            12);
    }

    [Fact]
    public void Stairs_under_a_warm_up_are_there_when_it_ends()
    {
        var schedule = new LearningRateSchedule(new ScheduleOptions { Kind = ScheduleKind.Step, WarmUpEpochs = 5 }, 1, 100, 350);
        Assert.Equal(500, schedule.WarmUpSteps);
        Assert.Equal(1, schedule.At(499), 12);
        // Five epochs are two times 2.4 and a bit.
        Assert.Equal(0.97 * 0.97, schedule.At(500), 12);
    }

    [Fact]
    public void Stairs_with_a_fraction_of_a_step_do_not_drift()
    {
        // 2.4 · 7 = 16.8 steps a stair: the tenth begins at step 168, not at 10 · 16 or 10 · 17.
        var schedule = new LearningRateSchedule(new ScheduleOptions { Kind = ScheduleKind.Step, WarmUpEpochs = 0 }, 1, 7, 350);
        Assert.Equal(Math.Pow(0.97, 9), schedule.At(167), 12);
        Assert.Equal(Math.Pow(0.97, 10), schedule.At(168), 12);
    }

    [Theory]
    [InlineData(1, 0.505)]
    [InlineData(2, 0.2575)]
    public void Polynomial_falls_by_its_power(double power, double middle)
    {
        var schedule = new LearningRateSchedule(new ScheduleOptions { Kind = ScheduleKind.Polynomial, Power = power, WarmUpEpochs = 0 }, 1,
            1, 101);
        Assert.Equal(1, schedule.At(0), 12);
        Assert.Equal(middle, schedule.At(50), 12);
        Assert.Equal(0.01, schedule.At(100), 12);
    }

    [Fact]
    public void Constant_stays_after_the_warm_up()
    {
        var schedule = new LearningRateSchedule(new ScheduleOptions { Kind = ScheduleKind.Constant, WarmUpEpochs = 1 }, 3, 10, 10);
        Assert.Equal(0.3, schedule.At(0), 12);
        Assert.Equal(3, schedule.At(10), 12);
        Assert.Equal(3, schedule.At(99), 12);
    }

    [Fact]
    public void Warm_up_takes_at_most_a_fifth_of_a_run() =>
        Assert.Equal(20, new LearningRateSchedule(new ScheduleOptions { WarmUpEpochs = 5 }, 1, 10, 10).WarmUpSteps);
}
