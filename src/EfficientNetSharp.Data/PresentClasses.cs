using System.Collections.Immutable;

namespace EfficientNetSharp.Data;

/// <summary>
/// Images under a class list of those classes alone that have one: for identities, where a part has others than its neighbour, and a class
/// without images would be one that is never seen.
/// </summary>
internal sealed class PresentClasses : IShardedDataset
{
    private readonly IImageDataset _source;
    private readonly int[] _labels;

    private PresentClasses(IImageDataset source, int[] labels, ImmutableArray<string> classes) =>
        (_source, _labels, Classes) = (source, labels, classes);

    /// <summary>The images, with labels by the shorter list; the images themselves where no class is missing.</summary>
    public static IImageDataset Of(IImageDataset source)
    {
        int[] counts = source.CountsOfClasses();
        if (!counts.Contains(0)) return source;
        int[] labels = new int[counts.Length];
        var classes = ImmutableArray.CreateBuilder<string>();
        for (int label = 0; label < counts.Length; label++)
        {
            labels[label] = classes.Count;
            if (counts[label] > 0) classes.Add(source.Classes[label]);
        }

        return new PresentClasses(source, labels, classes.ToImmutable());
    }

    public int Count => _source.Count;

    public ImmutableArray<string> Classes { get; }

    public bool HasShards => _source is IShardedDataset { HasShards: true };

    public int? ShuffleBuffer => (_source as IShardedDataset)?.ShuffleBuffer;

    public int LabelOf(int index) => _labels[_source.LabelOf(index)];

    public string NameOf(int index) => _source.NameOf(index);

    public long SizeOf(int index) => _source.SizeOf(index);

    public void ReadEncoded(int index, EncodedBuffer buffer) => _source.ReadEncoded(index, buffer);

    public int ShardOf(int index) => _source is IShardedDataset sharded ? sharded.ShardOf(index) : 0;

    public int PlaceOf(int index) => _source is IShardedDataset sharded ? sharded.PlaceOf(index) : index;
}
