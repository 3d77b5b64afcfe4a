namespace EfficientNetSharp.Onnx.Tests;

/// <summary>A folder that is gone after the test.</summary>
internal sealed class TemporaryFolder : IDisposable
{
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("onnx-tests-");

    /// <summary>Names of the files in it.</summary>
    public IEnumerable<string> Files => _folder.EnumerateFiles().Select(file => file.Name);

    /// <summary>The path of a file in it.</summary>
    public string this[string name] => Path.Combine(_folder.FullName, name);

    public void Dispose() => _folder.Delete(recursive: true);
}
