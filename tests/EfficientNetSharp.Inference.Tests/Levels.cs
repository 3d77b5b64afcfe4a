namespace EfficientNetSharp.Inference.Tests;

/// <summary>The levels that this machine has, for theories.</summary>
internal static class Levels
{
    public static IEnumerable<SimdLevel> Available => Enum.GetValues<SimdLevel>().Where(SimdLevels.IsSupported);
}
