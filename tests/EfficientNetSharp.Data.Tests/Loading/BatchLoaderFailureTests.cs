using EfficientNetSharp.Data.Folders;
using EfficientNetSharp.Data.Loading;
using static EfficientNetSharp.Data.Tests.Loading.Samples;

namespace EfficientNetSharp.Data.Tests.Loading;

public sealed class BatchLoaderFailureTests
{
    private static readonly BatchLoaderOptions InOrder = new() { BatchSize = 10, Training = false, BrokenImages = BrokenImagePolicy.Skip };

    [Theory]
    [InlineData(1)]
    [InlineData(4)]
    public void Broken_images_are_left_out_and_the_rest_keeps_its_order(int workers) => WithoutHanging(() =>
    {
        int[] broken = [0, 3, 4, 9, 17, 24];
        var dataset = Dataset(25, broken);
        using var loader = new BatchLoader(dataset, new FakeTransform(Shape), InOrder with { Workers = workers });
        for (int epoch = 0; epoch < 2; epoch++)
        {
            var seen = Run(loader, epoch);
            AssertEqual(Reference(dataset, SampleOrder.Evaluation(25, 10), 0, epoch), seen);
            Assert.Equal([6, 9, 4], seen.Select(batch => batch.Indices.Length));
        }
        // Each is listed once, however many epochs came upon it.
        Assert.Equal(broken, loader.BrokenImages.Select(image => image.Index));
        Assert.Equal(broken.Select(i => $"p/{i}.jpg"), loader.BrokenImages.Select(image => image.Name));
        Assert.All(loader.BrokenImages, image => Assert.Contains(image.Name, image.Reason, StringComparison.Ordinal));
    });

    [Fact]
    public void A_batch_of_broken_images_is_left_out_and_its_number_with_it() => WithoutHanging(() =>
    {
        using var loader = new BatchLoader(
            Dataset(30, [.. Enumerable.Range(10, 10)]), new FakeTransform(Shape), InOrder with { Workers = 3, PrefetchBatches = 1 });
        Assert.Equal([0, 2], Run(loader).Select(batch => batch.Number));
        Assert.Equal(10, loader.BrokenImages.Count);
        Assert.InRange(loader.BuffersMade, 1, 2);
    });

    [Fact]
    public void Nothing_but_broken_images_is_refused() => WithoutHanging(() =>
    {
        using var loader = new BatchLoader(
            Dataset(12, [.. Enumerable.Range(0, 12)]), new FakeTransform(Shape), InOrder with { Workers = 3 });
        DatasetChecks.AssertRefused(() => Run(loader), "12 broken", "p/0.jpg");
    });

    [Theory]
    [InlineData(1)]
    [InlineData(8)]
    public void Failing_throws_the_first_broken_image_after_the_batches_before_it(int workers) => WithoutHanging(() =>
    {
        using var loader = new BatchLoader(
            Dataset(100, [37, 33, 52]), new FakeTransform(Shape),
            InOrder with { Workers = workers, BrokenImages = BrokenImagePolicy.Fail });
        for (int attempt = 0; attempt < 20; attempt++)
        {
            int delivered = 0;
            DatasetChecks.AssertRefused(
                () =>
                {
                    foreach (var batch in loader.Batches())
                    {
                        using (batch) delivered++;
                    }
                },
                "p/33.jpg");
            Assert.Equal(3, delivered);
        }
        Assert.Empty(loader.BrokenImages);
        Assert.InRange(loader.BuffersMade, 1, loader.PrefetchBatches + 1);
    });

    [Fact]
    public void A_fault_of_the_program_is_thrown_whatever_the_policy_with_its_own_stack() => WithoutHanging(() =>
    {
        using var loader = new BatchLoader(
            Dataset(40, broken: [20], faulty: [25, 22]), new FakeTransform(Shape), InOrder with { Workers = 4 });
        var failure = Assert.Throws<InvalidOperationException>(() => Run(loader));
        Assert.Equal("fault at p/22.jpg", failure.Message);
        Assert.Contains(nameof(FakeTransform), failure.StackTrace, StringComparison.Ordinal);
        // The loader is of use afterwards.
        Assert.Equal([3], Run(loader, startBatch: 3).Select(batch => batch.Number));
    });

    [Fact]
    public void A_file_that_vanishes_is_a_broken_image() => WithoutHanging(() =>
    {
        using var folder = new TemporaryFolder().With("a/1.jpg", "a/2.JPG", "b b/ü.png");
        var dataset = ClassFolderDataset.Open(folder.Path);
        File.Delete(folder["a/2.JPG"]);
        using var loader = new BatchLoader(dataset, new FakeTransform(Shape), InOrder with { Workers = 2 });
        Assert.Equal([0, 2], Assert.Single(Run(loader)).Indices);
        Assert.Equal("a/2.JPG", Assert.Single(loader.BrokenImages).Name);
    });

    [Fact]
    public void Cancelling_ends_the_wait_for_a_batch() => WithoutHanging(() =>
    {
        using var cancellation = new CancellationTokenSource();
        using var held = new ManualResetEventSlim();
        using var release = new ManualResetEventSlim();
        var transform = new FakeTransform(Shape)
        {
            Before = first =>
            {
                if (first != 15) return;
                held.Set();
                release.Wait();
            },
        };
        var consumer = Thread.CurrentThread;
        var cancelling = new Thread(() =>
        {
            held.Wait();
            // The second batch cannot come, so the consumer ends up waiting for it.
            while (!consumer.ThreadState.HasFlag(ThreadState.WaitSleepJoin)) Thread.Sleep(1);
            Thread.Sleep(20);
            cancellation.Cancel();
        });
        cancelling.Start();
        using var loader = new BatchLoader(Dataset(100), transform, InOrder with { Workers = 2 });
        var failure = Assert.ThrowsAny<OperationCanceledException>(() =>
        {
            foreach (var batch in loader.Batches(cancellationToken: cancellation.Token)) batch.Dispose();
        });
        Assert.Equal(cancellation.Token, failure.CancellationToken);
        cancelling.Join();
        release.Set();
        Assert.Equal(10, Run(loader).Count);
    });

    [Fact]
    public void A_token_cancelled_before_gives_no_batch() => WithoutHanging(() =>
    {
        using var loader = new BatchLoader(Dataset(100), new FakeTransform(Shape), InOrder with { Workers = 2 });
        Assert.ThrowsAny<OperationCanceledException>(() => loader.Batches(cancellationToken: new CancellationToken(true)).First());
    });

    [Fact]
    public void An_exception_in_the_loop_leaves_the_loader_usable() => WithoutHanging(() =>
    {
        using var loader = new BatchLoader(Dataset(100), new FakeTransform(Shape), InOrder with { Workers = 2 });
        Assert.Throws<NotSupportedException>(() =>
        {
            foreach (var batch in loader.Batches()) throw new NotSupportedException();
        });
        Assert.Equal(10, Run(loader).Count);
    });
}
