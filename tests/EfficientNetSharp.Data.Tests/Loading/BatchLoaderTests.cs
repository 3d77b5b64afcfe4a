using EfficientNetSharp.Data.Loading;
using EfficientNetSharp.Graphs;
using static EfficientNetSharp.Data.Tests.Loading.Samples;

namespace EfficientNetSharp.Data.Tests.Loading;

public sealed class BatchLoaderTests
{
    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    [InlineData(8)]
    public void Any_number_of_workers_gives_exactly_what_a_plain_loop_gives(int workers) => WithoutHanging(() =>
    {
        var dataset = Dataset(103);
        using var loader = new BatchLoader(
            dataset, Jittery(), new BatchLoaderOptions { BatchSize = 10, Training = true, Seed = 77, Workers = workers });
        for (int epoch = 0; epoch < 4; epoch++)
            AssertEqual(Reference(dataset, SampleOrder.Training(103, 10, 77, epoch), 77, epoch), Run(loader, epoch));
    });

    [Fact]
    public void Random_settings_give_exactly_what_a_plain_loop_gives() => WithoutHanging(() =>
        Gen.Select(Gen.Int[1, 60], Gen.Int[1, 20], Gen.Int[1, 6], Gen.Int[1, 5], Gen.Bool, Gen.ULong, Gen.Int[1, 3]).Sample(
            (count, batchSize, workers, prefetch, training, seed, world) =>
            {
                world = Math.Min(world, Math.Min(count, batchSize));
                var dataset = Dataset(count, broken: [.. Enumerable.Range(0, count).Where(i => (seed >> (i % 64)) % 8 == 0 && i > 0)]);
                var options = new BatchLoaderOptions
                {
                    BatchSize = batchSize, Training = training, Seed = seed, Workers = workers, PrefetchBatches = prefetch,
                    RankCount = world, Rank = world - 1, BrokenImages = BrokenImagePolicy.Skip,
                };
                var order = training
                    ? SampleOrder.Training(count, batchSize, seed, 5, world - 1, world)
                    : SampleOrder.Evaluation(count, batchSize, world - 1, world);
                var expected = Reference(dataset, order, seed, 5);
                if (world > 1) expected = WithEmptyBatches(expected, order.BatchCount);
                if (expected.Count == 0) return;
                using var loader = new BatchLoader(dataset, Jittery(), options);
                Assert.Equal(order.BatchCount, loader.BatchCount);
                AssertEqual(expected, Run(loader, 5));
                Assert.InRange(loader.BuffersMade, 1, prefetch + 1);
            },
            iter: 150,
            threads: 1));

    [Fact]
    public void A_run_taken_up_at_any_batch_equals_the_tail_of_the_whole_run() => WithoutHanging(() =>
    {
        using var loader = new BatchLoader(
            Dataset(57), Jittery(), new BatchLoaderOptions { BatchSize = 8, Training = true, Seed = 3, Workers = 3 });
        var whole = Run(loader, 2);
        Assert.Equal(7, loader.BatchCount);
        for (int start = 0; start <= 7; start++) AssertEqual(whole[start..], Run(loader, 2, start));
        Assert.Throws<ArgumentOutOfRangeException>(() => loader.Batches(2, 8));
        Assert.Throws<ArgumentOutOfRangeException>(() => loader.Batches(-1));
    });

    [Fact]
    public void An_image_looks_the_same_in_every_batch_size_and_rank() => WithoutHanging(() =>
    {
        var dataset = Dataset(48);
        Dictionary<int, float[]> Images(int batchSize, int rank, int world)
        {
            using var loader = new BatchLoader(
                dataset, Jittery(),
                new BatchLoaderOptions { BatchSize = batchSize, Training = true, Seed = 8, Workers = 2, Rank = rank, RankCount = world });
            return Run(loader, 1)
                .SelectMany(seen => seen.Indices.Select((index, row) => (index, seen.Images[(row * 24)..((row + 1) * 24)])))
                .ToDictionary(pair => pair.index, pair => pair.Item2);
        }

        var whole = Images(16, 0, 1);
        Assert.Equal(48, whole.Count);
        foreach (var (index, image) in Images(12, 1, 3)) Assert.Equal(whole[index], image);
    });

    [Fact]
    public void Evaluation_keeps_the_order_and_the_last_part_batch() => WithoutHanging(() =>
    {
        using var loader = new BatchLoader(
            Dataset(25), Jittery(), new BatchLoaderOptions { BatchSize = 10, Training = false, Workers = 4 });
        var seen = Run(loader);
        Assert.Equal([10, 10, 5], seen.Select(batch => batch.Indices.Length));
        Assert.Equal(Enumerable.Range(0, 25), seen.SelectMany(batch => batch.Indices));
        Assert.Equal(Enumerable.Range(0, 25).Select(i => i % 3), seen.SelectMany(batch => batch.Labels));
    });

    [Fact]
    public void A_training_set_smaller_than_a_batch_gives_one_batch() => WithoutHanging(() =>
    {
        using var loader = new BatchLoader(Dataset(5), Jittery(), new BatchLoaderOptions { BatchSize = 64, Training = true, Workers = 2 });
        Assert.Equal([0, 1, 2, 3, 4], Assert.Single(Run(loader)).Indices.Order());
    });

    [Fact]
    public void Epochs_differ_in_order_and_in_augmentation() => WithoutHanging(() =>
    {
        using var loader = new BatchLoader(Dataset(40), Jittery(), new BatchLoaderOptions { BatchSize = 40, Training = true, Workers = 2 });
        var (first, second) = (Run(loader, 0)[0], Run(loader, 1)[0]);
        Assert.NotEqual(first.Indices, second.Indices);
        int a = Array.IndexOf(first.Indices, 7), b = Array.IndexOf(second.Indices, 7);
        Assert.NotEqual(first.Images[(a * 24 + 1)..((a + 1) * 24)], second.Images[(b * 24 + 1)..((b + 1) * 24)]);
    });

    [Fact]
    public void The_number_of_buffers_is_bounded_over_many_epochs() => WithoutHanging(() =>
    {
        using var loader = new BatchLoader(
            Dataset(200), new FakeTransform(Shape),
            new BatchLoaderOptions { BatchSize = 4, Training = true, Workers = 3, PrefetchBatches = 5 });
        for (int epoch = 0; epoch < 6; epoch++)
        {
            Run(loader, epoch);
            foreach (var batch in loader.Batches(epoch))
            {
                batch.Dispose();
                if (batch.Number == 3) break;
            }
        }
        Assert.InRange(loader.BuffersMade, 1, 6);
    });

    [Fact]
    public void Workers_stop_reading_ahead_at_the_window() => WithoutHanging(() =>
    {
        int read = 0;
        using var full = new ManualResetEventSlim();
        var transform = new FakeTransform(Shape) { Before = _ => { if (Interlocked.Increment(ref read) == 12) full.Set(); } };
        using var loader = new BatchLoader(
            Dataset(100), transform, new BatchLoaderOptions { BatchSize = 3, Training = false, Workers = 4, PrefetchBatches = 3 });
        using var batches = loader.Batches().GetEnumerator();
        Assert.True(batches.MoveNext());
        // The consumer holds one batch of three; three more are in the window. Time to run on would be used.
        full.Wait(TestContext.Current.CancellationToken);
        Thread.Sleep(50);
        Assert.Equal(12, Volatile.Read(ref read));
    });

    [Fact]
    public void The_thread_that_consumes_never_decodes() => WithoutHanging(() =>
    {
        int consumer = Environment.CurrentManagedThreadId;
        var threads = new System.Collections.Concurrent.ConcurrentDictionary<int, string?>();
        var transform =
            new FakeTransform(Shape) { Before = _ => threads.TryAdd(Environment.CurrentManagedThreadId, Thread.CurrentThread.Name) };
        using var loader = new BatchLoader(Dataset(100), transform, new BatchLoaderOptions { BatchSize = 7, Training = true, Workers = 2 });
        Run(loader);
        Assert.False(threads.ContainsKey(consumer));
        Assert.All(threads.Values, name => Assert.StartsWith("BatchLoader", name));
        Assert.All(loader.Threads, thread => Assert.True(thread is { IsBackground: true, IsThreadPoolThread: false }));
    });

    [Fact]
    public void All_workers_fill_one_batch_together() => WithoutHanging(() =>
    {
        // Each image of the only batch waits until four are in work at once: it would hang if one worker filled it alone.
        using var together = new Barrier(4);
        var transform = new FakeTransform(Shape) { Before = _ => together.SignalAndWait(TestContext.Current.CancellationToken) };
        using var loader = new BatchLoader(Dataset(8), transform, new BatchLoaderOptions { BatchSize = 8, Training = false, Workers = 4 });
        Assert.Single(Run(loader));
    });

    [Fact]
    public void Waiting_is_measured_by_the_clock_given() => WithoutHanging(() =>
    {
        var clock = new SteppingClock();
        using var loader = new BatchLoader(
            Dataset(6), new FakeTransform(Shape),
            new BatchLoaderOptions { BatchSize = 2, Training = false, Workers = 1, TimeProvider = clock });
        Assert.Equal(0, loader.WaitShare);
        Run(loader);
        // The clock ticks a second at each look: one at the start, two around each of four waits (three batches and the end), one at the
        // end.
        Assert.Equal(TimeSpan.FromSeconds(4), loader.WaitTime);
        Assert.Equal(TimeSpan.FromSeconds(9), loader.ElapsedTime);
        Assert.Equal(4.0 / 9, loader.WaitShare, 12);
    });

    [Fact]
    public void Defaults_follow_the_machine_and_cap_the_memory()
    {
        var options = new BatchLoaderOptions { BatchSize = 64, Training = true };
        using var small = new BatchLoader(Dataset(100), new FakeTransform(Shape), options with { Workers = 4 });
        Assert.Equal(8, small.PrefetchBatches);
        // 64·3·224·224·4 bytes go 13 times into 512 MiB.
        using var large = new BatchLoader(Dataset(100), new FakeTransform(TensorShape.Map(3, 224, 224)), options with { Workers = 64 });
        Assert.Equal(13, large.PrefetchBatches);
        using var huge = new BatchLoader(Dataset(100), new FakeTransform(TensorShape.Map(3, 1000, 1000)), options with { Workers = 64 });
        Assert.Equal(2, huge.PrefetchBatches);
        using var machine = new BatchLoader(Dataset(100), new FakeTransform(Shape), options);
        Assert.Equal(Environment.ProcessorCount, machine.Workers);
        Assert.Empty(machine.Threads);
    }

    [Fact]
    public void Options_out_of_range_are_the_callers_error()
    {
        var options = new BatchLoaderOptions { BatchSize = 8, Training = true };
        void Refused(BatchLoaderOptions wrong) =>
            Assert.ThrowsAny<ArgumentException>(() => new BatchLoader(Dataset(10), new FakeTransform(Shape), wrong));
        Refused(options with { BatchSize = 0 });
        Refused(options with { Workers = 0 });
        Refused(options with { PrefetchBatches = 0 });
        Refused(options with { Rank = 1 });
        Assert.Throws<ArgumentException>(
            () => new BatchLoader(Dataset(1000), new FakeTransform(TensorShape.Map(3, 2000, 2000)), options with { BatchSize = 1000 }));
        Assert.Throws<InvalidInputException>(() => new BatchLoader(Dataset(0), new FakeTransform(Shape), options));
        using var nothing = new BatchLoader(Dataset(0), new FakeTransform(Shape), options with { Training = false });
        Assert.Empty(nothing.Batches());
    }

    // Several ranks step together, so each of them gets every batch, with or without rows.
    private static List<Seen> WithEmptyBatches(List<Seen> seen, int batches) =>
        [.. Enumerable.Range(0, batches).Select(number => seen.Find(batch => batch.Number == number) ?? new Seen(number, [], [], []))];

    /// <summary>Images take uneven time, so that workers overtake each other.</summary>
    private static FakeTransform Jittery() => new(Shape)
    {
        Before = first =>
        {
            if (first % 7 == 0) Thread.Sleep(1);
            else if (first % 3 == 0) Thread.Yield();
            else Thread.SpinWait(first * 20);
        },
    };

    private sealed class SteppingClock : TimeProvider
    {
        private long _now;

        public override long TimestampFrequency => 1;

        public override long GetTimestamp() => _now++;
    }
}
