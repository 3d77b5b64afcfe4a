using System.Diagnostics;
using System.Runtime.CompilerServices;
using EfficientNetSharp.Graphs;
using EfficientNetSharp.Vectors;

namespace EfficientNetSharp.Inference.Layout;

/// <summary>
/// A place in the arena for a value: maps are [image, row, column, channel] with the channels padded to whole vectors, so that no
/// kernel has a remainder. What the padding holds is never read as data.
/// </summary>
internal sealed class Slot
{
    private long _offset;

    private Slot(string name, long length, int valueBytes, Slot? whole = null) =>
        (Name, Length, ValueBytes, Whole) = (name, length, valueBytes, whole ?? this);

    /// <summary>What it holds, for people.</summary>
    public string Name { get; }

    /// <summary>Channels that count.</summary>
    public int Channels { get; private init; }

    /// <summary>Rows of the map.</summary>
    public int Height { get; private init; }

    /// <summary>Columns of the map.</summary>
    public int Width { get; private init; }

    /// <summary>Channels with their padding to whole vectors: those that kernels compute.</summary>
    public int PaddedChannels { get; private init; }

    /// <summary>Values from one pixel to the next: at least the padded channels.</summary>
    public int Stride { get; private init; }

    /// <summary>Pixels of the map, 1 for a vector.</summary>
    public int Positions => Height * Width;

    /// <summary>Whether the next image's pixels follow the last one of an image without a gap.</summary>
    public bool IsDense
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        get => Length == (long)Positions * Stride;
    }

    /// <summary>Values of one image, whole cache lines of them, so that slots start at lines whatever the number of images.</summary>
    public long Length { get; }

    /// <summary>Bytes of a value.</summary>
    public int ValueBytes { get; }

    /// <summary>Bytes of one image.</summary>
    public long Bytes => Length * ValueBytes;

    /// <summary>The slot that this is some channels of; itself for a slot of its own.</summary>
    public Slot Whole { get; }

    /// <summary>Bytes from a pixel of <see cref="Whole"/> to the first channel here.</summary>
    public int FirstByte { get; private init; }

    /// <summary>Where it is in an arena for one image, in bytes; the layout says it.</summary>
    public long Offset
    {
        get => Whole._offset;
        set => Whole._offset = value;
    }

    /// <summary>
    /// Some of the channels, for a step that computes these alone: it writes whole vectors, which have to end within the pixel.
    /// </summary>
    /// <param name="name">What they hold.</param>
    /// <param name="first">The first channel.</param>
    /// <param name="channels">How many.</param>
    /// <param name="lanes">Values of a vector.</param>
    public Slot Part(string name, int first, int channels, int lanes)
    {
        Debug.Assert(first + RoundUp(channels, lanes) <= Stride, "A step would write into the next pixel.");
        return new Slot(name, Length, ValueBytes, this)
        {
            Channels = channels,
            Height = Height,
            Width = Width,
            PaddedChannels = RoundUp(channels, lanes),
            Stride = Stride,
            FirstByte = first * ValueBytes,
        };
    }

    /// <summary>A map or a vector of the given shape.</summary>
    /// <typeparam name="T">What its values are.</typeparam>
    public static unsafe Slot For<T>(string name, TensorShape shape, int lanes)
        where T : unmanaged
    {
        var (height, width) = shape.IsVector ? (1, 1) : (shape.Height, shape.Width);
        return new Slot(name, LengthFor(shape, lanes, sizeof(T)), sizeof(T))
        {
            Channels = shape.Channels,
            Height = height,
            Width = width,
            PaddedChannels = RoundUp(shape.Channels, lanes),
            Stride = StrideFor(shape, lanes, sizeof(T)),
        };
    }

    /// <summary>Values of one image of a map or a vector, whole cache lines of them.</summary>
    public static long LengthFor(TensorShape shape, int lanes, int valueBytes) =>
        RoundUp(checked(StrideFor(shape, lanes, valueBytes) * shape.Positions), Cache.LineBytes / valueBytes);

    /// <summary>Values from one to the next of many rows of channels.</summary>
    public static int StrideOf(int channels, int lanes, int valueBytes)
    {
        // Rows that are whole pages apart all fall into the same few places of a first-level cache, fewer than a tile has rows.
        int padded = RoundUp(channels, lanes);
        return padded * valueBytes % PageBytes == 0 ? padded + (Cache.LineBytes / valueBytes) : padded;
    }

    /// <summary>Working memory of a step that belongs to one image.</summary>
    /// <typeparam name="T">What its values are.</typeparam>
    public static unsafe Slot Working<T>(string name, long length)
        where T : unmanaged => new(name, RoundUp(length, Cache.LineBytes / sizeof(T)), sizeof(T));

    /// <summary>The next multiple.</summary>
    public static int RoundUp(int value, int multiple) => checked(value + multiple - 1) / multiple * multiple;

    private static int StrideFor(TensorShape shape, int lanes, int valueBytes) =>
        shape.Positions > 1 ? StrideOf(shape.Channels, lanes, valueBytes) : RoundUp(shape.Channels, lanes);

    // The sets of a usual first-level cache times its lines.
    private const int PageBytes = 4096;

    private static long RoundUp(long value, int multiple) => (value + multiple - 1) / multiple * multiple;
}
