using System.Collections.Concurrent;
using EfficientNetSharp.Graphs;
using EfficientNetSharp.Imaging;
using EfficientNetSharp.Imaging.Transforms;
using EfficientNetSharp.Randomness;

namespace EfficientNetSharp.Prediction.Tests;

/// <summary>With images of one byte, whose value is the class that the network names.</summary>
public sealed class ImageClassifierTests : IDisposable
{
    private const byte Broken = 0xFF, Overflowing = 0xFE;

    private static readonly string[] Names = ["zero", "one", "two", "three"];

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    private readonly string _folder = Directory.CreateTempSubdirectory("classifier").FullName;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public void A_file_and_its_bytes_give_the_same_classes()
    {
        using var classifier = new ImageClassifier(new FakeRunner(), new FakeTransform(), Names);
        var ofFile = classifier.Classify(Image("a.jpg", 2), 2);
        var ofBytes = classifier.Classify([2], "a.jpg", 2);
        Assert.Equal(["two", "zero"], ofFile.Select(prediction => prediction.Class));
        Assert.Equal(ofFile, ofBytes);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(3)]
    [InlineData(4)]
    [InlineData(100)]
    public void Results_come_in_order_and_the_last_batch_may_be_short(int batchSize)
    {
        var runner = new FakeRunner();
        using var classifier = new ImageClassifier(runner, new FakeTransform(), Names);
        string[] paths = [.. Enumerable.Range(0, 10).Select(i => Image($"{i}.jpg", (byte)(i * 3 % 4)))];

        var results = classifier.ClassifyMany(paths, batchSize, k: 1, Token).ToArray();

        Assert.Equal(paths, results.Select(result => result.Path));
        Assert.Equal(Enumerable.Range(0, 10).Select(i => i * 3 % 4), results.Select(result => result.Predictions[0].ClassIndex));
        Assert.All(results, result => Assert.Null(result.Error));
        Assert.Equal(paths.Chunk(batchSize).Select(chunk => chunk.Length), runner.Batches);
    }

    [Fact]
    public void Images_that_cannot_be_used_give_errors_in_their_places_and_disturb_no_other()
    {
        var runner = new FakeRunner();
        using var classifier = new ImageClassifier(runner, new FakeTransform(), Names);
        string missing = Path.Combine(_folder, "missing.jpg");
        string[] paths =
        [
            Image("a", 1), Image("b", Broken), Image("c", 2), missing, // broken ones inside a batch
            Image("d", Broken), Image("e", Broken), missing, _folder,    // a batch without a good one
            Image("f", Overflowing), Image("g", 3), "", "a\0b",
        ];

        var results = classifier.ClassifyMany(paths, batchSize: 4, cancellationToken: Token).ToArray();

        Assert.Equal(paths, results.Select(result => result.Path));
        Assert.Equal(
            [1, null, 2, null, null, null, null, null, null, 3, null, null],
            results.Select(result => result.Error is null ? (int?)result.Predictions[0].ClassIndex : null));
        Assert.All(results.Where(result => result.Error is not null), result =>
        {
            Assert.Empty(result.Predictions);
            Assert.DoesNotContain('\n', result.Error!);
        });
        Assert.Contains("broken", results[1].Error!, StringComparison.Ordinal);
        Assert.Contains(missing, results[3].Error!, StringComparison.Ordinal);
        Assert.Contains("folder", results[7].Error!, StringComparison.Ordinal);
        Assert.Contains("finite", results[8].Error!, StringComparison.Ordinal);
        Assert.Equal([2, 2], runner.Batches);
    }

    [Fact]
    public void A_single_image_that_cannot_be_used_is_refused_in_one_line()
    {
        using var classifier = new ImageClassifier(new FakeRunner(), new FakeTransform(), Names);
        string missing = Path.Combine(_folder, "missing.jpg");
        Assert.Contains(missing, Assert.Throws<InvalidInputException>(() => classifier.Classify(missing)).Message,
            StringComparison.Ordinal);
        Assert.Throws<InvalidInputException>(() => classifier.Classify([Broken], "x"));
        Assert.Contains("'x'", Assert.Throws<InvalidInputException>(() => classifier.Classify([Overflowing], "x")).Message,
            StringComparison.Ordinal);
    }

    [Fact]
    public void No_paths_give_no_results()
    {
        using var classifier = new ImageClassifier(new FakeRunner(), new FakeTransform(), Names);
        Assert.Empty(classifier.ClassifyMany([], cancellationToken: Token));
    }

    [Fact]
    public void Results_come_before_all_paths_are_drawn_and_a_caller_may_stop()
    {
        using var classifier = new ImageClassifier(new FakeRunner(), new FakeTransform(), Names);
        string path = Image("a", 1);
        int drawn = 0;
        IEnumerable<string> Endless()
        {
            while (true)
            {
                drawn++;
                yield return path;
            }
        }

        Assert.Equal(10, classifier.ClassifyMany(Endless(), batchSize: 2, cancellationToken: Token).Take(10).Count());
        Assert.InRange(drawn, 10, 14);
    }

    [Fact]
    public void Failures_of_the_network_itself_are_not_hidden()
    {
        using var classifier = new ImageClassifier(new FakeRunner { Fails = true }, new FakeTransform(), Names);
        string[] paths = [Image("a", 1), Image("b", 1)];
        Assert.Throws<InvalidOperationException>(() => classifier.ClassifyMany(paths, batchSize: 1, cancellationToken: Token).ToArray());
    }

    [Fact]
    public void Cancelling_ends_the_stream()
    {
        using var classifier = new ImageClassifier(new FakeRunner(), new FakeTransform(), Names);
        using var source = new CancellationTokenSource();
        string[] paths = [.. Enumerable.Repeat(Image("a", 1), 20)];
        Assert.Throws<OperationCanceledException>(() =>
        {
            foreach (var _ in classifier.ClassifyMany(paths, batchSize: 2, cancellationToken: source.Token)) source.Cancel();
        });
    }

    [Fact]
    public void Many_threads_get_their_own_answers()
    {
        using var classifier = new ImageClassifier(new FakeRunner(), new FakeTransform(), Names);
        string[] paths = [.. Enumerable.Range(0, 40).Select(i => Image($"{i}", (byte)(i % 4)))];
        Parallel.For(0, 8, _ =>
        {
            var results = classifier.ClassifyMany(paths, batchSize: 7, k: 1, Token);
            Assert.Equal(Enumerable.Range(0, 40).Select(i => i % 4), results.Select(result => result.Predictions[0].ClassIndex));
        });
    }

    [Fact]
    public void Parts_that_do_not_fit_are_refused()
    {
        Assert.Throws<ArgumentException>(() => new ImageClassifier(new FakeRunner(), new FakeTransform(), ["one", "two"]));
        Assert.Throws<ArgumentException>(
            () => new ImageClassifier(new FakeRunner(), new FakeTransform { OutputShape = TensorShape.Map(3, 2, 2) }, Names));
        using var classifier = new ImageClassifier(new FakeRunner(), new FakeTransform(), Names);
        Assert.Throws<ArgumentOutOfRangeException>(() => classifier.ClassifyMany([], batchSize: 0, cancellationToken: Token));
        Assert.Throws<ArgumentOutOfRangeException>(() => classifier.ClassifyMany([], k: 0, cancellationToken: Token));
    }

    [Fact]
    public void Disposing_disposes_the_network()
    {
        var runner = new FakeRunner();
        new ImageClassifier(runner, new FakeTransform(), Names).Dispose();
        Assert.True(runner.IsDisposed);
    }

    private string Image(string name, byte value)
    {
        string path = Path.Combine(_folder, name);
        File.WriteAllBytes(path, [value]);
        return path;
    }

    private sealed class FakeTransform : IImageTransform
    {
        public TensorShape OutputShape { get; init; } = TensorShape.Map(1, 2, 2);

        public void Apply(ReadOnlySpan<byte> encoded, string name, ref SeededRandom random, Span<float> destination)
        {
            Assert.Equal(4, destination.Length);
            if (encoded[0] == Broken) throw new InvalidInputException($"'{name}' is broken");
            destination.Fill(encoded[0]);
        }
    }

    private sealed class FakeRunner : IModelRunner
    {
        public string Backend => "fake";

        public TensorShape InputShape => TensorShape.Map(1, 2, 2);

        public TensorShape OutputShape => TensorShape.Vector(4);

        public bool Fails { get; init; }

        public bool IsDisposed { get; private set; }

        public ConcurrentQueue<int> Batches { get; } = [];

        public void Run(ReadOnlySpan<float> input, int batch, Span<float> output)
        {
            if (Fails) throw new InvalidOperationException("no network");
            Assert.Equal(batch * 4, input.Length);
            Assert.Equal(batch * 4, output.Length);
            Batches.Enqueue(batch);
            output.Clear();
            for (int i = 0; i < batch; i++)
            {
                byte value = (byte)input[i * 4];
                if (value == Overflowing) output[i * 4] = float.NaN;
                else output[(i * 4) + value] = 3;
            }
        }

        public void Dispose() => IsDisposed = true;
    }
}
