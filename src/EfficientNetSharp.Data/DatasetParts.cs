namespace EfficientNetSharp.Data;

/// <summary>
/// A dataset as it lies on disk, recognised and listed, before anything is split off: any of its parts may be missing. All parts
/// have the same class list.
/// </summary>
public sealed class DatasetParts
{
    private readonly List<string> _warnings = [];

    internal DatasetParts(string format, string root) => (Format, Root) = (format, root);

    /// <summary>What the layout was recognised as, such as <c>CIFAR-10, binary version</c>.</summary>
    public string Format { get; }

    /// <summary>Where it lies: a folder or a file.</summary>
    public string Root { get; }

    /// <summary>The published dataset, where the format belongs to one; see <see cref="PublishedDatasets"/>.</summary>
    public PublishedDataset? Published { get; internal init; }

    /// <summary>The training part as published.</summary>
    public IImageDataset? Train { get; internal set; }

    /// <summary>The validation part as published.</summary>
    public IImageDataset? Validation { get; internal set; }

    /// <summary>The test part as published.</summary>
    public IImageDataset? Test { get; internal set; }

    /// <summary>What a person should know, one line each.</summary>
    public IReadOnlyList<string> Warnings => _warnings;

    /// <summary>The parts that are there, by the names <c>train</c>, <c>val</c> and <c>test</c>.</summary>
    public IEnumerable<(string Name, IImageDataset Images)> All
    {
        get
        {
            if (Train is not null) yield return ("train", Train);
            if (Validation is not null) yield return ("val", Validation);
            if (Test is not null) yield return ("test", Test);
        }
    }

    internal void Warn(string warning) => _warnings.Add(warning);

    /// <summary>Warns of parts that do not have the published number of images or classes.</summary>
    internal DatasetParts CheckSizes()
    {
        if (Published is null) return this;
        foreach (var (name, images) in All)
        {
            if (Published.SizeOf(name) is { } size && size != images.Count)
                Warn(FormattableString.Invariant($"{Published.Title} has {size} images in '{name}' as published, found {images.Count} in '{Root}'."));
        }

        if (All.FirstOrDefault().Images is { } first && first.Classes.Length != Published.Classes)
            Warn($"{Published.Title} has {Published.Classes} classes as published, found {first.Classes.Length} in '{Root}'.");
        return this;
    }

    /// <summary>Training, validation and test, with a stratified share of the training part set aside where there is no validation part.</summary>
    /// <exception cref="InvalidInputException">There is no training part, or it is too small to set anything aside.</exception>
    public DatasetSplits Split(DatasetOptions options)
    {
        ArgumentNullException.ThrowIfNull(options);
        if (Train is null)
            throw new InvalidInputException($"Expected images to train on in '{Root}' ({Format}), found only {string.Join(" and ", All.Select(part => part.Name))}. Add the training part.");
        if (Validation is not null) return new DatasetSplits(Train, Validation, Test, [.. Warnings]) { Format = Format };
        var (train, validation) = StratifiedSplit.Of(Train, options.ValidationFraction, options.Seed);
        if (validation.Count == 0)
            throw new InvalidInputException(
                $"Expected a class with two images or more in '{Root}' to set one aside for validation, " +
                $"found {Train.Count} images in {Train.Classes.Length} classes. Add images or a validation part.");
        return new DatasetSplits(train, validation, Test, [.. Warnings]) { Format = Format };
    }
}
