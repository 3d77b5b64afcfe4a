using System.IO.MemoryMappedFiles;

namespace EfficientNetSharp.Fuzzing.Workers;

/// <summary>Which input a worker reads, in memory that outlives it: so a crash names its input.</summary>
internal sealed class Progress : IDisposable
{
    private const int Bytes = 2 * sizeof(long);

    private readonly MemoryMappedFile _file;
    private readonly MemoryMappedViewAccessor _view;

    /// <summary>Opens or makes the file.</summary>
    public Progress(string path)
    {
        _file = MemoryMappedFile.CreateFromFile(path, FileMode.OpenOrCreate, null, Bytes);
        _view = _file.CreateViewAccessor(0, Bytes);
    }

    /// <summary>The input's number.</summary>
    public long Number
    {
        get => _view.ReadInt64(0);
        set => _view.Write(0, value);
    }

    /// <summary>Inputs that were read rather than refused.</summary>
    public long Accepted
    {
        get => _view.ReadInt64(sizeof(long));
        set => _view.Write(sizeof(long), value);
    }

    public void Dispose()
    {
        _view.Dispose();
        _file.Dispose();
    }
}
