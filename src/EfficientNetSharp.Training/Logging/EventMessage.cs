using System.Buffers;
using System.Buffers.Binary;
using System.Text;

namespace EfficientNetSharp.Training.Logging;

/// <summary>
/// TensorBoard's messages as Protocol Buffers bytes, written by hand as there are four fields: <c>Event</c> (event.proto: wall_time 1,
/// step 2, file_version 3, summary 5), <c>Summary</c> (summary.proto: value 1) and its <c>Value</c> (tag 1, simple_value 2).
/// </summary>
internal static class EventMessage
{
    // The first event of a file; TensorBoard reads no other version.
    private const string FileVersion = "brain.Event:2";

    // Wire types of the encoding: 0 varint, 1 eight bytes, 2 length and bytes, 5 four bytes.
    private const int Varint = 0, EightBytes = 1, Delimited = 2, FourBytes = 5;

    /// <summary>The event that a file begins with.</summary>
    /// <param name="seconds">Time of writing, seconds since 1970.</param>
    public static byte[] Version(double seconds)
    {
        var message = new ArrayBufferWriter<byte>();
        WriteDouble(message, 1, seconds);
        WriteBytes(message, 3, Encoding.UTF8.GetBytes(FileVersion));
        return message.WrittenSpan.ToArray();
    }

    /// <summary>Numbers of one step.</summary>
    /// <param name="seconds">Time of writing, seconds since 1970.</param>
    /// <param name="step">The step.</param>
    /// <param name="values">Name and number of each curve.</param>
    public static byte[] Scalars(double seconds, long step, params ReadOnlySpan<(string Tag, double Value)> values)
    {
        var summary = new ArrayBufferWriter<byte>();
        foreach (var (tag, number) in values)
        {
            var value = new ArrayBufferWriter<byte>();
            WriteBytes(value, 1, Encoding.UTF8.GetBytes(tag));
            WriteFloat(value, 2, (float)number);
            WriteBytes(summary, 1, value.WrittenSpan);
        }

        var message = new ArrayBufferWriter<byte>();
        WriteDouble(message, 1, seconds);
        WriteTag(message, 2, Varint);
        WriteVarint(message, (ulong)step);
        WriteBytes(message, 5, summary.WrittenSpan);
        return message.WrittenSpan.ToArray();
    }

    private static void WriteTag(ArrayBufferWriter<byte> to, int field, int wireType) => WriteVarint(to, (ulong)((field << 3) | wireType));

    private static void WriteVarint(ArrayBufferWriter<byte> to, ulong value)
    {
        for (; value >= 0x80; value >>= 7) to.Write([(byte)(value | 0x80)]);
        to.Write([(byte)value]);
    }

    private static void WriteBytes(ArrayBufferWriter<byte> to, int field, ReadOnlySpan<byte> bytes)
    {
        WriteTag(to, field, Delimited);
        WriteVarint(to, (ulong)bytes.Length);
        to.Write(bytes);
    }

    private static void WriteDouble(ArrayBufferWriter<byte> to, int field, double value)
    {
        WriteTag(to, field, EightBytes);
        BinaryPrimitives.WriteDoubleLittleEndian(to.GetSpan(sizeof(double)), value);
        to.Advance(sizeof(double));
    }

    private static void WriteFloat(ArrayBufferWriter<byte> to, int field, float value)
    {
        WriteTag(to, field, FourBytes);
        BinaryPrimitives.WriteSingleLittleEndian(to.GetSpan(sizeof(float)), value);
        to.Advance(sizeof(float));
    }
}
