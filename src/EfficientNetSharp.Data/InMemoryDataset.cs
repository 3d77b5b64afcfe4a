using System.Collections.Immutable;

namespace EfficientNetSharp.Data;

/// <summary>One image of an <see cref="InMemoryDataset"/>.</summary>
/// <param name="Name">Its name, with <c>/</c> between the parts.</param>
/// <param name="Label">Its class, a position in the dataset's class list.</param>
/// <param name="Encoded">The bytes of the image file.</param>
public sealed record InMemoryImage(string Name, int Label, ReadOnlyMemory<byte> Encoded);

/// <summary>Images that are in memory already: for samples, tests and services that receive images over a network.</summary>
public sealed class InMemoryDataset : IImageDataset
{
    private readonly ImmutableArray<InMemoryImage> _images;

    /// <summary>Takes images as they are; their bytes are not copied.</summary>
    /// <exception cref="ArgumentException">A label is not a position in the class list.</exception>
    public InMemoryDataset(ImmutableArray<string> classes, IEnumerable<InMemoryImage> images)
    {
        ArgumentNullException.ThrowIfNull(images);
        _images = [.. images];
        Classes = classes;
        foreach (var image in _images)
        {
            if ((uint)image.Label >= (uint)classes.Length)
                throw new ArgumentException(
                    $"'{image.Name}' has label {image.Label}, " +
                    $"but there are {classes.Length} classes.", nameof(images));
        }
    }

    /// <inheritdoc />
    public int Count => _images.Length;

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

    private InMemoryImage At(int index)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(index);
        ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual(index, Count);
        return _images[index];
    }
}
