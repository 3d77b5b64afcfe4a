using System.Formats.Tar;
using System.IO.Compression;
using System.Text;
using EfficientNetSharp.Data.Downloads;

namespace EfficientNetSharp.Data.Tests.Downloads;

public sealed class ArchiveUnpackerTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void Tar_archives_are_unpacked_packed_or_not(bool packed)
    {
        string archive = Tar(
            "a.tar", packed, ("set/a/1.jpg", "one"), ("set/b/" + new string('x', 120) + ".jpg", "long"), ("set/empty.txt", ""));
        Assert.Equal(3, Unpack(archive));
        Assert.Equal("one", File.ReadAllText(_folder["out/set/a/1.jpg"]));
        Assert.Equal("long", File.ReadAllText(_folder["out/set/b/" + new string('x', 120) + ".jpg"]));
        Assert.Equal("", File.ReadAllText(_folder["out/set/empty.txt"]));
        // Again over what is there: as after a run that was stopped.
        Assert.Equal(3, Unpack(archive));
    }

    [Fact]
    public void Zip_archives_are_unpacked()
    {
        Assert.Equal(1, Unpack(Zip(("set/1.jpg", "one"))));
        Assert.Equal("one", File.ReadAllText(_folder["out/set/1.jpg"]));
    }

    [Fact]
    public void An_archive_that_is_cut_short_or_damaged_anywhere_is_unpacked_or_refused_as_such()
    {
        foreach (string archive in new[]
        {
            Zip(("set/1.jpg", "one"), ("set/2.jpg", new string('x', 500))), Tar("a.tar.gz", true, ("set/1.jpg", "one")),
            Tar("a.tar", false, ("set/1.jpg", "one")),
        })
        {
            byte[] whole = File.ReadAllBytes(archive);
            for (int length = 0; length < whole.Length; length += 1 + (whole.Length / 200)) Try(whole[..length]);
            for (int at = 0; at < whole.Length; at += 1 + (whole.Length / 400))
            {
                foreach (byte value in new byte[] { 0, 0x7F, 0xFF })
                {
                    byte[] changed = [.. whole];
                    changed[at] = value;
                    Try(changed);
                }
            }

            void Try(byte[] bytes)
            {
                File.WriteAllBytes(archive, bytes);
                try
                {
                    Unpack(archive);
                }
                catch (InvalidInputException e)
                {
                    Assert.DoesNotContain('\n', e.Message);
                }
            }
        }
    }

    [Fact]
    public void An_archive_of_archives_becomes_a_folder_for_each()
    {
        byte[] inner = File.ReadAllBytes(Tar("n01440764.tar", false, ("n01440764_1.JPEG", "fish"), ("n01440764_2.JPEG", "more fish")));
        string outer = _folder["train.tar"];
        using (var writer = new TarWriter(File.Create(outer)))
        {
            writer.WriteEntry(new UstarTarEntry(TarEntryType.RegularFile, "n01440764.tar") { DataStream = new MemoryStream(inner) });
            writer.WriteEntry(new UstarTarEntry(TarEntryType.RegularFile, "n01443537.tar") { DataStream = new MemoryStream(inner) });
        }

        Assert.Equal(4, ArchiveUnpacker.Unpack(outer, _folder["out"], nested: true, null, TestContext.Current.CancellationToken));
        Assert.Equal("more fish", File.ReadAllText(_folder["out/n01443537/n01440764_2.JPEG"]));
    }

    [Theory]
    [InlineData("../outside.txt")]
    [InlineData("a/../../outside.txt")]
    [InlineData("/tmp/effnet-outside.txt")]
    [InlineData("..\\outside.txt")]
    [InlineData("C:\\outside.txt")]
    public void Names_that_lead_elsewhere_are_refused(string name)
    {
        foreach (string archive in new[] { Tar("a.tar", false, ("fine.txt", "x"), (name, "evil")), Zip((name, "evil")) })
        {
            DatasetChecks.AssertRefused(() => Unpack(archive), "outside");
            Assert.False(File.Exists(_folder["outside.txt"]));
            Assert.False(File.Exists("/tmp/effnet-outside.txt"));
        }
    }

    [Fact]
    public void Links_are_not_made_and_not_followed()
    {
        string archive = _folder["links.tar"];
        using (var writer = new TarWriter(File.Create(archive)))
        {
            writer.WriteEntry(new PaxTarEntry(TarEntryType.SymbolicLink, "link") { LinkName = _folder["elsewhere"] });
            writer.WriteEntry(
                new PaxTarEntry(TarEntryType.RegularFile, "link/file.txt") { DataStream = new MemoryStream("x"u8.ToArray()) });
        }

        Directory.CreateDirectory(_folder["elsewhere"]);
        Assert.Equal(1, Unpack(archive));
        Assert.Empty(Directory.EnumerateFiles(_folder["elsewhere"]));
        Assert.True(File.Exists(_folder["out/link/file.txt"]));

        // A link that somebody else left there.
        Directory.Delete(_folder["out"], recursive: true);
        Directory.CreateDirectory(_folder["out"]);
        Directory.CreateSymbolicLink(_folder["out/link"], _folder["elsewhere"]);
        DatasetChecks.AssertRefused(() => Unpack(archive), "link");
        Assert.Empty(Directory.EnumerateFiles(_folder["elsewhere"]));
    }

    [Fact]
    public void Cut_off_archives_are_refused()
    {
        foreach (bool packed in new[] { false, true })
        {
            byte[] whole = File.ReadAllBytes(
                Tar("a.tar", packed, ("1.jpg", new string('a', 3000)), ("2.jpg", string.Concat(Enumerable.Range(0, 900)))));
            for (int cut = 40; cut < whole.Length - 1100; cut += 97)
            {
                File.WriteAllBytes(_folder["cut.tar"], whole[..cut]);
                if (Record.Exception(() => Unpack(_folder["cut.tar"])) is { } failure) Assert.IsType<InvalidInputException>(failure);
            }
        }
    }

    // A member of three gigabytes, and what may be written for it, in a header of 512 bytes.
    [Fact]
    public void A_small_archive_that_becomes_large_is_refused_before_anything_is_written()
    {
        byte[] header = new byte[1024];
        "large.bin"u8.CopyTo(header);
        "00000000000"u8.CopyTo(header.AsSpan(136));
        "30000000000\0"u8.CopyTo(header.AsSpan(124));
        header[156] = (byte)'0';
        "ustar\000"u8.CopyTo(header.AsSpan(257));
        header.AsSpan(148, 8).Fill((byte)' ');
        System.Text.Encoding.ASCII.GetBytes(Convert.ToString(header.Sum(b => b), 8).PadLeft(6, '0') + "\0 ").CopyTo(header, 148);
        string archive = _folder["large.tar"];
        File.WriteAllBytes(archive, header);
        DatasetChecks.AssertRefused(
            () => ArchiveUnpacker.Unpack(archive, _folder["out"], nested: false, null, TestContext.Current.CancellationToken), "unpack to over");
        Assert.Empty(Directory.EnumerateFileSystemEntries(_folder["out"]));
    }

    [Fact]
    public void Cancelling_ends_it_between_files() =>
        Assert.ThrowsAny<OperationCanceledException>(
            () => ArchiveUnpacker.Unpack(Tar("a.tar", false, ("1.jpg", "x")), _folder["out"], false, null, new CancellationToken(true)));

    private int Unpack(string archive) =>
        ArchiveUnpacker.Unpack(archive, _folder["out"], nested: false, null, TestContext.Current.CancellationToken);

    private string Tar(string name, bool packed, params ReadOnlySpan<(string Name, string Text)> files)
    {
        using var stream = File.Create(_folder[name]);
        using Stream target = packed ? new GZipStream(stream, CompressionLevel.Fastest) : stream;
        using var writer = new TarWriter(target);
        foreach (var (file, text) in files)
        {
            writer.WriteEntry(
                new GnuTarEntry(TarEntryType.RegularFile, file) { DataStream = new MemoryStream(Encoding.UTF8.GetBytes(text)) });
        }
        return _folder[name];
    }

    private string Zip(params ReadOnlySpan<(string Name, string Text)> files)
    {
        using var zip = ZipFile.Open(_folder["a.zip"], File.Exists(_folder["a.zip"]) ? ZipArchiveMode.Update : ZipArchiveMode.Create);
        foreach (var (file, text) in files)
        {
            using var stream = zip.CreateEntry(file).Open();
            stream.Write(Encoding.UTF8.GetBytes(text));
        }

        return _folder["a.zip"];
    }
}
