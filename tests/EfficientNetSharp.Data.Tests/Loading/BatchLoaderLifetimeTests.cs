using EfficientNetSharp.Data.Loading;
using static EfficientNetSharp.Data.Tests.Loading.Samples;

namespace EfficientNetSharp.Data.Tests.Loading;

public sealed class BatchLoaderLifetimeTests
{
    private static readonly BatchLoaderOptions Options = new() { BatchSize = 4, Training = true, Workers = 3, PrefetchBatches = 2 };

    [Fact]
    public void No_thread_is_left_after_Dispose() => WithoutHanging(() =>
    {
        var loader = new BatchLoader(Dataset(50), new FakeTransform(Shape), Options);
        Run(loader);
        var threads = loader.Threads;
        Assert.Equal(3, threads.Count);
        Assert.All(threads, thread => Assert.True(thread.IsAlive));
        Run(loader, 1);
        Assert.Same(threads, loader.Threads);
        loader.Dispose();
        loader.Dispose();
        Assert.All(threads, thread => Assert.False(thread.IsAlive));
        Assert.Throws<ObjectDisposedException>(() => loader.Batches());
    });

    [Fact]
    public void Leaving_the_loop_at_any_batch_and_disposing_never_hangs() => WithoutHanging(() =>
    {
        var whole = new List<Seen>();
        for (int leaveAt = 0; leaveAt < 12; leaveAt++)
        {
            var loader = new BatchLoader(Dataset(50), new FakeTransform(Shape) { Before = first => Thread.SpinWait(first * 50) }, Options);
            foreach (var batch in loader.Batches(3))
            {
                using (batch)
                {
                    if (batch.Number == leaveAt) break;
                }
            }
            // What was read ahead does not leak into the next enumeration.
            var again = Run(loader, 3);
            if (whole.Count == 0) whole = again;
            AssertEqual(whole, again);
            loader.Dispose();
            Assert.All(loader.Threads, thread => Assert.False(thread.IsAlive));
        }
    });

    [Fact]
    public void Workers_do_not_begin_another_image_after_the_loop_was_left() => WithoutHanging(() =>
    {
        int begun = 0;
        var transform = new FakeTransform(Shape) { Before = _ => { Interlocked.Increment(ref begun); Thread.Sleep(1); } };
        using var loader = new BatchLoader(Dataset(1000), transform, Options with { BatchSize = 100, PrefetchBatches = 8 });
        foreach (var batch in loader.Batches())
        {
            batch.Dispose();
            break;
        }
        int atLeaving = Volatile.Read(ref begun);
        loader.Dispose();
        // At most the image in each worker's hands or just taken.
        Assert.InRange(begun - atLeaving, 0, 3);
    });

    [Fact]
    public void An_image_still_in_work_when_the_loop_was_left_does_not_write_into_a_later_batch() => WithoutHanging(() =>
    {
        using var held = new ManualResetEventSlim();
        using var release = new ManualResetEventSlim();
        int times = 0;
        var transform = new FakeTransform(Shape)
        {
            Before = first =>
            {
                if (first != 3 || Interlocked.Increment(ref times) > 1) return;
                held.Set();
                release.Wait();
            },
        };
        var dataset = Dataset(10);
        var loader = new BatchLoader(dataset, transform, Options with { BatchSize = 2, Training = false, Workers = 2 });
        foreach (var batch in loader.Batches(0))
        {
            batch.Dispose();
            held.Wait();
            break;
        }
        Batch[] kept = [.. loader.Batches(1)];
        release.Set();
        loader.Dispose();
        AssertEqual(Reference(dataset, SampleOrder.Evaluation(10, 2), 0, 1), [.. kept.Select(Seen.Of)]);
    });

    [Fact]
    public void Memory_of_images_still_in_work_when_the_loop_was_left_is_used_again() => WithoutHanging(() =>
    {
        using var held = new AutoResetEvent(false);
        using var release = new AutoResetEvent(false);
        bool holding = true;
        var transform = new FakeTransform(Shape)
        {
            Before = first =>
            {
                if (first != 3 || !Volatile.Read(ref holding)) return;
                held.Set();
                release.WaitOne();
            },
        };
        using var loader = new BatchLoader(Dataset(10), transform, Options with { BatchSize = 2, Training = false, Workers = 2 });
        for (int time = 0; time < 12; time++)
        {
            Volatile.Write(ref holding, true);
            foreach (var batch in loader.Batches())
            {
                batch.Dispose();
                held.WaitOne();
                break;
            }
            Volatile.Write(ref holding, false);
            release.Set();
            Run(loader);
        }
        // Window, consumer, and what each worker of a loop that was left and of the next may have in its hands at once. Memory that
        // was not used again would add one for each of the twelve times.
        Assert.InRange(loader.BuffersMade, 1, 2 + 1 + (2 * 2));
    });

    [Fact]
    public void Batches_that_are_never_disposed_stay_valid_and_hold_nothing_up() => WithoutHanging(() =>
    {
        var dataset = Dataset(80);
        Batch[] kept;
        using (var loader = new BatchLoader(dataset, new FakeTransform(Shape), Options with { Seed = 5 })) kept = [.. loader.Batches(1)];
        AssertEqual(Reference(dataset, SampleOrder.Training(80, 4, 5, 1), 5, 1), [.. kept.Select(Seen.Of)]);
        foreach (var batch in kept) batch.Dispose();
    });

    [Fact]
    public void A_disposed_batch_is_refused() => WithoutHanging(() =>
    {
        using var loader = new BatchLoader(Dataset(8), new FakeTransform(Shape), Options);
        var batch = loader.Batches().First();
        Assert.Equal((4, Shape, 4 * 24), (batch.Count, batch.ImageShape, batch.Images.Length));
        batch.Dispose();
        batch.Dispose();
        Assert.Throws<ObjectDisposedException>(() => batch.Images);
        Assert.Throws<ObjectDisposedException>(() => batch.Labels.Length);
        Assert.Throws<ObjectDisposedException>(() => batch.Indices.Length);
    });

    [Fact]
    public void A_batch_disposed_twice_does_not_lend_its_memory_to_two() => WithoutHanging(() =>
    {
        var dataset = Dataset(80);
        using var loader = new BatchLoader(dataset, new FakeTransform(Shape), Options);
        var seen = new List<Seen>();
        foreach (var batch in loader.Batches())
        {
            seen.Add(Seen.Of(batch));
            batch.Dispose();
            batch.Dispose();
        }
        AssertEqual(Reference(dataset, SampleOrder.Training(80, 4, 0, 0), 0, 0), seen);
    });

    [Fact]
    public void One_loader_has_one_enumeration_at_a_time() => WithoutHanging(() =>
    {
        using var loader = new BatchLoader(Dataset(80), new FakeTransform(Shape), Options);
        foreach (var batch in loader.Batches())
        {
            batch.Dispose();
            Assert.Throws<InvalidOperationException>(() => loader.Batches().First());
        }
        Assert.Equal(20, Run(loader).Count);
    });

    [Fact]
    public void Two_loaders_work_side_by_side() => WithoutHanging(() =>
    {
        var dataset = Dataset(80);
        using var train = new BatchLoader(dataset, new FakeTransform(Shape), Options);
        using var validation = new BatchLoader(dataset, new FakeTransform(Shape), Options with { Training = false, Seed = 9 });
        List<Seen> one = [], two = [];
        foreach (var (a, b) in train.Batches(1).Zip(validation.Batches(2)))
        {
            one.Add(Seen.Of(a));
            two.Add(Seen.Of(b));
            a.Dispose();
            b.Dispose();
        }
        AssertEqual(Reference(dataset, SampleOrder.Training(80, 4, 0, 1), 0, 1), one);
        AssertEqual(Reference(dataset, SampleOrder.Evaluation(80, 4), 9, 2), two);
    });

    [Fact]
    public void Disposing_on_another_thread_ends_a_waiting_consumer() => WithoutHanging(() =>
    {
        using var held = new ManualResetEventSlim();
        using var release = new ManualResetEventSlim();
        var transform = new FakeTransform(Shape) { Before = _ => { held.Set(); release.Wait(); } };
        var loader = new BatchLoader(Dataset(80), transform, Options);
        var disposing = new Thread(() =>
        {
            held.Wait();
            loader.Dispose();
        });
        disposing.Start();
        Assert.Throws<ObjectDisposedException>(() => Run(loader));
        release.Set();
        disposing.Join();
        Assert.All(loader.Threads, thread => Assert.False(thread.IsAlive));
    });

    [Fact]
    public void Disposing_inside_the_loop_ends_it() => WithoutHanging(() =>
    {
        var loader = new BatchLoader(Dataset(80), new FakeTransform(Shape), Options);
        Assert.Throws<ObjectDisposedException>(() =>
        {
            foreach (var batch in loader.Batches())
            {
                loader.Dispose();
                Assert.Equal(4, batch.Labels.Length);
                batch.Dispose();
            }
        });
    });

    [Fact]
    public void A_loader_that_was_never_used_has_no_threads()
    {
        using var loader = new BatchLoader(Dataset(8), new FakeTransform(Shape), Options);
        Assert.Empty(loader.Threads);
    }
}
