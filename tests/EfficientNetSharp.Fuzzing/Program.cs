using System.Diagnostics;
using System.Globalization;
using System.Text.Json;
using EfficientNetSharp.Fuzzing;
using EfficientNetSharp.Fuzzing.Formats;
using EfficientNetSharp.Fuzzing.Workers;

// Started by eng/fuzz.sh, and by itself for its workers.
switch (args)
{
    case ["worker", var name, var seed, var first, var count, var seconds, var folder]:
        using (var worker = new Worker(FuzzFormats.Get(name), ulong.Parse(seed, CultureInfo.InvariantCulture), folder))
        {
            long number = long.Parse(first, CultureInfo.InvariantCulture);
            if (number < 0)
                worker.RunCorpus();
            else
                worker.Run(number, long.Parse(count, CultureInfo.InvariantCulture),
                    TimeSpan.FromSeconds(long.Parse(seconds, CultureInfo.InvariantCulture)));
        }

        return 0;
    case ["corpus", .. var names]:
        return LongRun.Corpus(names);
    case ["run", var minutes, .. var names]:
        return LongRun.Run(double.Parse(minutes, CultureInfo.InvariantCulture), names);
    case ["read", var name, var path]:
        var clock = Stopwatch.StartNew();
        FuzzFormats.Get(name).Read(path);
        Console.WriteLine($"read in {clock.Elapsed.TotalSeconds:0.000} s");
        return 0;
    default:
        Console.Error.WriteLine("run MINUTES [FORMAT…] | corpus [FORMAT…] | read FORMAT PATH");
        Console.Error.WriteLine($"formats: {string.Join(' ', FuzzFormats.All.Select(format => format.Name))}");
        return 2;
}
