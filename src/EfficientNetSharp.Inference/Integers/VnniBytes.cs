using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;

namespace EfficientNetSharp.Inference.Integers;

/// <summary>
/// AVX-VNNI: unsigned inputs. .NET has the operation for 256 bits only, which compute as much in a cycle as 512 bits do with 16-bit
/// integers.
/// </summary>
internal readonly unsafe struct VnniBytes : IByteProducts<Vector256<int>, Vector256<sbyte>>
{
    /// <summary>The products; <see langword="null"/> where the machine has none.</summary>
    public static ByteProducts? Products =>
        AvxVnni.IsSupported ? new ByteProducts<VnniBytes, Vector256<int>, Vector256<sbyte>>() : null;

    public static int Lanes => Vector256<int>.Count;

    public static int Rows => 6;

    public static int LowestByte => 0;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Pack(short* x, nint stride, int rows, int lowest, byte* to, int rowBytes) =>
        ByteRows.PackUnsigned(x, stride, rows, (short)lowest, to, rowBytes);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector256<sbyte> Load(byte* from) => Vector256.Load((sbyte*)from);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void AddProducts(
        ref Vector256<int> low, ref Vector256<int> high, byte* x, Vector256<sbyte> first, Vector256<sbyte> second)
    {
        var four = Vector256.Create(*(int*)x).AsByte();
        low = AvxVnni.MultiplyWideningAndAdd(low, four, first);
        high = AvxVnni.MultiplyWideningAndAdd(high, four, second);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector256<int> Add(Vector256<int> a, Vector256<int> b) => a + b;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Store(Vector256<int> value, int* to) => value.Store(to);
}
