using System.Runtime.Intrinsics;
using EfficientNetSharp.Graphs;
using EfficientNetSharp.Inference.Kernels;
using EfficientNetSharp.Inference.Layout;
using EfficientNetSharp.Inference.Memory;
using EfficientNetSharp.Vectors;

namespace EfficientNetSharp.Inference;

/// <summary>
/// Products of rows with a few fixed vectors by the engine's matrix kernel: rows may lie anywhere, such as in a file that is mapped into
/// memory, and are read as they are.
/// </summary>
/// <remarks>Safe for use by many threads at once.</remarks>
public sealed unsafe class ColumnProduct
{
    // Rows that stay in a core's cache while all columns pass by: half of the second level's usual size.
    private const int RowBlockBytes = 256 << 10;

    private readonly SimdLevel _level;
    private readonly AlignedBuffer<float> _packed, _zeros;
    private readonly int _columns;

    /// <summary>Packs the vectors.</summary>
    /// <param name="vectors">The vectors [count, depth].</param>
    /// <param name="count">How many, at least 1.</param>
    /// <param name="depth">Values of each, at least 1.</param>
    /// <param name="level">The kernels' vectors; the widest where <see langword="null"/>.</param>
    /// <exception cref="ArgumentException">The numbers do not fit each other.</exception>
    public ColumnProduct(ReadOnlySpan<float> vectors, int count, int depth, SimdLevel? level = null)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(count, 1);
        ArgumentOutOfRangeException.ThrowIfLessThan(depth, 1);
        if (vectors.Length != (long)count * depth)
            throw new ArgumentException($"{count} vectors of {depth} values are expected, found {vectors.Length} values.", nameof(vectors));
        _level = level ?? SimdLevels.Best;
        int lanes = _level switch { SimdLevel.Vector512 => 16, SimdLevel.Vector256 => 8, _ => 4 };
        (Depth, _columns) = (depth, Slot.RoundUp(count, lanes));
        _packed = new AlignedBuffer<float>(WeightPacking.MatrixLength(count, depth, lanes));
        WeightPacking.PackMatrix(vectors, count, depth, new Window(1, 1, 1, 1, 1, default), planar: false, lanes, _packed.Span);
        _zeros = new AlignedBuffer<float>(_columns);
    }

    /// <summary>Values of each vector.</summary>
    public int Depth { get; }

    /// <summary>Values from one row of results to the next: the vectors, rounded up to whole vectors of the machine.</summary>
    public int Stride => _columns;

    /// <summary>Computes the product of each row with each vector.</summary>
    /// <param name="rows">The first row, of <see cref="Depth"/> values.</param>
    /// <param name="rowBytes">Bytes from one row to the next.</param>
    /// <param name="count">Rows.</param>
    /// <param name="products">Receives [count, <see cref="Stride"/>]; what is beyond the vectors is 0.</param>
    /// <exception cref="ArgumentException">There is no room for the products.</exception>
    public void Run(float* rows, nint rowBytes, int count, Span<float> products)
    {
        if (products.Length < (long)count * _columns)
            throw new ArgumentException($"Room for {count} rows of {_columns} products is expected, found {products.Length}.",
                nameof(products));
        int block = Math.Max(1, (int)(RowBlockBytes / Math.Max(1, rowBytes)));
        fixed (float* result = products)
        {
            for (int row = 0; row < count; row += block)
            {
                var operands = new MatrixOperands
                {
                    X = (float*)((byte*)rows + (row * rowBytes)), RowBytes = rowBytes, Weights = _packed.Pointer, Depth = Depth,
                        Stretches = 1,
                    WeightDepth = Depth, Bias = _zeros.Pointer, Slopes = _zeros.Pointer, Y = result + ((nint)row * _columns),
                    Stride = _columns, Activation = ActivationKind.Identity,
                };
                Run(operands, Math.Min(block, count - row));
            }
        }

        GC.KeepAlive(this);
    }

    private void Run(in MatrixOperands operands, int rows)
    {
        switch (_level)
        {
            case SimdLevel.Vector512:
                MatrixProduct<Simd512, Vector512<float>>.Run(operands, rows, 0, _columns / Simd512.Lanes);
                break;
            case SimdLevel.Vector256:
                MatrixProduct<Simd256, Vector256<float>>.Run(operands, rows, 0, _columns / Simd256.Lanes);
                break;
            default:
                MatrixProduct<Simd128, Vector128<float>>.Run(operands, rows, 0, _columns / Simd128.Lanes);
                break;
        }
    }
}
