using System.Runtime.CompilerServices;

namespace EfficientNetSharp.Inference.Integers;

/// <summary>
/// Products of rows of 8-bit integers with weights of 8 bits, four at a time, where a machine has an operation for it. Sums wrap around at
/// 32 bits, and are right with their biases.
/// </summary>
internal abstract unsafe class ByteProducts
{
    /// <summary>Inputs that are multiplied at once.</summary>
    public const int AtOnce = 4;

    /// <summary>Outputs of a tile.</summary>
    public abstract int Outputs { get; }

    /// <summary>Rows of a tile whose sums stay in registers.</summary>
    public abstract int Rows { get; }

    /// <summary>The byte that the lowest input becomes: the operations' inputs are unsigned or signed.</summary>
    public abstract int LowestByte { get; }

    /// <summary>Packs rows of integers, without their zero point, as bytes.</summary>
    /// <param name="x">The first row.</param>
    /// <param name="stride">Integers from one row to the next.</param>
    /// <param name="rows">Rows.</param>
    /// <param name="lowest">The lowest integer.</param>
    /// <param name="to">Receives the bytes, and up to <see cref="ByteRows.Slack"/> behind the last.</param>
    /// <param name="rowBytes">Bytes of each row.</param>
    public abstract void Pack(short* x, nint stride, int rows, int lowest, byte* to, int rowBytes);

    /// <summary>Computes some rows.</summary>
    /// <param name="operands">The operands, for the first row; they are moved on.</param>
    /// <param name="rows">Rows.</param>
    public abstract void Run(ref IntegerTileOperands operands, int rows);
}

/// <summary>A machine's operations on bytes.</summary>
/// <typeparam name="TInt">A vector of 32-bit sums.</typeparam>
/// <typeparam name="TByte">A vector of signed weights, four times as many.</typeparam>
internal unsafe interface IByteProducts<TInt, TByte> : ITileProducts<TInt, TByte>
    where TInt : struct
    where TByte : struct
{
    /// <inheritdoc cref="ByteProducts.LowestByte" />
    static abstract int LowestByte { get; }

    /// <inheritdoc cref="ByteProducts.Pack" />
    static abstract void Pack(short* x, nint stride, int rows, int lowest, byte* to, int rowBytes);
}

/// <summary>Products with a machine's operations on bytes.</summary>
internal sealed unsafe class ByteProducts<TBytes, TInt, TByte> : ByteProducts
    where TBytes : struct, IByteProducts<TInt, TByte>
    where TInt : struct
    where TByte : struct
{
    /// <inheritdoc />
    public override int Outputs
    {
        [MethodImpl(MethodImplOptions.AggressiveOptimization)]
        get => 2 * TBytes.Lanes;
    }

    /// <inheritdoc />
    public override int Rows
    {
        [MethodImpl(MethodImplOptions.AggressiveOptimization)]
        get => TBytes.Rows;
    }

    /// <inheritdoc />
    public override int LowestByte => TBytes.LowestByte;

    /// <inheritdoc />
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public override void Pack(short* x, nint stride, int rows, int lowest, byte* to, int rowBytes) =>
        TBytes.Pack(x, stride, rows, lowest, to, rowBytes);

    /// <inheritdoc />
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public override void Run(ref IntegerTileOperands operands, int rows) =>
        IntegerTile<TBytes, TInt, TByte>.Run(ref operands, rows);
}
