using System.Formats.Tar;
using System.IO.Compression;
using System.Text;
using EfficientNetSharp.Formats.Tar;
using EfficientNetSharp.Tests.Files;

namespace EfficientNetSharp.Formats.Tests.Tar;

/// <summary>The walk over tar archives, made by .NET's own writer, or block by block where that writes no such thing.</summary>
public sealed class TarMembersTests : IDisposable
{
    private const int Block = 512;

    private readonly TemporaryFolder _folder = new();

    public static TheoryData<TarEntryFormat> Formats => [TarEntryFormat.Ustar, TarEntryFormat.Pax, TarEntryFormat.Gnu];

    public void Dispose() => _folder.Dispose();

    [Theory]
    [MemberData(nameof(Formats))]
    public void Members_are_where_the_other_reader_finds_them(TarEntryFormat format)
    {
        string deep = string.Concat(Enumerable.Repeat("folder/", 20));
        // Ustar has room for 100 bytes of name behind 155 of folder, the others for any.
        string[] names = format == TarEntryFormat.Ustar
            ? ["a.jpg", "b", deep + "c.txt"]
            : ["a.jpg", "ä 図.png", deep + new string('x', 300) + ".jpg"];
        using var archive = new MemoryStream();
        using (var writer = new TarWriter(archive, format, leaveOpen: true))
        {
            foreach (string name in names)
            {
                writer.WriteEntry(Entry(format, TarEntryType.Directory, "in between/"));
                var link = Entry(format, TarEntryType.SymbolicLink, name + ".link");
                link.LinkName = new string('t', format == TarEntryFormat.Ustar ? 90 : 200);
                writer.WriteEntry(link);
                var file = Entry(format, TarEntryType.RegularFile, name);
                file.DataStream = new MemoryStream(Contents(name));
                writer.WriteEntry(file);
            }
        }

        archive.Position = 0;
        var expected = new List<(string Name, long Length, long Offset)>();
        using (var reader = new TarReader(archive, leaveOpen: true))
        {
            while (reader.GetNextEntry() is { } entry)
                if (entry.EntryType == TarEntryType.RegularFile) expected.Add((entry.Name, entry.Length, entry.DataOffset));
        }

        Assert.Equal(names.Length, expected.Count);
        Assert.Equal(expected, Files(archive.ToArray()));
        Assert.Equal(expected.Select(file => (file.Name, file.Length)), Packed(archive.ToArray()));
    }

    [Fact]
    public void Names_in_pax_headers_may_hold_line_breaks() =>
        Assert.Equal("a\nb", Assert.Single(Files([.. Pax("12 path=a\nb\n"), .. Member("x", "")])).Name);

    [Fact]
    public void A_length_in_a_pax_header_counts()
    {
        byte[] archive = [.. Pax("10 size=5\n"), .. Header("big", '0', 0), .. Filled("hello"), .. Member("b", "x"), .. new byte[2 * Block]];
        Assert.Equal([("big", 5, 3 * Block), ("b", 1, 5 * Block)], Files(archive));
    }

    [Fact]
    public void Records_that_stand_between_a_name_and_its_member_do_not_take_it()
    {
        byte[] archive =
        [
            .. Header("././@LongLink", 'L', 9), .. Filled("long-name"), .. Header("././@LongLink", 'K', 6), .. Filled("target"),
            .. Header("g", 'g', 13), .. Filled("13 comment=a\n"), .. Member("short", "1"), .. Member("next", "2"),
        ];
        Assert.Equal(["long-name", "next"], Files(archive).Select(file => file.Name));
    }

    [Fact]
    public void Binary_lengths_and_signed_checksums_are_read()
    {
        byte[] header = Header("\u00ff.jpg", '0', 0);
        header.AsSpan(124, 12).Clear();
        (header[124], header[135]) = (0x80, 3);
        Sign(header, signed: true);
        Assert.Equal(3, Assert.Single(Files([.. header, .. Filled("abc")])).Length);
        Sign(header, signed: false);
        Assert.Equal(3, Assert.Single(Files([.. header, .. Filled("abc")])).Length);
    }

    [Fact]
    public void Contiguous_files_are_files_and_links_and_devices_are_none()
    {
        byte[] archive = [.. Header("c", '7', 1), .. Filled("x"), .. "123456".SelectMany(type => Header("n", type, 0))];
        Assert.Equal("c", Assert.Single(Files(archive)).Name);
    }

    [Fact]
    public void Sparse_files_are_refused_by_name()
    {
        Refused([.. Header("holes.img", 'S', 5), .. Filled("hello")], "'holes.img' in it is a sparse file");
        byte[] pax = Pax("22 GNU.sparse.major=1\n22 GNU.sparse.minor=0\n18 path=holes.img\n");
        Refused([.. pax, .. Member("x", "hello")], "'holes.img' in it is a sparse file");
    }

    [Theory]
    [InlineData('x', "has 2000000000 bytes")]
    [InlineData('L', "has 2000000000 bytes")]
    [InlineData('K', "ends within a member")]
    [InlineData('g', "ends within a member")]
    [InlineData('0', "ends within a member")]
    [InlineData('1', "ends within a member")]
    public void Lengths_beyond_what_there_is_take_no_memory(char type, string expected)
    {
        byte[] archive = [.. Header("a", type, 2_000_000_000), .. new byte[100]];
        long before = GC.GetAllocatedBytesForCurrentThread();
        Refused(archive, expected);
        Assert.InRange(GC.GetAllocatedBytesForCurrentThread() - before, 0, 1_000_000);
    }

    [Theory]
    [InlineData("99 path=a\n")]
    [InlineData("8 path=a\n")]
    [InlineData("-10 path=a\n")]
    [InlineData("path=a\n")]
    [InlineData("9 pathxa\n")]
    [InlineData("6 =abc\n")]
    [InlineData("11 size=-5\n")]
    [InlineData("11 size=5x\n")]
    [InlineData("33 size=99999999999999999999999\n")]
    public void Pax_records_that_are_none_are_refused(string records) => Refused([.. Pax(records), .. Member("a", "x")], "pax header");

    [Fact]
    public void Damaged_headers_are_refused()
    {
        byte[] archive = [.. Member("a", "hello"), .. Member("b", "abc"), .. new byte[2 * Block]];
        Assert.Equal(2, Files(archive).Count);
        archive[(2 * Block) + 1] = (byte)'z';
        Refused(archive, "checksum");
        Refused("no tar archive"u8.ToArray(), "no tar archive");
        Refused([.. Enumerable.Range(0, 2000).Select(i => (byte)((i * 77) + 13))], "no tar archive");
        byte[] negative = Header("a", '0', 0);
        negative.AsSpan(124, 12).Fill(0xff);
        Sign(negative, signed: false);
        Refused(negative, "negative length");
        byte[] none = Header("a", '0', 0);
        "seven"u8.CopyTo(none.AsSpan(124));
        Sign(none, signed: false);
        Refused(none, "no length");
    }

    [Fact]
    public void An_archive_ends_with_zeros_or_between_members_and_nowhere_else()
    {
        byte[] archive = [.. Member("a", "hello"), .. Member("b", "abc"), .. new byte[2 * Block]];
        for (int cut = 0; cut < archive.Length; cut++)
        {
            byte[] part = archive[..cut];
            bool whole = cut % (2 * Block) == 0 || cut >= 4 * Block;
            var failure = Record.Exception(() => Files(part));
            Assert.Equal(whole, failure is null);
            Assert.Equal(whole, Record.Exception(() => Packed(part)) is null);
            if (failure is not null) Assert.IsType<InvalidInputException>(failure);
        }
    }

    [Theory]
    [MemberData(nameof(Formats))]
    public void Changed_archives_are_read_or_refused(TarEntryFormat format)
    {
        using var archive = new MemoryStream();
        using (var writer = new TarWriter(archive, format, leaveOpen: true))
        {
            foreach (string name in new[] { "a.jpg", string.Concat(Enumerable.Repeat("folder/", 20)) + "c.txt" })
            {
                var file = Entry(format, TarEntryType.RegularFile, name);
                file.DataStream = new MemoryStream(Contents(name));
                writer.WriteEntry(file);
            }
        }

        int refused = HostileInput.Mutate(
            archive.ToArray(), (int)archive.Length - 1, _folder["a.tar"], path => Files(File.ReadAllBytes(path)), seed: 11, rounds: 3000);
        Assert.InRange(refused, 500, 2990);
    }

    private static List<(string Name, long Length, long Offset)> Files(byte[] archive)
    {
        using var stream = new MemoryStream(archive);
        var files = new List<(string, long, long)>();
        foreach (var member in TarMembers.Read(stream, "a.tar", "archive"))
        {
            if (member.IsFile) files.Add((member.Name, member.Length, stream.Position));
            TarMembers.Skip(stream, member.Length, "a.tar", "archive");
        }

        return files;
    }

    // Through a stream that cannot seek; the contents are read, not passed over.
    private static List<(string Name, long Length)> Packed(byte[] archive)
    {
        using var packed = new MemoryStream();
        using (var gzip = new GZipStream(packed, CompressionLevel.Fastest, leaveOpen: true)) gzip.Write(archive);
        packed.Position = 0;
        using var stream = new GZipStream(packed, CompressionMode.Decompress);
        var files = new List<(string, long)>();
        foreach (var member in TarMembers.Read(stream, "a.tar.gz", "archive"))
        {
            if (!member.IsFile)
            {
                TarMembers.Skip(stream, member.Length, "a.tar.gz", "archive");
                continue;
            }

            files.Add((member.Name, member.Length));
            var bytes = new byte[member.Length];
            if (stream.ReadAtLeast(bytes, bytes.Length, throwOnEndOfStream: false) < bytes.Length) throw new InvalidInputException("ended");
        }

        return files;
    }

    private static void Refused(byte[] archive, string expected) => HostileInput.AssertRefused(() => Files(archive), expected);

    private static TarEntry Entry(TarEntryFormat format, TarEntryType type, string name) => format switch
    {
        TarEntryFormat.Ustar => new UstarTarEntry(type, name),
        TarEntryFormat.Pax => new PaxTarEntry(type, name),
        _ => new GnuTarEntry(type, name),
    };

    private static byte[] Contents(string name) => Encoding.UTF8.GetBytes(string.Concat(Enumerable.Repeat(name, 7)));

    private static byte[] Member(string name, string contents) => [.. Header(name, '0', contents.Length), .. Filled(contents)];

    private static byte[] Pax(string records) => [.. Header("pax", 'x', records.Length), .. Filled(records)];

    private static byte[] Filled(string text) => [.. Encoding.ASCII.GetBytes(text), .. new byte[(Block - (text.Length % Block)) % Block]];

    private static byte[] Header(string name, char type, long length)
    {
        var header = new byte[Block];
        Encoding.Latin1.GetBytes(name, header);
        Encoding.ASCII.GetBytes(Convert.ToString(length, 8).PadLeft(11, '0'), header.AsSpan(124));
        header[156] = (byte)type;
        "ustar\u000000"u8.CopyTo(header.AsSpan(257));
        Sign(header, signed: false);
        return header;
    }

    private static void Sign(byte[] header, bool signed)
    {
        header.AsSpan(148, 8).Fill((byte)' ');
        int sum = header.Sum(value => signed ? (sbyte)value : value);
        Encoding.ASCII.GetBytes(Convert.ToString(sum, 8).PadLeft(6, '0') + "\0 ", header.AsSpan(148));
    }
}
