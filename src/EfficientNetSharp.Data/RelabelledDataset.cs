using System.Collections.Immutable;

namespace EfficientNetSharp.Data;

/// <summary>
/// A dataset seen through the class list of a model: labels are positions in that list, found by the classes' names. Where the two
/// lists have the same length and no name in common, positions are taken as they are: published weights call their classes otherwise
/// than the set's files do.
/// </summary>
internal sealed class RelabelledDataset : IImageDataset
{
    private readonly IImageDataset _source;
    private readonly int[] _labels;

    private RelabelledDataset(IImageDataset source, ImmutableArray<string> classes, int[] labels)
    {
        _source = source;
        _labels = labels;
        Classes = classes;
    }

    public int Count => _source.Count;

    public ImmutableArray<string> Classes { get; }

    /// <summary>Makes the view.</summary>
    /// <exception cref="InvalidInputException">A class of the dataset is not in the list.</exception>
    public static RelabelledDataset Of(IImageDataset source, ImmutableArray<string> classes, string root)
    {
        var positions = new Dictionary<string, int>(StringComparer.Ordinal);
        for (int i = 0; i < classes.Length; i++) positions.TryAdd(classes[i], i);
        string[] unknown = [.. source.Classes.Where(name => !positions.ContainsKey(name))];
        if (unknown.Length == source.Classes.Length && classes.Length == source.Classes.Length)
            return new RelabelledDataset(source, classes, [.. Enumerable.Range(0, classes.Length)]);
        if (unknown.Length > 0)
        {
            throw new InvalidInputException(
                $"Expected the {classes.Length} classes of the model in '{root}', found {NameList.Of(unknown)}, not among them. Name the " +
                "dataset that the model was trained for.");
        }
        return new RelabelledDataset(source, classes, [.. source.Classes.Select(name => positions[name])]);
    }

    public int LabelOf(int index) => _labels[_source.LabelOf(index)];

    public string NameOf(int index) => _source.NameOf(index);

    public long SizeOf(int index) => _source.SizeOf(index);

    public void ReadEncoded(int index, EncodedBuffer buffer) => _source.ReadEncoded(index, buffer);
}
