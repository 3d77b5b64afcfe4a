using System.Globalization;

namespace EfficientNetSharp.Inference.Benchmarks;

/// <summary>What the command line asks for.</summary>
internal sealed record BenchmarkArguments(
    IReadOnlyList<(string Name, int? Resolution)> Networks,
    int Threads,
    int Batch,
    int PerPass,
    int Rounds,
    SimdLevel Level,
    bool Profile,
    bool Steps)
{
    public static BenchmarkArguments Parse(string[] args)
    {
        var networks = new List<(string, int?)>();
        var result = new BenchmarkArguments(networks, 1, 1, 1, 100, SimdLevels.Default, false, false);
        for (int i = 0; i < args.Length; i++)
        {
            switch (args[i])
            {
                case "--threads":
                    result = result with { Threads = Number(args[++i]) };
                    break;
                case "--batch":
                    result = result with { Batch = Number(args[++i]) };
                    break;
                case "--per-pass":
                    result = result with { PerPass = Number(args[++i]) };
                    break;
                case "--rounds":
                    result = result with { Rounds = Number(args[++i]) };
                    break;
                case "--simd":
                    result = result with { Level = SimdLevels.Parse(args[++i], "--simd") };
                    break;
                case "--profile":
                    result = result with { Profile = true };
                    break;
                case "--steps":
                    result = result with { Profile = true, Steps = true };
                    break;
                default:
                    string[] parts = args[i].Split('@');
                    networks.Add((parts[0], parts.Length > 1 ? Number(parts[1]) : null));
                    break;
            }
        }

        if (networks.Count == 0) networks.Add(("efficientnet_b0", null));
        return result;
    }

    private static int Number(string text) => int.Parse(text, CultureInfo.InvariantCulture);
}
