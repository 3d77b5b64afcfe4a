using System.Collections.Immutable;
using EfficientNetSharp.Files;
using EfficientNetSharp.Models;

namespace EfficientNetSharp.Data;

/// <summary>
/// A dataset seen through the class list of a model: labels are positions in that list, found by the classes' names or ids. Where the
/// two lists have the same length and no name in common, positions are taken as they are, which is said: weights may call their classes
/// otherwise than the set's files do.
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
    /// <param name="source">The dataset.</param>
    /// <param name="classes">The model's classes.</param>
    /// <param name="root">Where the dataset lies, for messages.</param>
    /// <param name="remark">What a person should know of how classes were matched; <see langword="null"/> for nothing.</param>
    /// <exception cref="InvalidInputException">A class of the dataset is not in the list, or is like several there.</exception>
    public static RelabelledDataset Of(IImageDataset source, ClassList classes, string root, out string? remark)
    {
        remark = null;
        var places = new ClassPlaces(classes);
        int?[] labels = [.. source.Classes.Select(places.Find)];
        string[] unknown = [.. source.Classes.Where((_, label) => labels[label] is null)];
        if (unknown.Length == source.Classes.Length && classes.Names.Length == source.Classes.Length)
        {
            remark = $"The model calls its {classes.Names.Length} classes otherwise than the dataset ({OneLine.Quote(classes.Names[0])} and " +
                $"{OneLine.Quote(source.Classes[0])} come first); they are taken to stand in the same order.";
            return new RelabelledDataset(source, classes.Names, [.. Enumerable.Range(0, classes.Names.Length)]);
        }

        if (unknown.Length > 0)
        {
            throw new InvalidInputException(
                $"Expected the {classes.Names.Length} classes of the model in '{root}', found {NameList.Of(unknown)}, not among them. Name " +
                "the dataset that the model was trained for.");
        }

        return new RelabelledDataset(source, classes.Names, [.. labels.Select(label => label!.Value)]);
    }

    public int LabelOf(int index) => _labels[_source.LabelOf(index)];

    public string NameOf(int index) => _source.NameOf(index);

    public long SizeOf(int index) => _source.SizeOf(index);

    public void ReadEncoded(int index, EncodedBuffer buffer) => _source.ReadEncoded(index, buffer);
}
