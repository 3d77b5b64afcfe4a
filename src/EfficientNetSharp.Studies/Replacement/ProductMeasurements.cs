using System.Collections.Immutable;

namespace EfficientNetSharp.Studies.Replacement;

/// <summary>A network that was measured on RV1126.</summary>
/// <param name="Title">What it is.</param>
/// <param name="Network">The registered network that comes nearest to it, at 112 pixels.</param>
/// <param name="FileMegabytes">Size of its <c>.rknn</c> file in MB; <see langword="null"/> where it is not known.</param>
/// <param name="Ms">Milliseconds of an image in int16.</param>
internal sealed record ProductMeasurement(string Title, string Network, double? FileMegabytes, double Ms);

/// <summary>
/// What a product measured on RV1126 at 112 pixels in int16, in whole milliseconds (docs/device.md). Its exact head is not known: a
/// flattened map and an embedding of 512 is assumed.
/// </summary>
internal static class ProductMeasurements
{
    public const int Resolution = 112;

    public static ImmutableArray<ProductMeasurement> Rows { get; } =
    [
        new("iResNet-50", "iresnet50", null, 70),
        new("EfficientNet-B0, flattened", "efficientnet_b0:head=flatten", 25.8, 17),
        new("EfficientNet-B0, pooled; accuracy not good enough", "efficientnet_b0:head=pooled", 9.3, 13),
        new("EfficientNet-B1, flattened", "efficientnet_b1:head=flatten", 33, 25),
        new("EfficientNet-B2, flattened", "efficientnet_b2:head=flatten", 39.7, 28),
        new("EfficientNet-B3, flattened", "efficientnet_b3:head=flatten", 47.3, 35),
    ];

    /// <summary>The row of a network; <see langword="null"/> where it was not measured.</summary>
    public static ProductMeasurement? Find(string network) => Rows.FirstOrDefault(row => row.Network == network);
}
