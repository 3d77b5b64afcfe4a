using System.Collections.Immutable;
using EfficientNetSharp.Formats.Downloads;

namespace EfficientNetSharp.Data;

/// <summary>How an archive of a dataset is laid out on disk.</summary>
public enum Unpacking
{
    /// <summary>An archive, tar (also gzipped) or zip by its name, whose members keep their paths.</summary>
    Archive,

    /// <summary>A tar of tars, each of which becomes a folder of its name: ImageNet's training archive.</summary>
    ArchiveOfArchives,

    /// <summary>A file that is used as it is.</summary>
    Copy,
}

/// <summary>A file of a published dataset.</summary>
/// <param name="File">Its address and hash.</param>
/// <param name="Bytes">Its size as published, for people.</param>
/// <param name="Folder">The folder that it is unpacked into, relative to the dataset's; empty for that itself.</param>
/// <param name="Unpacking">How it is unpacked.</param>
public sealed record DatasetArchive(RemoteFile File, long Bytes, string Folder = "", Unpacking Unpacking = Unpacking.Archive);

/// <summary>A dataset that others published, with its exact sizes.</summary>
public sealed record PublishedDataset
{
    /// <summary>The name by which it is asked for, such as <c>cifar10</c>.</summary>
    public required string Name { get; init; }

    /// <summary>The name for people.</summary>
    public required string Title { get; init; }

    /// <summary>How many classes it has.</summary>
    public required int Classes { get; init; }

    /// <summary>Images of the training part as its files list them.</summary>
    public required int Train { get; init; }

    /// <summary>Images of its own validation part; <see langword="null"/> where it has none.</summary>
    public int? Validation { get; init; }

    /// <summary>Labelled images of the test part; <see langword="null"/> where it has none.</summary>
    public int? Test { get; init; }

    /// <summary>Its terms, in a line.</summary>
    public required string Terms { get; init; }

    /// <summary>Where its makers describe it.</summary>
    public required Uri Home { get; init; }

    /// <summary>The files to fetch, or to have fetched by hand.</summary>
    public ImmutableArray<DatasetArchive> Archives { get; init; } = [];

    /// <summary>What a person has to do, where the files cannot be fetched without; <see langword="null"/> otherwise.</summary>
    public string? ByHand { get; init; }

    /// <summary>Bytes of all files.</summary>
    public long Bytes => Archives.Sum(archive => archive.Bytes);

    /// <summary>Images of a part by its <see cref="PartNames"/>; <see langword="null"/> where it is not published.</summary>
    public int? SizeOf(string part) => part switch
    {
        PartNames.Train => Train,
        PartNames.Validation => Validation,
        PartNames.Test => Test,
        _ => null,
    };
}
