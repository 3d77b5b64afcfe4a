using System.Collections.Immutable;
using EfficientNetSharp.Data.Loading;

namespace EfficientNetSharp.Quantization.Calibration;

/// <summary>Images as a network takes them.</summary>
/// <param name="Images">[C,H,W] of each, normalised.</param>
/// <param name="Labels">The label of each in its dataset.</param>
/// <param name="Unreadable">Images that could not be read and were left out.</param>
public sealed record ReadImages(IReadOnlyList<float[]> Images, ImmutableArray<int> Labels, ImmutableArray<BrokenImage> Unreadable);
