namespace EfficientNetSharp.Models;

/// <summary>
/// The 1,000 classes of ImageNet (ILSVRC 2012) in the order of all published weights, which is that of their WordNet ids. Names are the
/// words of WordNet 3.0 (© 2006 Princeton University); see <c>NOTICE</c>.
/// </summary>
/// <remarks>Three names stand for two classes each: crane (bird and machine), cardigan (dog and jacket), maillot.</remarks>
public static class ImageNetClasses
{
    /// <summary>What people call the list where they name one.</summary>
    public const string Word = "imagenet";

    private const string Resource = "ImageNet1k.tsv";

    // Id, tab, the synset's words with ", " between them; the first is the name.
    private static readonly Lazy<ClassList> Lazy = new(() =>
    {
        using var stream = typeof(ImageNetClasses).Assembly.GetManifestResourceStream(Resource)!;
        using var reader = new StreamReader(stream);
        string[][] rows = [.. reader.ReadToEnd().Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(line => line.Split('\t', ','))];
        return new ClassList([.. rows.Select(row => row[1])]) { Ids = [.. rows.Select(row => row[0])] };
    });

    /// <summary>Names such as <c>tench</c> and WordNet ids such as <c>n01440764</c>.</summary>
    public static ClassList List => Lazy.Value;
}
