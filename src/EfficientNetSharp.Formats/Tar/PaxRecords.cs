using System.Buffers.Text;
using System.Text;

namespace EfficientNetSharp.Formats.Tar;

/// <summary>
/// What a pax header (POSIX.1-2001, "pax Interchange Format") says of the member behind it. Its records are <c>length key=value</c> with
/// a line break behind, where the length counts all of that; a value may hold line breaks.
/// </summary>
/// <param name="Path">The member's name, if it has no room in the member's own header.</param>
/// <param name="Length">The member's bytes, if they are too many for its own header.</param>
/// <param name="IsSparse">Whether the member is a map of a file's parts with the parts, as GNU tar's <c>--sparse</c> packs it.</param>
internal readonly record struct PaxRecords(string? Path, long? Length, bool IsSparse)
{
    /// <summary>Reads the records.</summary>
    /// <returns><see langword="null"/> if they are not as the format says.</returns>
    public static PaxRecords? Parse(ReadOnlySpan<byte> bytes)
    {
        var records = default(PaxRecords);
        while (!bytes.IsEmpty)
        {
            bool whole = Utf8Parser.TryParse(bytes, out int length, out int digits) && length > digits + 1 && length <= bytes.Length
                && bytes[digits] == ' ' && bytes[length - 1] == '\n';
            if (!whole) return null;
            var record = bytes[(digits + 1)..(length - 1)];
            int equals = record.IndexOf((byte)'=');
            if (equals < 1) return null;
            ReadOnlySpan<byte> key = record[..equals], value = record[(equals + 1)..];
            if (key.SequenceEqual("path"u8)) records = records with { Path = Encoding.UTF8.GetString(value) };
            if (key.StartsWith("GNU.sparse."u8)) records = records with { IsSparse = true };
            if (key.SequenceEqual("size"u8))
            {
                if (!Utf8Parser.TryParse(value, out long size, out int used) || used != value.Length || size < 0) return null;
                records = records with { Length = size };
            }

            bytes = bytes[length..];
        }

        return records;
    }
}
