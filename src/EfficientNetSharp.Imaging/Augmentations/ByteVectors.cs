using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace EfficientNetSharp.Imaging.Augmentations;

/// <summary>Eight bytes, two pixels, as eight numbers and back.</summary>
internal static class ByteVectors
{
    /// <summary>Reads eight bytes.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal static Vector256<int> Load(ref readonly byte source)
    {
        var bytes = Vector128.CreateScalarUnsafe(Unsafe.ReadUnaligned<ulong>(in source)).AsByte();
        return Vector256.WidenLower(Vector128.WidenLower(bytes).ToVector256Unsafe()).AsInt32();
    }

    /// <summary>Clips to 0 … 255: a number beyond the range of integers must not be cut off before.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal static Vector256<float> Clip(Vector256<float> values) =>
        Vector256.Clamp(values, Vector256<float>.Zero, Vector256.Create(255f));

    /// <summary>Writes eight numbers of 0 … 255, cut off.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal static void Store(ref byte target, Vector256<float> values)
    {
        var whole = Vector256.ConvertToInt32(values).AsUInt32();
        var halves = Vector128.Narrow(whole.GetLower(), whole.GetUpper());
        Unsafe.WriteUnaligned(ref target, Vector128.Narrow(halves, halves).AsUInt64().ToScalar());
    }
}
