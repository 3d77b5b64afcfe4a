using System.Diagnostics;
using System.Globalization;
using EfficientNetSharp.Imaging.Augmentations;
using EfficientNetSharp.Imaging.Codecs;
using EfficientNetSharp.Imaging.Resampling;
using EfficientNetSharp.Imaging.Transforms;
using EfficientNetSharp.Models;
using EfficientNetSharp.Randomness;

// Usage: EfficientNetSharp.Imaging.Benchmarks <folder> [images] [rounds]
//        EfficientNetSharp.Imaging.Benchmarks <folder> augment [rounds]: each operation and policy on the first image at 224 pixels.
// One line a job: its name and the median milliseconds of processor time per image (all threads), as pillow_rival.py prints. See README.md.
if (args.Length is < 1 or > 3)
{
    Console.Error.WriteLine("Expected: <folder with JPEG images> [images, default 200] [rounds, default 7].");
    return 2;
}

bool isAugmenting = args.Length > 1 && args[1] == "augment";
int wanted = isAugmenting ? 1 : args.Length > 1 ? int.Parse(args[1], CultureInfo.InvariantCulture) : 200;
int rounds = args.Length > 2 ? int.Parse(args[2], CultureInfo.InvariantCulture) : 7;
string[] paths = [.. Directory.EnumerateFiles(args[0], "*", SearchOption.AllDirectories)
    .Where(p => Path.GetExtension(p).ToUpperInvariant() is ".JPG" or ".JPEG").Order(StringComparer.Ordinal).Take(wanted)];
byte[][] files = [.. paths.Select(File.ReadAllBytes)];
if (files.Length == 0)
{
    Console.Error.WriteLine($"Expected JPEG images below '{args[0]}', found none.");
    return 2;
}

if (isAugmenting)
{
    // As many images of a round as of the rival's.
    const int ImagesOfARound = 200;
    using var decoded = ImageDecoder.Decode(files[0], paths[0]);
    using var photograph = Resampler.Resize(decoded, 224, 224, Interpolation.Bicubic);
    foreach (var (job, work) in AugmentationJobs.All(photograph)) Measure(job, ImagesOfARound, work);
    return 0;
}

var training = new TrainingTransform(Preprocessing.ForSize(224));
var bilinear = new TrainingTransform(Preprocessing.ForSize(224) with { Interpolation = Interpolation.Bilinear });
var jittered = new TrainingTransform(
    Preprocessing.ForSize(224), new AugmentationOptions { Brightness = 0.4, Contrast = 0.4, Saturation = 0.4, Hue = 0.1 });
var policy = new TrainingTransform(Preprocessing.ForSize(224), new AugmentationOptions { Policy = "rand-m9-mstd0.5-inc1" });
var evaluation = new EvaluationTransform(Preprocessing.ForSize(224));
var values = new float[training.OutputShape.Count];

Report("decode", (file, name, _) => ImageDecoder.Decode(file, name).Dispose());
Report("train bicubic", (file, name, i) => Train(training, file, name, i));
Report("train bilinear", (file, name, i) => Train(bilinear, file, name, i));
Report("train bicubic, jitter", (file, name, i) => Train(jittered, file, name, i));
Report("train bicubic, rand", (file, name, i) => Train(policy, file, name, i));
Report("evaluate bicubic", (file, name, _) => evaluation.Apply(file, name, values));

// The resampler alone, on the size that its design notes quote.
using (var photograph = ImageDecoder.Decode(files[0], paths[0]))
using (var large = Resampler.Resize(photograph, 1024, 683, Interpolation.Bicubic))
{
    foreach (var filter in new[] { Interpolation.Bicubic, Interpolation.Bilinear, Interpolation.Lanczos })
        Report($"resize 1024x683 {filter.ToString().ToLowerInvariant()}", (_, _, _) => Resampler.Resize(large, 224, 224, filter).Dispose());
}

return 0;

void Train(TrainingTransform transform, byte[] file, string name, int i)
{
    var random = new SeededRandom(1, 0, (ulong)i);
    transform.Apply(file, name, ref random, values);
}

void Report(string job, Action<byte[], string, int> work) =>
    Measure(job, files.Length, i => work(files[i % files.Length], paths[i % files.Length], i));

void Measure(string job, int images, Action<int> work)
{
    var milliseconds = new double[rounds];
    // The runtime compiles anew what runs often, but on one core only after a second of calm: what runs before that is not counted.
    long started = Stopwatch.GetTimestamp();
    int done = 0;
    while (done < 2 * images || Stopwatch.GetElapsedTime(started) < TimeSpan.FromSeconds(3)) work(done++);
    for (int round = 0; round < rounds; round++)
    {
        var start = Environment.CpuUsage.TotalTime;
        for (int i = 0; i < images; i++) work(done++);
        milliseconds[round] = (Environment.CpuUsage.TotalTime - start).TotalMilliseconds / images;
    }

    Array.Sort(milliseconds);
    Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{job,-28} {milliseconds[rounds / 2]:F3} ms"));
}
