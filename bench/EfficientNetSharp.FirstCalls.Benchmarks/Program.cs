using System.Diagnostics;
using System.Globalization;
using System.Text.Json.Nodes;
using EfficientNetSharp.FirstCalls.Benchmarks;

// Usage: [network] … [--processes n] [--threads n] [--simd bits] [--tool 'command']
// Or, as it starts itself: --calls network threads calls
CultureInfo.CurrentCulture = CultureInfo.InvariantCulture;
if (args is ["--calls", var network, var threadsOfCalls, var count])
{
    Console.WriteLine(string.Join(' ', UserProgram.Call(network, Number(threadsOfCalls), Number(count))));
    return;
}

const int calls = 400, firstCalls = 30;
var networks = new List<string>();
int processes = 5, threads = 1;
string? tool = null;
for (int i = 0; i < args.Length; i++)
{
    switch (args[i])
    {
        case "--processes":
            processes = Number(args[++i]);
            break;
        case "--threads":
            threads = Number(args[++i]);
            break;
        case "--simd":
            // Both programs take it from there.
            Environment.SetEnvironmentVariable("EFFNET_SIMD", args[++i]);
            break;
        case "--tool":
            tool = args[++i];
            break;
        default:
            networks.Add(args[i]);
            break;
    }
}

if (networks.Count == 0) networks.AddRange(["efficientnet_b0", "mobilenet_v2"]);
Console.WriteLine($".NET {Environment.Version}, threads {threads}, {processes} processes each; the median process, and the worst ratio");
foreach (string name in networks)
{
    // In turns, so that what else the machine does meets both alike.
    List<double[]> user = [], ofTool = [];
    for (int i = 0; i < processes; i++)
    {
        user.Add(Times(Output(Environment.ProcessPath!, "--calls", name, $"{threads}", $"{calls}")));
        if (tool is null) continue;
        string[] words = tool.Split(' ', StringSplitOptions.RemoveEmptyEntries);
        string json = Output(words[0], [.. words[1..], "benchmark", name, "--backend", "engine", "--threads", $"{threads}", "--json"]);
        var row = JsonNode.Parse(json)![0]!;
        ofTool.Add([
            row["firstMs"]!.GetValue<double>(),
            .. row["warmUpMs"]!.AsArray().Concat(row["timesMs"]!.AsArray()).Select(time => time!.GetValue<double>())]);
    }

    Print(name, "a user's program", user);
    if (tool is not null) Print(name, "the tool", ofTool);
}

void Print(string name, string program, List<double[]> all)
{
    double first = Median(all.Select(times => times[0])), early = Median(all.Select(Early)), steady = Median(all.Select(Steady));
    double ratio = Median(all.Select(times => Early(times) / Steady(times))), worst = all.Max(times => Early(times) / Steady(times));
    Console.WriteLine(
        $"{name,-20} {program,-18} first call {first,6:0.0} ms, median of the first {firstCalls} {early,6:0.00} ms, "
        + $"of the last {steady,6:0.00} ms, ratio {ratio:0.00} (worst {worst:0.00})");
}

static double Early(double[] times) => Median(times.Take(firstCalls));

static double Steady(double[] times) => Median(times.Skip(times.Length / 2));

static double Median(IEnumerable<double> values)
{
    double[] sorted = [.. values.Order()];
    return sorted[sorted.Length / 2];
}

static double[] Times(string line) =>
    [.. line.Split(' ', StringSplitOptions.RemoveEmptyEntries).Select(time => double.Parse(time, CultureInfo.InvariantCulture))];

static int Number(string text) => int.Parse(text, CultureInfo.InvariantCulture);

static string Output(string program, params string[] arguments)
{
    var start = new ProcessStartInfo(program, arguments) { RedirectStandardOutput = true };
    using var process = Process.Start(start)!;
    string output = process.StandardOutput.ReadToEnd();
    process.WaitForExit();
    return process.ExitCode == 0 ? output : throw new InvalidOperationException($"'{program}' ended with code {process.ExitCode}.");
}
