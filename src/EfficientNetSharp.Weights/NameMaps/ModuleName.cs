namespace EfficientNetSharp.Weights.NameMaps;

/// <summary>Names of PyTorch's tensors, which are those of the modules that they lie in, joined by dots.</summary>
internal static class ModuleName
{
    /// <summary>The outermost module.</summary>
    public static string Top(string name) => name.IndexOf('.', StringComparison.Ordinal) is var dot and >= 0 ? name[..dot] : name;

    /// <summary>Whether a name is in a module: the prefix is empty or ends where a module's name does.</summary>
    public static bool IsPrefix(string prefix) => prefix.Length == 0 || prefix[^1] == '.';
}
