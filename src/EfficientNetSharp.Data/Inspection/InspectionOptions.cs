namespace EfficientNetSharp.Data.Inspection;

/// <summary>How <see cref="DatasetInspector"/> works.</summary>
public sealed record InspectionOptions
{
    /// <summary>Threads that decode. Default null: one per processor.</summary>
    public int? Workers { get; init; }

    /// <summary>
    /// In how many of 64 bits the perceptual hashes of near-duplicates may differ, 0 … 11; −1 not to look for them. Default 3: another size
    /// or compression of a photograph changes so many at most as a rule, and two photographs of unlike scenes 20 and more.
    /// </summary>
    public int NearDistance { get; init; } = 3;
}
