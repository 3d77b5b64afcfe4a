using EfficientNetSharp.Graphs;

namespace EfficientNetSharp.Inference.Planning;

/// <summary>
/// A place in the arena for a value: maps are [picture, row, column, channel] with the channels padded to whole vectors, so that no
/// kernel has a remainder. What the padding holds is never read as data.
/// </summary>
internal sealed class Slot
{
    private Slot(string name, long length) => (Name, Length) = (name, length);

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

    /// <summary>Whether the next picture's pixels follow the last one of a picture without a gap.</summary>
    public bool IsDense => Length == (long)Positions * Stride;

    /// <summary>Values of one picture, a multiple of 16.</summary>
    public long Length { get; }

    /// <summary>Where it is in an arena for one picture, in values; the layout says it.</summary>
    public long Offset { get; set; }

    /// <summary>A map or a vector of the given shape.</summary>
    public static Slot For(string name, TensorShape shape, int lanes)
    {
        var (height, width) = shape.IsVector ? (1, 1) : (shape.Height, shape.Width);
        int padded = RoundUp(shape.Channels, lanes), stride = height * width > 1 ? StrideOf(shape.Channels, lanes) : padded;
        return new Slot(name, RoundUp(checked((long)stride * height * width), CacheLine))
        {
            Channels = shape.Channels,
            Height = height,
            Width = width,
            PaddedChannels = padded,
            Stride = stride,
        };
    }

    /// <summary>Values from one to the next of many rows of channels.</summary>
    public static int StrideOf(int channels, int lanes)
    {
        // Rows that are whole pages apart all fall into the same few places of a first-level cache, fewer than a tile has rows.
        int padded = RoundUp(channels, lanes);
        return padded % PageValues == 0 ? padded + CacheLine : padded;
    }

    /// <summary>Working memory of a step that belongs to one picture.</summary>
    public static Slot Working(string name, long length) => new(name, RoundUp(length, CacheLine));

    /// <summary>The next multiple.</summary>
    public static int RoundUp(int value, int multiple) => checked(value + multiple - 1) / multiple * multiple;

    // In values: slots start at cache lines whatever the number of pictures.
    private const int CacheLine = 16;

    // 4 KiB, the sets of a usual first-level cache times its lines.
    private const int PageValues = 1024;

    private static long RoundUp(long value, int multiple) => (value + multiple - 1) / multiple * multiple;
}
