using System.Collections.Immutable;

namespace EfficientNetSharp.Data;

/// <summary>
/// Labelled images in their encoded form, numbered from 0. Implementations do not change once made and are safe to read
/// from many threads at once.
/// </summary>
public interface IImageDataset
{
    /// <summary>How many images there are.</summary>
    int Count { get; }

    /// <summary>The names of the classes; a label is a position in this list.</summary>
    ImmutableArray<string> Classes { get; }

    /// <summary>The class of an image as a position in <see cref="Classes"/>.</summary>
    /// <exception cref="ArgumentOutOfRangeException">The index is not in 0 … <see cref="Count"/> − 1.</exception>
    int LabelOf(int index);

    /// <summary>The image's name: a path relative to the dataset, with <c>/</c> between its parts on every system.</summary>
    /// <exception cref="ArgumentOutOfRangeException">The index is not in 0 … <see cref="Count"/> − 1.</exception>
    string NameOf(int index);

    /// <summary>The size of the encoded image in bytes; −1 when it cannot be told, for example because the file is gone.</summary>
    /// <exception cref="ArgumentOutOfRangeException">The index is not in 0 … <see cref="Count"/> − 1.</exception>
    long SizeOf(int index);

    /// <summary>Reads the encoded image (a whole JPEG, PNG … file) into a buffer of the caller.</summary>
    /// <param name="index">The image's number.</param>
    /// <param name="buffer">Receives the bytes and their number; what it held before is lost.</param>
    /// <exception cref="ArgumentOutOfRangeException">The index is not in 0 … <see cref="Count"/> − 1.</exception>
    /// <exception cref="InvalidInputException">The image cannot be read; the message names it.</exception>
    void ReadEncoded(int index, EncodedBuffer buffer);
}
