using System.Collections.Immutable;

namespace EfficientNetSharp.Data;

/// <summary>One picture of an <see cref="InMemoryDataset"/>.</summary>
/// <param name="Name">Its name, with <c>/</c> between the parts.</param>
/// <param name="Label">Its class, a position in the dataset's class list.</param>
/// <param name="Encoded">The bytes of the picture file.</param>
public sealed record InMemoryPicture(string Name, int Label, ReadOnlyMemory<byte> Encoded);

/// <summary>Pictures that are in memory already: for samples, tests and services that receive pictures over a network.</summary>
public sealed class InMemoryDataset : IPictureDataset
{
    private readonly ImmutableArray<InMemoryPicture> _pictures;

    /// <summary>Takes pictures as they are; their bytes are not copied.</summary>
    /// <exception cref="ArgumentException">A label is not a position in the class list.</exception>
    public InMemoryDataset(ImmutableArray<string> classes, IEnumerable<InMemoryPicture> pictures)
    {
        ArgumentNullException.ThrowIfNull(pictures);
        _pictures = [.. pictures];
        Classes = classes;
        foreach (var picture in _pictures)
        {
            if ((uint)picture.Label >= (uint)classes.Length)
                throw new ArgumentException($"'{picture.Name}' has label {picture.Label}, but there are {classes.Length} classes.", nameof(pictures));
        }
    }

    /// <inheritdoc />
    public int Count => _pictures.Length;

    /// <inheritdoc />
    public ImmutableArray<string> Classes { get; }

    /// <inheritdoc />
    public int LabelOf(int index) => At(index).Label;

    /// <inheritdoc />
    public string NameOf(int index) => At(index).Name;

    /// <inheritdoc />
    public long SizeOf(int index) => At(index).Encoded.Length;

    /// <inheritdoc />
    public void ReadEncoded(int index, EncodedBuffer buffer)
    {
        ArgumentNullException.ThrowIfNull(buffer);
        buffer.Write(At(index).Encoded.Span);
    }

    private InMemoryPicture At(int index)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(index);
        ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual(index, Count);
        return _pictures[index];
    }
}
