namespace EfficientNetSharp.Tests.Files;

/// <summary>A folder of its own for a test, removed with all that is in it.</summary>
internal sealed class TemporaryFolder : IDisposable
{
    public string Path { get; } = Directory.CreateTempSubdirectory("effnet-tests-").FullName;

    /// <summary>The path of a file in it.</summary>
    public string this[string name] => System.IO.Path.Combine(Path, name);

    /// <summary>Makes a file in it.</summary>
    public string Write(string name, byte[] bytes)
    {
        Overwrite(this[name], bytes);
        return this[name];
    }

    /// <summary>
    /// Makes or overwrites a file in place: making a new one, or emptying one first, is a hundred times slower on ext4, and
    /// tests of damaged files write thousands.
    /// </summary>
    public static void Overwrite(string path, byte[] bytes)
    {
        using var handle = File.OpenHandle(path, FileMode.OpenOrCreate, FileAccess.Write);
        RandomAccess.SetLength(handle, bytes.Length);
        RandomAccess.Write(handle, bytes, 0);
    }

    public void Dispose() => Directory.Delete(Path, recursive: true);
}
