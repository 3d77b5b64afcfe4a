using System.Buffers.Binary;
using EfficientNetSharp.Files;

namespace EfficientNetSharp.Data.Formats.Shards.RecordIo;

/// <summary>
/// What stands before the image of a record (mxnet's <c>IRHeader</c>, <c>IfQQ</c>): a flag, a label, two numbers, and where the flag is not
/// 0, so many labels instead of the one.
/// </summary>
/// <param name="Flag">How many labels follow; 0 for the one in the header.</param>
/// <param name="Label">The first label.</param>
/// <param name="Id">The record's number.</param>
/// <param name="ImageStart">Bytes before the image.</param>
/// <param name="ImageLength">Bytes of the image; 0 for records that tell of others.</param>
internal readonly record struct ImageRecord(uint Flag, float Label, ulong Id, long ImageStart, long ImageLength)
{
    private const int Bytes = 24;

    /// <summary>Reads a record's header.</summary>
    /// <exception cref="InvalidInputException">It is longer than the record.</exception>
    public static ImageRecord Read(InputFile file, long offset, List<(long Offset, int Length)> parts)
    {
        Span<byte> header = stackalloc byte[Bytes + sizeof(float)];
        int read = RecordIoFraming.Read(file, parts, 0, header);
        long length = RecordIoFraming.LengthOf(parts);
        uint flag = BinaryPrimitives.ReadUInt32LittleEndian(header);
        long start = Bytes + (sizeof(float) * (long)flag);
        if (read < Bytes || start > length)
        {
            throw DatasetErrors.Damaged(
                file.Path, $"the record at byte {offset} has {length} bytes, too few for its header{(read < Bytes ? "" : $" of {flag} labels")}");
        }

        float label = BinaryPrimitives.ReadSingleLittleEndian(header[(flag > 0 ? Bytes : sizeof(uint))..]);
        return new ImageRecord(flag, label, BinaryPrimitives.ReadUInt64LittleEndian(header[8..]), start, length - start);
    }

    /// <summary>Writes the header of a record.</summary>
    /// <param name="stream">Where to.</param>
    /// <param name="id">The record's number.</param>
    /// <param name="labels">One label, which stands in the header, or several, which follow it.</param>
    public static void Write(Stream stream, long id, params ReadOnlySpan<float> labels)
    {
        Span<byte> header = stackalloc byte[Bytes];
        header.Clear();
        if (labels.Length == 1) BinaryPrimitives.WriteSingleLittleEndian(header[4..], labels[0]);
        else BinaryPrimitives.WriteUInt32LittleEndian(header, (uint)labels.Length);
        BinaryPrimitives.WriteInt64LittleEndian(header[8..], id);
        stream.Write(header);
        if (labels.Length == 1) return;
        Span<byte> number = stackalloc byte[sizeof(float)];
        foreach (float label in labels)
        {
            BinaryPrimitives.WriteSingleLittleEndian(number, label);
            stream.Write(number);
        }
    }
}
