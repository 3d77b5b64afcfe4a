namespace EfficientNetSharp.Models;

/// <summary>
/// The classes of ImageNet: the 1,000 of ILSVRC 2012 and the 21,843 that Google's and timm's ImageNet-21k weights have, both in the order of
/// the outputs, which is that of their WordNet ids. Names are the words of WordNet 3.0 (© 2006 Princeton University); see <c>NOTICE</c>.
/// </summary>
/// <remarks>
/// Three names stand for two of the 1,000 classes each: crane (bird and machine), cardigan (dog and jacket), maillot. Of the 21,843 many do;
/// ids tell them apart. One of the 1,000, the teddy bear n04399382, is not among the 21,843.
/// </remarks>
public static class ImageNetClasses
{
    /// <summary>What people call the list of 1,000 where they name one.</summary>
    public const string Word = "imagenet";

    /// <summary>What people call the list of 21,843 where they name one.</summary>
    public const string Word21k = "imagenet21k";

    private static readonly Lazy<ClassList> Lazy = new(() => Read("ImageNet1k.tsv")), Lazy21k = new(() => Read("ImageNet21k.tsv"));

    /// <summary>Names such as <c>tench</c> and WordNet ids such as <c>n01440764</c>.</summary>
    public static ClassList List => Lazy.Value;

    /// <summary>Those of ImageNet-21k in the order of huggingface/pytorch-image-models, timm/data/_info/imagenet21k_goog_synsets.txt.</summary>
    public static ClassList List21k => Lazy21k.Value;

    /// <summary>The classes of a published network by the number of its outputs; <see langword="null"/> where it is none of ImageNet's.</summary>
    /// <param name="outputs">1000; 1001 with a background class first; 21,843.</param>
    public static ClassList? OfOutputs(int outputs) => outputs switch { 1000 or 1001 => List, 21_843 => List21k, _ => null };

    /// <summary>The list of a word; <see langword="null"/> where it is none.</summary>
    internal static ClassList? OfWord(string word) => word switch { Word => List, Word21k => List21k, _ => null };

    // Id, tab, the synset's words with ", " between them; the first is the name.
    private static ClassList Read(string resource)
    {
        using var stream = typeof(ImageNetClasses).Assembly.GetManifestResourceStream(resource)!;
        using var reader = new StreamReader(stream);
        string[][] rows = [.. reader.ReadToEnd().Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(line => line.Split('\t', ','))];
        return new ClassList([.. rows.Select(row => row[1])]) { Ids = [.. rows.Select(row => row[0])] };
    }
}
