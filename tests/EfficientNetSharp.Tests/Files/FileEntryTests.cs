using System.Diagnostics;
using EfficientNetSharp.Files;

namespace EfficientNetSharp.Tests.Files;

public sealed class FileEntryTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void Files_folders_and_nothing_are_told_apart()
    {
        _folder.Write("a", [1]);
        Assert.Equal(FileKind.File, FileEntry.At(_folder["a"]).Kind);
        Assert.Equal(FileKind.Folder, FileEntry.At(_folder.Path).Kind);
        Assert.Equal(FileKind.Missing, FileEntry.At(_folder["b"]).Kind);
        Assert.Equal(FileKind.Missing, FileEntry.At(Path.Combine(_folder["a"], "b")).Kind);
        Assert.Equal(FileKind.Missing, FileEntry.At("").Kind);
        Assert.Equal(FileKind.Missing, FileEntry.At(_folder["a"] + "\0b").Kind);
    }

    [Fact]
    public void A_file_is_the_same_by_all_its_names()
    {
        Assert.SkipUnless(OperatingSystem.IsLinux(), "Links are made by the shell.");
        _folder.Write("a", [1]);
        _folder.Write("b", [1]);
        File.CreateSymbolicLink(_folder["soft"], _folder["a"]);
        Run("ln", _folder["a"], _folder["hard"]);
        var identity = FileEntry.At(_folder["a"]).Identity;
        Assert.NotNull(identity);
        foreach (string name in new[] { "soft", "hard", $"../{Path.GetFileName(_folder.Path)}/a" })
            Assert.Equal(identity, FileEntry.At(_folder[name]).Identity);
        Assert.NotEqual(identity, FileEntry.At(_folder["b"]).Identity);
    }

    [Fact]
    public void What_is_no_regular_file_is_known_without_opening_it_and_refused()
    {
        Assert.SkipUnless(OperatingSystem.IsLinux(), "Pipes are made by the shell.");
        Run("mkfifo", _folder["pipe"]);
        Assert.Equal(FileKind.Pipe, FileEntry.At(_folder["pipe"]).Kind);
        Assert.Equal(FileKind.Device, FileEntry.At("/dev/zero").Kind);
        HostileInput.AssertRefused(() => InputFile.Open(_folder["pipe"]), "named pipe");
        HostileInput.AssertRefused(() => InputFile.ReadAllBytes(_folder["pipe"]), "named pipe");
        HostileInput.AssertRefused(() => InputFile.Open("/dev/random"), "device");
        HostileInput.AssertRefused(() => AtomicFile.Write(_folder["pipe"], _ => Assert.Fail("written")), "named pipe");
    }

    [Fact]
    public void Names_that_no_file_can_have_say_so()
    {
        Assert.SkipUnless(OperatingSystem.IsLinux() || OperatingSystem.IsMacOS(), "Windows has other limits.");
        string name = new('x', 300);
        HostileInput.AssertRefused(() => AtomicFile.EnsureWritable(_folder[name]), "longer");
        HostileInput.AssertRefused(() => OutputFolder.EnsureWritable(_folder[name]), "longer");
        Assert.Empty(Directory.GetFileSystemEntries(_folder.Path));
    }

    [Fact]
    public void A_full_disk_is_said_in_a_line_that_names_the_file()
    {
        Assert.SkipUnless(OperatingSystem.IsLinux(), "Linux has a device that is always full.");
        var failure = Assert.Throws<WriteFailedException>(() => AtomicFile.Write("/dev/full", stream => stream.Write(new byte[100])));
        Assert.Equal("Cannot write '/dev/full': the disk is full; free some space or choose another folder.", failure.Message);
        failure = Assert.Throws<WriteFailedException>(
            () => AtomicFile.Write(_folder["a"], _ => throw new IOException("No space left on device : '/x'", 28)));
        Assert.Contains(_folder["a"], failure.Message, StringComparison.Ordinal);
        Assert.Contains("disk is full", failure.Message, StringComparison.Ordinal);
        Assert.Empty(Directory.GetFileSystemEntries(_folder.Path));
    }

    [Fact]
    public void A_folder_is_made_whole_or_refused_with_what_is_in_the_way()
    {
        _folder.Write("file", [1]);
        HostileInput.AssertRefused(() => OutputFolder.EnsureWritable(_folder["file"]), "it is a file");
        HostileInput.AssertRefused(() => OutputFolder.Create(Path.Combine(_folder["file"], "a", "b")), "is a file");
        HostileInput.AssertRefused(() => OutputFolder.Create(""), "none");
        HostileInput.AssertRefused(() => OutputFolder.Create("a\0b"), "none");
        string deep = Path.Combine(_folder["a"], "b", "c");
        OutputFolder.EnsureWritable(deep);
        Assert.False(Directory.Exists(_folder["a"]));
        OutputFolder.Create(deep);
        Assert.True(Directory.Exists(deep));
    }

    [Fact]
    public void What_may_not_be_written_is_refused_before_it_is_tried()
    {
        Assert.SkipWhen(Environment.IsPrivilegedProcess, "Rights do not bind root.");
        if (OperatingSystem.IsWindows()) return;
        string closed = Directory.CreateDirectory(_folder["closed"]).FullName;
        _folder.Write("kept", [1]);
        File.SetUnixFileMode(_folder["kept"], UnixFileMode.UserRead);
        File.SetUnixFileMode(closed, UnixFileMode.UserRead | UnixFileMode.UserExecute);
        try
        {
            HostileInput.AssertRefused(() => AtomicFile.EnsureWritable(Path.Combine(closed, "a")), "no permission");
            HostileInput.AssertRefused(() => OutputFolder.EnsureWritable(Path.Combine(closed, "a")), "no permission");
            HostileInput.AssertRefused(() => AtomicFile.EnsureWritable(_folder["kept"]), "read-only");
        }
        finally
        {
            File.SetUnixFileMode(closed, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
        }
    }

    private static void Run(string program, params string[] words)
    {
        using var process = Process.Start(program, words);
        process.WaitForExit();
        Assert.Equal(0, process.ExitCode);
    }
}
