using System.Buffers.Binary;
using System.Text;
using EfficientNetSharp.Data.Formats;
using EfficientNetSharp.Data.Formats.Shards.Parquet;
using EfficientNetSharp.Files;
using static EfficientNetSharp.Data.Tests.DatasetChecks;

namespace EfficientNetSharp.Data.Tests.Formats;

/// <summary>Parquet in every form that is read (Goldens/make_parquet_forms.cs wrote them), and in forms that nobody writes.</summary>
public sealed class ParquetTests : IDisposable
{
    private const int Rows = 40;

    private readonly string _folder = Directory.CreateTempSubdirectory("effnet-tests-").FullName;

    public static TheoryData<string> Forms =>
        [.. Directory.EnumerateFiles(GoldenSet.PathOf("parquet-forms"), "*.parquet").Select(file => Path.GetFileName(file)!).Order(StringComparer.Ordinal)];

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Theory]
    [MemberData(nameof(Forms))]
    public void Rows_are_those_that_arrow_wrote(string file)
    {
        var images = Datasets.Open(GoldenSet.PathOf($"parquet-forms/{file}")).All.Single().Images;
        int[] labelled = [.. Enumerable.Range(0, Rows).Where(row => row % 11 != 10)];
        Assert.Equal(labelled.Length, images.Count);
        var buffer = new EncodedBuffer();
        for (int i = 0; i < labelled.Length; i++)
        {
            int row = labelled[i];
            Assert.Equal(row % 3, images.LabelOf(i));
            if (row % 9 == 8)
            {
                AssertRefused(() => images.ReadEncoded(i, buffer), "without bytes");
                continue;
            }

            images.ReadEncoded(i, buffer);
            Assert.Equal(string.Concat(Enumerable.Repeat($"image {row % 7} ", row + 1)), Encoding.ASCII.GetString(buffer.Bytes));
        }
    }

    [Theory]
    [InlineData("PAR1")]
    [InlineData("PARE")]
    public void A_file_without_its_metadata_is_refused(string magic)
    {
        byte[] bytes = File.ReadAllBytes(GoldenSet.PathOf("parquet-forms/codec-plain.parquet"));
        Encoding.ASCII.GetBytes(magic).CopyTo(bytes, bytes.Length - 4);
        BinaryPrimitives.WriteUInt32LittleEndian(bytes.AsSpan(bytes.Length - 8), uint.MaxValue);
        AssertRefused(() => Datasets.Open(Write(bytes)), magic == "PARE" ? "encrypted" : "does not end as");
    }

    // A page that reaches beyond its file, one that unpacks to 2 GB, one of two thousand million values: headers changed in place.
    [Theory]
    [InlineData(2, "more than the")]
    [InlineData(3, "beyond its column")]
    [InlineData(4, "more values than it says")]
    public void Headers_that_promise_the_world_are_refused_before_memory_is_taken(int field, string expected)
    {
        string golden = GoldenSet.PathOf("parquet-forms/codec-snappy.parquet");
        byte[] bytes = File.ReadAllBytes(golden);
        // A page's header: kind, unpacked and packed bytes, then what is particular to data pages. The last page of the labels, since
        // those are read first and what follows a longer header lies elsewhere than the metadata say.
        int page = LastLabels(golden);
        var (start, end) = Field(bytes.AsSpan(page), field);
        bytes = [.. bytes[..(page + start)], .. Varint((ulong)int.MaxValue << 1), .. bytes[(page + end)..]];
        long before = GC.GetAllocatedBytesForCurrentThread();
        AssertRefused(
            () =>
            {
                var images = Datasets.Open(Write(bytes)).All.Single().Images;
                images.ReadEncoded(0, new EncodedBuffer());
            },
            expected);
        Assert.InRange(GC.GetAllocatedBytesForCurrentThread() - before, 0, 8 << 20);
    }

    [Fact]
    public void Runs_without_end_are_refused()
    {
        // Runs of no values would go on for ever.
        Assert.False(ParquetEncodings.TryReadRuns([0, 0, 0, 0, 0, 0], bitWidth: 1, new int[10]));
        Assert.False(ParquetEncodings.TryReadRuns([1, 1, 1, 1], bitWidth: 0, new int[10]));
        Assert.False(ParquetEncodings.TryReadRuns([], bitWidth: 1, new int[1]));
        Assert.False(ParquetEncodings.TryReadDeltas([0, 0, 5, 0, 0, 0], new long[5], out _));
        Assert.False(ParquetEncodings.TryReadDeltas([128, 1, 4, 200, 200], new long[5], out _));
    }

    [Fact]
    public void Runs_and_groups_are_read()
    {
        var values = new int[12];
        // A run of four threes, then a group of eight 3-bit numbers 0 to 7 (the example of Encodings.md).
        Assert.True(ParquetEncodings.TryReadRuns([8, 3, 3, 0b10001000, 0b11000110, 0b11111010], bitWidth: 3, values));
        Assert.Equal([3, 3, 3, 3, 0, 1, 2, 3, 4, 5, 6, 7], values);
    }

    private static int LastLabels(string path)
    {
        using var file = InputFile.Open(path);
        var metadata = ParquetMetadata.Read(file);
        return (int)metadata.Groups[^1][metadata.Columns.First(column => column.Path == "label").Index].Start;
    }

    // The place of a varint field of a header in Thrift's compact protocol, without its head: fields 1 to 3, then the first of the structure.
    private static (int Start, int End) Field(ReadOnlySpan<byte> header, int field)
    {
        int at = 0, end = 0;
        for (int i = 0; i < field; i++)
        {
            at = end + 1;
            // A structure's head has no value of its own; its first field follows.
            if (i == 3) at++;
            for (end = at; header[end] >= 0x80; end++)
            {
            }

            end++;
        }

        return (at, end);
    }

    private static IEnumerable<byte> Varint(ulong value)
    {
        for (; value >= 0x80; value >>= 7) yield return (byte)(value | 0x80);
        yield return (byte)value;
    }

    private string Write(byte[] bytes)
    {
        string path = Path.Combine(_folder, "train-00000-of-00001.parquet");
        File.WriteAllBytes(path, bytes);
        return path;
    }
}
