namespace EfficientNetSharp.Recognition.Embedded;

/// <summary>
/// Where things lie in a file of vectors: a header, then blocks of <see cref="RowsPerBlock"/> rows. A block holds the number of each
/// row's identity (0 for a row that nobody has), for <see cref="VectorPrecision.I8"/> each row's scale, then the rows.
/// </summary>
/// <param name="Dimension">Values of a row.</param>
/// <param name="Precision">What they are held as.</param>
internal readonly record struct BlockLayout(int Dimension, VectorPrecision Precision)
{
    /// <summary>A page.</summary>
    public const int HeaderBytes = 4096;

    public const int RowsPerBlock = 1024;

    /// <summary>Rows begin at cache lines and are padded with zeros, so that vectors of any width read them without a rest.</summary>
    public const int RowAlignment = 64;

    public int ElementBytes => Precision switch { VectorPrecision.F32 => 4, VectorPrecision.F16 => 2, _ => 1 };

    public int RowBytes => (Dimension * ElementBytes + RowAlignment - 1) / RowAlignment * RowAlignment;

    /// <summary>Values of a row with its padding.</summary>
    public int PaddedDimension => RowBytes / ElementBytes;

    public bool HasScales => Precision == VectorPrecision.I8;

    public const int ScalesOffset = RowsPerBlock * sizeof(int);

    public int RowsOffset => ScalesOffset + (HasScales ? RowsPerBlock * sizeof(float) : 0);

    public long BlockBytes => RowsOffset + ((long)RowsPerBlock * RowBytes);

    /// <summary>Blocks that so many rows take.</summary>
    public static long Blocks(long rows) => (rows + RowsPerBlock - 1) / RowsPerBlock;

    /// <summary>Where a block begins.</summary>
    public long BlockStart(long block) => HeaderBytes + (block * BlockBytes);

    /// <summary>Bytes of a file of so many rows.</summary>
    public long FileBytes(long rows) => BlockStart(Blocks(rows));
}
