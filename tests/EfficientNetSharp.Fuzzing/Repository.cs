namespace EfficientNetSharp.Fuzzing;

/// <summary>The working copy that the program was built from.</summary>
public static class Repository
{
    /// <summary>Its folder.</summary>
    public static string Root { get; } = FindRoot();

    /// <summary>Inputs that once failed, a folder per format.</summary>
    public static string Corpus => Path.Combine(Root, "tests", "EfficientNetSharp.Fuzzing", "Corpus");

    /// <summary>A place below the tests.</summary>
    public static string Tests(string path) => Path.Combine(Root, "tests", path);

    /// <summary>The files below a folder of the tests, in order, without those that a build put there.</summary>
    public static IEnumerable<string> Files(string folder, string pattern) =>
        Directory.EnumerateFiles(Tests(folder), pattern, SearchOption.AllDirectories)
            .Where(file => !file.Split(Path.DirectorySeparatorChar).Contains("bin")).Order(StringComparer.Ordinal);

    private static string FindRoot()
    {
        string folder = AppContext.BaseDirectory;
        while (!File.Exists(Path.Combine(folder, "EfficientNetSharp.slnx"))) folder = Path.GetDirectoryName(folder)!;
        return folder;
    }
}
