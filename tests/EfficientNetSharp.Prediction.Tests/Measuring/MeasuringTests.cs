using EfficientNetSharp.Graphs;
using EfficientNetSharp.Prediction.Measuring;
using EfficientNetSharp.Running;

namespace EfficientNetSharp.Prediction.Tests.Measuring;

public sealed class MeasuringTests
{
    [Fact]
    public void Runs_take_turns_and_warm_up_runs_do_not_count()
    {
        var calls = new List<char>();
        var times = TurnTimer.Time([() => calls.Add('a'), () => calls.Add('b')], rounds: 5, TestContext.Current.CancellationToken);
        Assert.Equal(string.Concat(Enumerable.Repeat("ab", 3 + 5)), string.Concat(calls));
        Assert.All(times, time =>
        {
            Assert.Equal(5, time.SortedMs.Length);
            Assert.Equal(time.SortedMs.Order(), time.SortedMs);
            Assert.Equal(time.SortedMs[0], time.MinMs);
            Assert.Equal(time.SortedMs[2], time.MedianMs);
        });
    }

    [Fact]
    public void Without_a_number_of_rounds_there_are_enough_for_a_median()
    {
        int calls = 0;
        var times = TurnTimer.Time([() => calls++], cancellationToken: TestContext.Current.CancellationToken);
        Assert.InRange(times[0].SortedMs.Length, 9, 200);
        Assert.Equal(calls - 3, times[0].SortedMs.Length);
        Assert.Throws<ArgumentOutOfRangeException>(() => TurnTimer.Time([() => { }], rounds: 0, TestContext.Current.CancellationToken));
    }

    [Fact]
    public void A_measurement_can_be_ended()
    {
        using var source = new CancellationTokenSource();
        source.Cancel();
        Assert.Throws<OperationCanceledException>(() => TurnTimer.Time([() => { }], rounds: null, source.Token));
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
}
