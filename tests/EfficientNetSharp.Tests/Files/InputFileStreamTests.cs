using EfficientNetSharp.Files;

namespace EfficientNetSharp.Tests.Files;

public sealed class InputFileStreamTests : IDisposable
{
    private readonly string _path = Path.GetTempFileName();

    public void Dispose() => File.Delete(_path);

    [Fact]
    public void A_part_is_read_and_nothing_around_it()
    {
        File.WriteAllBytes(_path, [0, 1, 2, 3, 4, 5]);
        using var file = InputFile.Open(_path);
        using var stream = new InputFileStream(file, 2, 3);
        using var copy = new MemoryStream();
        stream.CopyTo(copy);
        Assert.Equal([2, 3, 4], copy.ToArray());
        Assert.Equal(1, stream.Seek(-2, SeekOrigin.End));
        Assert.Equal(3, stream.ReadByte());
        stream.Position = 7;
        Assert.Equal(-1, stream.ReadByte());
    }
}
