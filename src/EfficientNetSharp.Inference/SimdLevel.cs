using System.Collections.Immutable;
using System.Runtime.Intrinsics;
using EfficientNetSharp.Files;
using EfficientNetSharp.Vectors;

namespace EfficientNetSharp.Inference;

/// <summary>The vectors that a plan's kernels work with; their values are the bits of a vector.</summary>
public enum SimdLevel
{
    /// <summary>4 values: SSE, Arm NEON (AdvSimd), WebAssembly; in software where the machine has none of them.</summary>
    Vector128 = 128,

    /// <summary>8 values: AVX2 with fused multiply-add.</summary>
    Vector256 = 256,

    /// <summary>16 values: AVX-512.</summary>
    Vector512 = 512,
}

/// <summary>Which levels there are, which this machine has, and what each stands for in the kernels.</summary>
public static class SimdLevels
{
    /// <summary>The variable of the environment that names the bits of a vector for all plans whose options name no level.</summary>
    public const string Variable = "EFFNET_SIMD";

    /// <summary>The levels that this machine has, from the narrowest.</summary>
    public static ImmutableArray<SimdLevel> Available { get; } = [.. Enum.GetValues<SimdLevel>().Where(IsSupported)];

    /// <summary>The widest level that this machine has.</summary>
    public static SimdLevel Best => Available[^1];

    /// <summary>What plans work with whose options name no level: what <see cref="Variable"/> says, else <see cref="Best"/>.</summary>
    /// <exception cref="InvalidInputException">The variable names no level of this machine.</exception>
    public static SimdLevel Default => Environment.GetEnvironmentVariable(Variable) is { Length: > 0 } text ? Parse(text, Variable) : Best;

    /// <summary>Whether this machine has the level; <see cref="SimdLevel.Vector128"/> runs everywhere.</summary>
    public static bool IsSupported(SimdLevel level) => level switch
    {
        SimdLevel.Vector128 => true,
        SimdLevel.Vector256 => VectorWidth.Has8,
        SimdLevel.Vector512 => VectorWidth.Has16,
        _ => false,
    };

    /// <summary>The level of a width.</summary>
    /// <param name="text">Bits of a vector: 128, 256 or 512.</param>
    /// <param name="name">What is read, for the message.</param>
    /// <exception cref="InvalidInputException">It is none, or this machine lacks it.</exception>
    public static SimdLevel Parse(string text, string name) =>
        NumberText.TryParse(text, out int bits) ? Of(bits, name) : throw Refusal(OneLine.Quote(text), name);

    /// <inheritdoc cref="Parse" />
    /// <param name="bits">Bits of a vector: 128, 256 or 512.</param>
    /// <param name="name">What is read, for the message.</param>
    public static SimdLevel Of(int bits, string name) =>
        IsSupported((SimdLevel)bits) ? (SimdLevel)bits : throw Refusal($"{bits}", name);

    /// <summary>Calls the user with a level's vectors: the one place that knows what a level is for the kernels.</summary>
    internal static void Choose<TUser>(SimdLevel level, ref TUser user)
        where TUser : struct, IVectorUser, allows ref struct
    {
        switch (level)
        {
            case SimdLevel.Vector512:
                user.Use<Simd512, Vector512<float>>();
                break;
            case SimdLevel.Vector256:
                user.Use<Simd256, Vector256<float>>();
                break;
            default:
                user.Use<Simd128, Vector128<float>>();
                break;
        }
    }

    private static InvalidInputException Refusal(string found, string name) => new(
        $"{name}: expected the bits of a vector that this machine has, {string.Join(" or ", Available.Select(level => (int)level))}, "
        + $"found {found}; leave it out for the widest.");
}
