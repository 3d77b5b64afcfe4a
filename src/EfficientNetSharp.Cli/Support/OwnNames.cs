namespace EfficientNetSharp.Cli.Support;

/// <summary>Names for files that are made of images, one of its own for each: images of one name may come from two folders.</summary>
internal sealed class OwnNames
{
    private readonly HashSet<string> _taken = new(StringComparer.OrdinalIgnoreCase);

    /// <summary>A name, without an ending, that no other image has got.</summary>
    public string Of(string image)
    {
        string wish = Path.GetFileNameWithoutExtension(image), name = wish;
        for (int i = 2; !_taken.Add(name); i++) name = $"{wish}-{i}";
        return name;
    }
}
