namespace EfficientNetSharp.Data.Inspection;

/// <summary>A dataset as it lies on disk, nothing split off.</summary>
/// <param name="Format">What it was recognised as.</param>
/// <param name="Parts">Its parts by name.</param>
/// <param name="Warnings">What a person should know.</param>
public sealed record InspectedDataset(string Format, IReadOnlyList<(string Name, IImageDataset Images)> Parts, IReadOnlyList<string> Warnings)
{
    // Any split will do to have the parts of plain folders listed; where there is no validation folder, the whole is looked at.
    private static readonly DatasetOptions AnySplit = new();

    /// <summary>Opens anything that <see cref="Datasets"/> knows.</summary>
    /// <exception cref="InvalidInputException">It is no dataset, or damaged.</exception>
    public static InspectedDataset Open(string path)
    {
        if (Datasets.Recognize(path) is { } parts) return new InspectedDataset(parts.Format, [.. parts.All], parts.Warnings);
        if (!DatasetFolder.HasParts(path)) return new InspectedDataset("folders of images", [("all", FolderDataset.Open(path))], []);
        var splits = DatasetFolder.Open(path, AnySplit.ValidationFraction, AnySplit.Seed);
        // A training folder that was split is one part again.
        (string Name, IImageDataset Images)[] all = splits is { Train: SubsetDataset train, Validation: SubsetDataset }
            ? [("train", train.Source)]
            : [("train", splits.Train), ("val", splits.Validation)];
        return new InspectedDataset("folders of images, in parts", splits.Test is { } test ? [.. all, ("test", test)] : all, splits.Warnings);
    }
}
