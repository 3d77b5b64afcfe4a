using System.Buffers.Binary;
using System.Runtime.InteropServices;
using EfficientNetSharp.Arrays;

namespace EfficientNetSharp.Models;

/// <summary>Integers of one type, as a file holds them: least significant byte first.</summary>
public sealed class IntegerValues
{
    private readonly byte[] _bytes;
    private readonly int _size;

    /// <summary>Wraps bytes; they are not copied.</summary>
    /// <param name="type">
    /// <see cref="ElementType.U8"/>, <see cref="ElementType.I8"/>, <see cref="ElementType.I16"/>, <see cref="ElementType.I32"/> or
    /// <see cref="ElementType.I64"/>.
    /// </param>
    /// <param name="bytes">The integers, least significant byte first.</param>
    /// <exception cref="ArgumentException">The type is another, or the bytes are not whole integers.</exception>
    public IntegerValues(ElementType type, byte[] bytes)
    {
        ArgumentNullException.ThrowIfNull(bytes);
        if (type is not (ElementType.U8 or ElementType.I8 or ElementType.I16 or ElementType.I32 or ElementType.I64))
            throw new ArgumentException($"Weights are stored as U8, I8, I16, I32 or I64 integers, not as {type}.", nameof(type));
        _size = type.BitCount() / 8;
        if (bytes.Length % _size != 0) throw new ArgumentException($"{bytes.Length} bytes are no whole integers of {type}.", nameof(bytes));
        (Type, _bytes) = (type, bytes);
    }

    /// <summary>Their type.</summary>
    public ElementType Type { get; }

    /// <summary>How many there are.</summary>
    public int Length => _bytes.Length / _size;

    /// <summary>The bytes, least significant first.</summary>
    public ReadOnlyMemory<byte> Bytes => _bytes;

    /// <summary>One of them.</summary>
    /// <param name="index">Its position, row-major.</param>
    public long this[int index]
    {
        get
        {
            var bytes = _bytes.AsSpan(index * _size, _size);
            return Type switch
            {
                ElementType.U8 => bytes[0],
                ElementType.I8 => (sbyte)bytes[0],
                ElementType.I16 => BinaryPrimitives.ReadInt16LittleEndian(bytes),
                ElementType.I32 => BinaryPrimitives.ReadInt32LittleEndian(bytes),
                _ => BinaryPrimitives.ReadInt64LittleEndian(bytes),
            };
        }
    }

    /// <summary>Makes them from whole numbers.</summary>
    /// <param name="type">The type to store them as.</param>
    /// <param name="values">The numbers.</param>
    /// <exception cref="ArgumentOutOfRangeException">The type does not hold one of them.</exception>
    public static IntegerValues Of(ElementType type, ReadOnlySpan<long> values)
    {
        var integers = new IntegerValues(type, new byte[(long)values.Length * (type.BitCount() / 8)]);
        for (int i = 0; i < values.Length; i++) integers.Set(i, values[i]);
        return integers;
    }

    /// <summary>The integers in their own type, without copying.</summary>
    /// <typeparam name="T"><see cref="byte"/>, <see cref="sbyte"/>, <see cref="short"/>, <see cref="int"/> or <see cref="long"/>.</typeparam>
    /// <exception cref="InvalidOperationException">They are of another size, or the machine orders bytes otherwise.</exception>
    public ReadOnlySpan<T> AsSpan<T>()
        where T : unmanaged
    {
        if (Marshal.SizeOf<T>() != _size || (_size > 1 && !BitConverter.IsLittleEndian))
            throw new InvalidOperationException($"The integers are {Type}.");
        return MemoryMarshal.Cast<byte, T>(_bytes);
    }

    private void Set(int index, long value)
    {
        var bytes = _bytes.AsSpan(index * _size, _size);
        bool fits = Type switch
        {
            ElementType.U8 => value is >= byte.MinValue and <= byte.MaxValue,
            ElementType.I8 => value is >= sbyte.MinValue and <= sbyte.MaxValue,
            ElementType.I16 => value is >= short.MinValue and <= short.MaxValue,
            ElementType.I32 => value is >= int.MinValue and <= int.MaxValue,
            _ => true,
        };
        if (!fits) throw new ArgumentOutOfRangeException(nameof(value), value, $"{Type} does not hold it.");
        switch (_size)
        {
            case 1:
                bytes[0] = (byte)value;
                break;
            case 2:
                BinaryPrimitives.WriteInt16LittleEndian(bytes, (short)value);
                break;
            case 4:
                BinaryPrimitives.WriteInt32LittleEndian(bytes, (int)value);
                break;
            default:
                BinaryPrimitives.WriteInt64LittleEndian(bytes, value);
                break;
        }
    }
}
