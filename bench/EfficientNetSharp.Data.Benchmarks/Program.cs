using System.Diagnostics;
using EfficientNetSharp.Data;
using EfficientNetSharp.Data.Formats;
using EfficientNetSharp.Data.Inspection;
using EfficientNetSharp.Data.Loading;
using EfficientNetSharp.Randomness;

// Usage: EfficientNetSharp.Data.Benchmarks <dataset folder> [rounds]
// How many encoded images per second one thread reads out of files of their own, tar and TFRecord shards, in the orders of training;
// how long the listing takes; and the search for near-duplicates among a million hashes. See README.md.
if (args.Length is < 1 or > 2)
{
    Console.Error.WriteLine("Expected: <dataset folder> [rounds, default 5].");
    return 2;
}

int rounds = args.Length > 1 ? int.Parse(args[1], System.Globalization.CultureInfo.InvariantCulture) : 5;
var source = Datasets.Open(args[0]).All.First().Images;
string work = Directory.CreateTempSubdirectory("effnet-bench-").FullName;
try
{
    string tar = ShardWriter.Tar(source, Path.Combine(work, "tar")),
        records = ShardWriter.TfRecords(source, Path.Combine(work, "tfrecord"));
    Console.WriteLine($"{source.Count} images, {Enumerable.Range(0, source.Count).Sum(source.SizeOf) / 1e6:F0} MB");
    Report("files", source, null);
    foreach (var (name, path) in new[] { ("tar", tar), ("TFRecord", records) })
    {
        Console.WriteLine($"{name,-9} listing {Median(() => Datasets.Open(path)) * 1e6 / source.Count,8:F1} us per image");
        var images = Datasets.Open(path).Train!;
        Report(name, images, null);
        Report(name, images, 1000);
    }

    var random = new SeededRandom(1);
    var hashes = new ulong[1_000_000];
    foreach (ref ulong hash in hashes.AsSpan()) hash = random.NextUInt64();
    foreach (int distance in new[] { 3, 7 })
    {
        long started = Stopwatch.GetTimestamp();
        var index = new NearHashIndex(hashes);
        long pairs = 0;
        for (int i = 0; i < hashes.Length; i++) pairs += index.After(i, distance).Count;
        double seconds = Stopwatch.GetElapsedTime(started).TotalSeconds;
        Console.WriteLine($"near-duplicates among 1,000,000 hashes, distance {distance}: {seconds:F2} s, {pairs} pairs");
    }
}
finally
{
    Directory.Delete(work, recursive: true);
}

return 0;

void Report(string name, IImageDataset images, int? shuffleBuffer)
{
    var order = SampleOrder.Training(
        images.Count, 32, 1, 0, shuffle: shuffleBuffer is null ? null : ShardShuffle.Of(images, shuffleBuffer));
    var buffer = new EncodedBuffer();
    double seconds = Median(() =>
    {
        foreach (int index in order.Epoch) images.ReadEncoded(index, buffer);
    });
    Console.WriteLine(
        $"{name,-9} {(shuffleBuffer is { } k ? $"buffer of {k}" : "any order"),-15} {order.Epoch.Length / seconds,8:F0} images/s");
}

double Median(Action action)
{
    var seconds = new double[rounds];
    // The first rounds let the code be compiled and improved and are not counted.
    for (int i = 0; i < 5; i++) action();
    for (int i = 0; i < rounds; i++)
    {
        long started = Stopwatch.GetTimestamp();
        action();
        seconds[i] = Stopwatch.GetElapsedTime(started).TotalSeconds;
    }

    Array.Sort(seconds);
    return seconds[rounds / 2];
}
