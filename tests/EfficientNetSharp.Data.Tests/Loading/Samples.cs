using EfficientNetSharp.Data.Loading;
using EfficientNetSharp.Graphs;
using EfficientNetSharp.Imaging.Transforms;
using EfficientNetSharp.Randomness;

namespace EfficientNetSharp.Data.Tests.Loading;

/// <summary>
/// A transform that depends on everything a real one may depend on: the bytes, the random stream and the name. Its first value
/// is the image's first byte, the rest are draws. The byte 0xFF stands for a broken image, 0xFE for a fault of the program.
/// </summary>
internal sealed class FakeTransform(TensorShape shape) : IImageTransform
{
    public const byte Broken = 0xFF, Faulty = 0xFE;

    public TensorShape OutputShape => shape;

    /// <summary>Called before each image with its first byte; lets a test hold workers or look at them.</summary>
    public Action<byte>? Before { get; init; }

    public void Apply(ReadOnlySpan<byte> encoded, string name, ref SeededRandom random, Span<float> destination)
    {
        byte first = encoded[0];
        Before?.Invoke(first);
        if (first == Broken) throw new InvalidInputException($"Expected an image in '{name}', found none. Remove it.");
        if (first == Faulty) throw new InvalidOperationException($"fault at {name}");
        destination[0] = first;
        for (int i = 1; i < destination.Length; i++) destination[i] = (float)random.NextDouble();
    }
}

/// <summary>What one batch held, kept after the batch is disposed.</summary>
internal sealed record Seen(int Number, int[] Indices, int[] Labels, float[] Images)
{
    public static Seen Of(Batch batch) => new(batch.Number, batch.Indices.ToArray(), batch.Labels.ToArray(), batch.Images.ToArray());
}

internal static class Samples
{
    public static readonly TensorShape Shape = TensorShape.Map(3, 2, 4);

    /// <summary>Images whose first byte is their number modulo 200; some are made broken or faulty.</summary>
    public static InMemoryDataset Dataset(int count, int[]? broken = null, int[]? faulty = null)
    {
        return new InMemoryDataset(
            ["a", "b", "c"],
            Enumerable.Range(0, count).Select(i => new InMemoryImage($"p/{i}.jpg", i % 3, new byte[] { FirstByte(i), 1, 2 })));

        byte FirstByte(int i) =>
            broken?.Contains(i) == true ? FakeTransform.Broken
            : faulty?.Contains(i) == true ? FakeTransform.Faulty
            : (byte)(i % 200);
    }

    public static List<Seen> Run(BatchLoader loader, int epoch = 0, int startBatch = 0)
    {
        var all = new List<Seen>();
        foreach (var batch in loader.Batches(epoch, startBatch, TestContext.Current.CancellationToken))
        {
            using (batch) all.Add(Seen.Of(batch));
        }
        return all;
    }

    /// <summary>The slow reference: one image after the other on one thread, no pool.</summary>
    public static List<Seen> Reference(IImageDataset dataset, SampleOrder order, ulong seed, int epoch)
    {
        var transform = new FakeTransform(Shape);
        var buffer = new EncodedBuffer();
        var all = new List<Seen>();
        for (int b = 0; b < order.BatchCount; b++)
        {
            List<int> indices = [], labels = [];
            List<float> images = [];
            foreach (int index in order.Batch(b))
            {
                var random = new SeededRandom(seed, (ulong)epoch, (ulong)index);
                float[] values = new float[Shape.Count];
                dataset.ReadEncoded(index, buffer);
                if (buffer.Bytes[0] == FakeTransform.Broken) continue;
                transform.Apply(buffer.Bytes, dataset.NameOf(index), ref random, values);
                indices.Add(index);
                labels.Add(dataset.LabelOf(index));
                images.AddRange(values);
            }
            if (indices.Count > 0) all.Add(new Seen(b, [.. indices], [.. labels], [.. images]));
        }
        return all;
    }

    public static void AssertEqual(List<Seen> expected, List<Seen> actual)
    {
        Assert.Equal(expected.Select(seen => seen.Number), actual.Select(seen => seen.Number));
        foreach (var (e, a) in expected.Zip(actual))
        {
            Assert.Equal(e.Indices, a.Indices);
            Assert.Equal(e.Labels, a.Labels);
            Assert.Equal(e.Images, a.Images);
        }
    }

    /// <summary>Runs a test that would wait for ever if the loader had a deadlock, and turns that into a failure.</summary>
    public static void WithoutHanging(Action test)
    {
        Exception? failure = null;
        var thread = new Thread(() =>
        {
            try
            {
                test();
            }
            catch (Exception exception)
            {
                failure = exception;
            }
        })
        { IsBackground = true };
        thread.Start();
        Assert.True(thread.Join(TimeSpan.FromMinutes(2)), "The loader hangs.");
        if (failure is not null) System.Runtime.ExceptionServices.ExceptionDispatchInfo.Throw(failure);
    }
}
