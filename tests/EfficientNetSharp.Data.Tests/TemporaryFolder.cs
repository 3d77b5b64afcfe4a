namespace EfficientNetSharp.Data.Tests;

/// <summary>A folder for one test, gone afterwards.</summary>
internal sealed class TemporaryFolder : IDisposable
{
    public TemporaryFolder() => Path = Directory.CreateTempSubdirectory("effnet-data-").FullName;

    public string Path { get; }

    public string this[string relative] => System.IO.Path.Combine(Path, relative);

    /// <summary>Writes files whose contents are their own names, making folders as needed.</summary>
    public TemporaryFolder With(params ReadOnlySpan<string> files)
    {
        foreach (string file in files)
        {
            Directory.CreateDirectory(System.IO.Path.GetDirectoryName(this[file])!);
            File.WriteAllText(this[file], file);
        }
        return this;
    }

    public TemporaryFolder WithFolder(string relative)
    {
        Directory.CreateDirectory(this[relative]);
        return this;
    }

    public void Dispose() => Directory.Delete(Path, recursive: true);
}
