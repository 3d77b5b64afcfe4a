using System.Runtime.InteropServices;
using System.Runtime.Intrinsics.Arm;
using System.Runtime.Intrinsics.X86;
using EfficientNetSharp.Training.Torch;
using TorchSharp;

namespace EfficientNetSharp.Training.Runs;

/// <summary>What a run ran on, as far as its numbers may depend on it. It names no user, no machine and no folder.</summary>
public sealed record RunEnvironment
{
    /// <summary>Version of this project.</summary>
    public required string Tool { get; init; }

    /// <summary>Version of .NET.</summary>
    public required string Runtime { get; init; }

    /// <summary>Version of TorchSharp.</summary>
    public required string TorchSharp { get; init; }

    /// <summary>The operating system.</summary>
    public required string OperatingSystem { get; init; }

    /// <summary>The processor's kind, for example <c>X64</c>.</summary>
    public required string Processor { get; init; }

    /// <summary>The widest vector instructions.</summary>
    public required string VectorInstructions { get; init; }

    /// <summary>Processors that the system gives to this process.</summary>
    public required int Processors { get; init; }

    /// <summary>Threads that libtorch computes with: equal bytes need equal threads.</summary>
    public required int Threads { get; init; }

    /// <summary>Where it computes, for example <c>cpu</c>.</summary>
    public required string Device { get; init; }

    /// <summary>This process's.</summary>
    /// <param name="device">Where it computes.</param>
    public static RunEnvironment Current(string device) => new()
    {
        Tool = VersionOf(typeof(RunEnvironment)),
        Runtime = RuntimeInformation.FrameworkDescription,
        TorchSharp = VersionOf(typeof(torch)),
        OperatingSystem = RuntimeInformation.OSDescription,
        Processor = RuntimeInformation.ProcessArchitecture.ToString(),
        VectorInstructions = Avx512F.IsSupported ? "AVX-512" : Avx2.IsSupported ? "AVX2" : AdvSimd.IsSupported ? "AdvSimd" : "none",
        Processors = Environment.ProcessorCount,
        Threads = TorchRuntime.Threads,
        Device = device,
    };

    private static string VersionOf(Type type) => type.Assembly.GetName().Version?.ToString(3) ?? "unknown";
}
