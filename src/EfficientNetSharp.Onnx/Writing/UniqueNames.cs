namespace EfficientNetSharp.Onnx.Writing;

/// <summary>Gives each value of an ONNX graph a name of its own: the one wished for, or that with a number.</summary>
internal sealed class UniqueNames
{
    private readonly HashSet<string> _taken = new(StringComparer.Ordinal);

    public string Claim(string wish)
    {
        string name = wish;
        for (int i = 2; !_taken.Add(name); i++) name = $"{wish}_{i}";
        return name;
    }

    /// <summary>Keeps a name that somebody has already.</summary>
    public void Take(string name) => _taken.Add(name);
}
