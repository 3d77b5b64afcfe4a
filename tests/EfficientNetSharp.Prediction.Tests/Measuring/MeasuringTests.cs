using EfficientNetSharp.Graphs;
using EfficientNetSharp.Prediction.Measuring;
using EfficientNetSharp.Running;

namespace EfficientNetSharp.Prediction.Tests.Measuring;

public sealed class MeasuringTests
{
    [Fact]
    public void Runs_take_turns_and_those_of_the_warm_up_do_not_count()
    {
        var clock = new FakeClock();
        var calls = new List<char>();
        var times = TurnTimer.Time(
            [() => { calls.Add('a'); clock.Pass(60); }, () => { calls.Add('b'); clock.Pass(30); }],
            new TurnOptions { Rounds = 5, Clock = clock }, TestContext.Current.CancellationToken);

        // Half a second of the quicker one.
        const int warmUp = 17;
        Assert.Equal(string.Concat(Enumerable.Repeat("ab", warmUp + 5)), string.Concat(calls));
        Assert.Equal(Enumerable.Repeat(60.0, 5), times[0].TimesMs);
        Assert.Equal(Enumerable.Repeat(30.0, warmUp), times[1].WarmUpMs);
    }

    [Theory]
    [InlineData(0.001, 1000, 200)]
    [InlineData(2, 250, 150)]
    [InlineData(100, 5, 9)]
    [InlineData(1000, 3, 9)]
    public void Quick_runs_are_warmed_up_by_time_and_enough_are_timed_for_a_median(double milliseconds, int warmUp, int timed)
    {
        var clock = new FakeClock();
        var times = TurnTimer.Time(
            [() => clock.Pass(milliseconds)], new TurnOptions { Clock = clock }, TestContext.Current.CancellationToken)[0];
        Assert.Equal((warmUp, timed), (times.WarmUpMs.Length, times.TimesMs.Length));
        Assert.Throws<ArgumentOutOfRangeException>(
            () => TurnTimer.Time([() => { }], new TurnOptions { Rounds = 0 }, TestContext.Current.CancellationToken));
    }

    [Fact]
    public void Where_they_have_threads_of_their_own_a_run_that_is_not_timed_wakes_them()
    {
        var clock = new FakeClock();
        int a = 0, b = 0;
        var times = TurnTimer.Time(
            [() => { a++; clock.Pass(500); }, () => { b++; clock.Pass(500); }],
            new TurnOptions { Rounds = 2, HaveThreads = true, Clock = clock }, TestContext.Current.CancellationToken);
        Assert.Equal((3 + (2 * 2), 3 + (2 * 2), 2), (a, b, times[0].TimesMs.Length));
    }

    [Fact]
    public void Times_are_summed_up_by_their_quartiles()
    {
        var times = new RunTimes([9, 1, 8, 2, 7, 3, 6, 4, 5]);
        Assert.Equal((1.0, 3.0, 5.0, 7.0), (times.MinMs, times.LowerQuartileMs, times.MedianMs, times.UpperQuartileMs));
        Assert.Equal(0.8, times.Spread, 12);
        Assert.Equal((7.0, 7.0, 7.0), (new RunTimes([7]).LowerQuartileMs, new RunTimes([7]).MedianMs, new RunTimes([7]).UpperQuartileMs));
        Assert.Equal(0, new RunTimes([7]).Drift);
    }

    [Fact]
    public void Runs_that_vary_or_drift_are_noisy_and_few_are_never()
    {
        RunTimes Times(int count, Func<int, double> at) => new([.. Enumerable.Range(0, count).Select(at)]);
        Assert.False(Times(100, i => 10 + (0.02 * (i % 10))).IsNoisy);
        Assert.True(Times(100, i => 10 + (0.3 * (i % 10))).IsNoisy);

        // A single run that was disturbed says nothing, a step of all later ones does.
        Assert.False(Times(100, i => i == 50 ? 1000 : 10).IsNoisy);
        var step = Times(100, i => i < 50 ? 10 : 10.9);
        Assert.True(step.IsNoisy);
        Assert.Equal(0.09, step.Drift, 12);
        Assert.Equal(0.09, Times(100, i => i < 50 ? 10.9 : 10).Drift, 12);
        Assert.False(Times(8, i => i).IsNoisy);
        Assert.True(Times(9, i => i + 1).IsNoisy);
    }

    [Fact]
    public void A_measurement_can_be_ended()
    {
        using var source = new CancellationTokenSource();
        source.Cancel();
        Assert.Throws<OperationCanceledException>(() => TurnTimer.Time([() => { }], cancellationToken: source.Token));
    }

    [Fact]
    public void A_network_is_measured_by_the_backend_that_is_named()
    {
        var seen = new List<Graph>();
        var progress = new ListProgress(seen);
        var latency = new MeasuredLatency(new ReferenceBackend("slow"), new RunnerOptions { Threads = 1 }, progress,
            TestContext.Current.CancellationToken);
        var builder = new GraphBuilder(TensorShape.Map(1, 2, 2));
        builder.Append("pool", new GlobalAveragePool());
        var graph = builder.Build();
        Assert.True(latency.EstimateMs(graph) > 0);
        Assert.Equal([graph], seen);
        Assert.Equal("slow on this machine, 1 thread", latency.Name);
    }

    private sealed class ListProgress(List<Graph> seen) : IProgress<Graph>
    {
        public void Report(Graph value) => seen.Add(value);
    }

    private sealed class FakeClock : TimeProvider
    {
        private long _now;

        public override long TimestampFrequency => 1_000_000;

        public override long GetTimestamp() => _now;

        public void Pass(double milliseconds) => _now += (long)(1000 * milliseconds);
    }
}
