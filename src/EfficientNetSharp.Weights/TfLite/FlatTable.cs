using System.Text;
using Google.FlatBuffers;

namespace EfficientNetSharp.Weights.TfLite;

/// <summary>A table of a flat buffer, whose fields are read by their numbers in the schema; one that is absent has its default.</summary>
internal readonly struct FlatTable
{
    private readonly Table _table;

    private FlatTable(Table table) => _table = table;

    /// <summary>The table that the buffer's first bytes point to.</summary>
    public static FlatTable Root(ByteBuffer buffer) => new(new Table(buffer.GetInt(0), buffer));

    public int Int(int field, int otherwise = 0) => Place(field) is var at and not 0 ? _table.bb.GetInt(at) : otherwise;

    public byte Byte(int field) => Place(field) is var at and not 0 ? _table.bb.Get(at) : (byte)0;

    public bool Flag(int field) => Byte(field) != 0;

    public string? Text(int field)
    {
        int offset = _table.__offset(Vtable(field));
        if (offset == 0) return null;
        int start = _table.__vector(offset), length = _table.__vector_len(offset);
        return length < 0 ? null : Encoding.UTF8.GetString(_table.bb.ToArray<byte>(start, length));
    }

    public FlatTable? Table(int field) =>
        Place(field) is var at and not 0 ? new FlatTable(new Table(_table.__indirect(at), _table.bb)) : null;

    public FlatTable[] Tables(int field)
    {
        var (start, length) = Vector(field, sizeof(int));
        var tables = new FlatTable[length];
        for (int i = 0; i < length; i++) tables[i] = new FlatTable(new Table(_table.__indirect(start + (i * sizeof(int))), _table.bb));
        return tables;
    }

    public int[] Ints(int field)
    {
        var (start, length) = Vector(field, sizeof(int));
        return length == 0 ? [] : _table.bb.ToArray<int>(start, length);
    }

    public long[] Longs(int field)
    {
        var (start, length) = Vector(field, sizeof(long));
        return length == 0 ? [] : _table.bb.ToArray<long>(start, length);
    }

    public float[] Floats(int field)
    {
        var (start, length) = Vector(field, sizeof(float));
        return length == 0 ? [] : _table.bb.ToArray<float>(start, length);
    }

    public byte[] Bytes(int field)
    {
        var (start, length) = Vector(field, 1);
        return length == 0 ? [] : _table.bb.ToArray<byte>(start, length);
    }

    private static int Vtable(int field) => 4 + (2 * field);

    private int Place(int field) => _table.__offset(Vtable(field)) is var offset and not 0 ? offset + _table.bb_pos : 0;

    // A length is believed only as far as the buffer goes.
    private (int Start, int Length) Vector(int field, int size)
    {
        int offset = _table.__offset(Vtable(field));
        if (offset == 0) return default;
        int start = _table.__vector(offset), length = _table.__vector_len(offset);
        return length >= 0 && start >= 0 && start + ((long)length * size) <= _table.bb.Length
            ? (start, length)
            : throw new ArgumentOutOfRangeException(nameof(field), length, "A list is longer than the file.");
    }
}
