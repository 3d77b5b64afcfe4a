using EfficientNetSharp.Files;

namespace EfficientNetSharp.Tests.Files;

public sealed class AtomicFileTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void A_file_is_made_and_replaced()
    {
        AtomicFile.Write(_folder["a"], stream => stream.Write([1, 2, 3]));
        AtomicFile.Write(_folder["a"], stream => stream.Write([4]));
        Assert.Equal([4], File.ReadAllBytes(_folder["a"]));
        Assert.Equal([_folder["a"]], Directory.GetFileSystemEntries(_folder.Path));
    }

    [Fact]
    public void A_failure_half_way_keeps_the_old_file_and_leaves_nothing_else()
    {
        _folder.Write("a", [1, 2, 3]);
        Assert.Throws<TimeoutException>(() => AtomicFile.Write(_folder["a"], stream =>
        {
            stream.Write(new byte[1_000_000]);
            throw new TimeoutException();
        }));
        Assert.Equal([1, 2, 3], File.ReadAllBytes(_folder["a"]));
        Assert.Equal([_folder["a"]], Directory.GetFileSystemEntries(_folder.Path));
    }

    [Fact]
    public void The_old_file_is_whole_until_writing_ends()
    {
        _folder.Write("a", [1, 2, 3]);
        AtomicFile.Write(_folder["a"], stream =>
        {
            stream.Write(new byte[1_000_000]);
            stream.Flush();
            Assert.Equal([1, 2, 3], File.ReadAllBytes(_folder["a"]));
        });
        Assert.Equal(1_000_000, new FileInfo(_folder["a"]).Length);
    }

    [Fact]
    public void The_writer_may_close_the_stream()
    {
        AtomicFile.Write(_folder["a"], stream =>
        {
            using var writer = new StreamWriter(stream);
            writer.Write("text");
        });
        Assert.Equal("text", File.ReadAllText(_folder["a"]));
    }

    [Fact]
    public void Text_is_UTF8_without_a_byte_order_mark()
    {
        AtomicFile.WriteText(_folder["a"], "ü");
        Assert.Equal([0xC3, 0xBC], File.ReadAllBytes(_folder["a"]));
    }

    [Fact]
    public void A_symbolic_link_is_followed()
    {
        if (OperatingSystem.IsWindows()) return;
        _folder.Write("target", [1]);
        File.CreateSymbolicLink(_folder["link"], _folder["target"]);
        AtomicFile.Write(_folder["link"], stream => stream.Write([2]));
        Assert.Equal([2], File.ReadAllBytes(_folder["target"]));
        Assert.NotNull(new FileInfo(_folder["link"]).LinkTarget);

        File.CreateSymbolicLink(_folder["loop"], _folder["loop"]);
        HostileInput.AssertRefused(() => AtomicFile.Write(_folder["loop"], stream => stream.Write([2])), "leads nowhere");
    }

    [Fact]
    public void The_rights_of_the_old_file_are_kept()
    {
        if (OperatingSystem.IsWindows()) return;
        _folder.Write("a", [1]);
        const UnixFileMode mode = UnixFileMode.UserRead | UnixFileMode.UserWrite;
        File.SetUnixFileMode(_folder["a"], mode);
        AtomicFile.Write(_folder["a"], stream => stream.Write([2]));
        Assert.Equal(mode, File.GetUnixFileMode(_folder["a"]));
    }

    [Fact]
    public void A_device_is_written_to_and_not_replaced()
    {
        if (OperatingSystem.IsWindows()) return;
        AtomicFile.Write("/dev/null", stream => stream.Write([1, 2, 3]));
        Assert.Empty(File.ReadAllBytes("/dev/null"));
    }

    [Fact]
    public void Unusable_paths_are_refused_before_anything_is_written()
    {
        HostileInput.AssertRefused(() => AtomicFile.Write("", Fail), "none");
        HostileInput.AssertRefused(() => AtomicFile.Write("a\0b", Fail), "none");
        HostileInput.AssertRefused(() => AtomicFile.Write(_folder.Path, Fail), "it is a folder");
        HostileInput.AssertRefused(() => AtomicFile.Write(_folder["no"] + Path.DirectorySeparatorChar, Fail), "it is a folder");
        HostileInput.AssertRefused(() => AtomicFile.Write(Path.Combine(_folder["no"], "a"), Fail), "does not exist");
        Assert.Empty(Directory.GetFileSystemEntries(_folder.Path));

        static void Fail(Stream stream) => Assert.Fail("written");
    }
}
