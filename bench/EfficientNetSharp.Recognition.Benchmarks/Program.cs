using System.Diagnostics;
using System.Globalization;
using EfficientNetSharp.Inference;
using EfficientNetSharp.Inference.Measuring;
using EfficientNetSharp.Models;
using EfficientNetSharp.Prediction;
using EfficientNetSharp.Randomness;
using EfficientNetSharp.Recognition;
using EfficientNetSharp.Recognition.Benchmarks;
using EfficientNetSharp.Recognition.Embedded;

// Usage: make FOLDER [rows] [length]   the galleries, once
//        search FOLDER [rounds]        one query and many, in every precision, beside memory's speed and the multiply-adders'
//        recall FOLDER [queries]       whether coarser values find the same
CultureInfo.CurrentCulture = CultureInfo.InvariantCulture;
string folder = args[1];
switch (args[0])
{
    case "make":
        await Make(Number(2, 100_000), Number(3, 512));
        break;
    case "search":
        await Search(Number(2, 20));
        break;
    case "recall":
        await Recall(Number(2, 1000));
        break;
    default:
        Console.Error.WriteLine("make, search or recall is expected.");
        return 2;
}

return 0;

int Number(int place, int standard) => args.Length > place ? int.Parse(args[place], CultureInfo.InvariantCulture) : standard;

string PathOf(VectorPrecision precision) => Path.Combine(folder, GalleryJson.NameOf(precision));

async Task Make(int rows, int length)
{
    const int Part = 5000;
    foreach (var precision in Enum.GetValues<VectorPrecision>())
    {
        await using var gallery = EmbeddedGallery.Create(PathOf(precision), new GalleryDescription
        {
            Fingerprint = new EmbeddingFingerprint(new string('0', 64), Preprocessing.ForSize(112), length), Model = "random",
                Precision = precision,
        });
        for (int first = 0; first < rows; first += Part)
        {
            await gallery.AddAsync([.. Enumerable.Range(first, Math.Min(Part, rows - first)).Select(i => new GallerySample
            {
                Identity = $"{i}", Embedding = RandomVector(length, (ulong)i),
            })]);
        }

        Console.WriteLine($"{PathOf(precision)}: {rows:N0} x {length}");
    }
}

async Task Search(int rounds)
{
    const int Many = 128;
    var galleries = Enum.GetValues<VectorPrecision>().Where(precision => Directory.Exists(PathOf(precision)))
        .ToDictionary(precision => precision, precision => EmbeddedGallery.Open(PathOf(precision)));
    int length = galleries.Values.First().Description.Fingerprint.Length;
    long rows = (await galleries.Values.First().CountAsync()).Samples;
    var one = new ReadOnlyMemory<float>[] { RandomVector(length, 1_000_000_007) };
    ReadOnlyMemory<float>[] many = [.. Enumerable.Range(0, Many).Select(i =>
        new ReadOnlyMemory<float>(RandomVector(length, 2_000_000_000UL + (ulong)i)))];
    using var memory = new MemoryBandwidth(Math.Min(rows * length * sizeof(float), 512L << 20));
    int threads = Environment.ProcessorCount;
    double bandwidth = 0, single = 0, peak = 0;
    var times = galleries.Keys.ToDictionary(precision => precision, _ => (One: new List<double>(), Many: new List<double>()));
    for (int round = -2; round < rounds; round++)
    {
        // In turns, so that what else the machine does meets them all.
        bandwidth = Math.Max(bandwidth, memory.Measure(threads));
        single = Math.Max(single, memory.Measure(1));
        for (int i = 0; i < 5; i++) peak = Math.Max(peak, FmaPeak.MeasureGigaflops(SimdLevels.Best));
        foreach (var (precision, gallery) in galleries)
        {
            double ms = await Time(gallery, one);
            double manyMs = round % 5 == 0 ? await Time(gallery, many) : double.PositiveInfinity;
            if (round < 0) continue;
            times[precision].One.Add(ms);
            times[precision].Many.Add(manyMs);
        }
    }

    Console.WriteLine(
        $"{rows:N0} x {length}, {threads} threads: memory {bandwidth:0.0} GB/s ({single:0.0} with one thread), peak {peak:0} GFLOP/s a core");
    foreach (var (precision, (ones, manys)) in times)
    {
        double bytes = rows * length * (precision switch { VectorPrecision.F32 => 4, VectorPrecision.F16 => 2, _ => 1 });
        double ms = ones.Min(), median = ones.Order().ElementAt(ones.Count / 2), manyMs = manys.Min();
        double gigaflops = 2e-6 * rows * length * Many / manyMs;
        Console.WriteLine(
            $"{GalleryJson.NameOf(precision),-8} one query {ms,7:0.00} ms (median {median:0.00}) = {1e-6 * bytes / ms,5:0.0} GB/s = {1e-6 * bytes / ms / bandwidth:P0} of memory, {times[VectorPrecision.F32].One.Min() / ms:0.00}x float32; "
            + $"{Many} queries {manyMs,7:0.0} ms = {gigaflops:0} GFLOP/s = {gigaflops / peak / threads:P0} of peak");
    }

    foreach (var gallery in galleries.Values) await gallery.DisposeAsync();
}

async Task<double> Time(EmbeddedGallery gallery, ReadOnlyMemory<float>[] queries)
{
    long start = Stopwatch.GetTimestamp();
    await gallery.SearchAsync(queries, 5);
    return Stopwatch.GetElapsedTime(start).TotalMilliseconds;
}

// Queries as they come: near one row, by several measures of noise, and near none.
async Task Recall(int count)
{
    await using var exact = EmbeddedGallery.Open(PathOf(VectorPrecision.F32));
    int length = exact.Description.Fingerprint.Length;
    long rows = (await exact.CountAsync()).Samples;
    foreach (double cosine in new[] { 0.8, 0.5, 0.3, 0.0 })
    {
        ReadOnlyMemory<float>[] queries = [.. Enumerable.Range(0, count).Select(i =>
            new ReadOnlyMemory<float>(Mixed(length, (ulong)i, rows, cosine)))];
        var expected = await exact.SearchAsync(queries, 1);
        foreach (var precision in new[] { VectorPrecision.F16, VectorPrecision.I8 })
        {
            await using var coarse = EmbeddedGallery.Open(PathOf(precision));
            var found = await coarse.SearchAsync(queries, 1);
            int same = found.Zip(expected, (a, b) => a[0].SampleId == b[0].SampleId ? 1 : 0).Sum();
            double apart = found.Zip(expected, (a, b) => Math.Abs(a[0].Score - b[0].Score)).Max();
            Console.WriteLine(
                $"cosine {cosine:0.0} with its row: {GalleryJson.NameOf(precision)} recall@1 {(double)same / count:0.0000}, scores within {apart:0.00000}");
        }
    }
}

static float[] Mixed(int length, ulong number, long rows, double cosine)
{
    float[] row = RandomVector(length, number * 7919 % (ulong)rows), noise = RandomVector(length, 3_000_000_000UL + number);
    return [.. row.Zip(noise, (a, b) => (float)((cosine * a) + (Math.Sqrt(1 - (cosine * cosine)) * b)))];
}

static float[] RandomVector(int length, ulong seed)
{
    var random = new SeededRandom(seed, 1);
    float[] values = new float[length];
    foreach (ref float value in values.AsSpan()) value = (float)random.NextGaussian();
    return values;
}
