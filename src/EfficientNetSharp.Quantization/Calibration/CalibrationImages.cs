using System.Collections.Immutable;
using EfficientNetSharp.Data;
using EfficientNetSharp.Data.Loading;
using EfficientNetSharp.Imaging.Transforms;

namespace EfficientNetSharp.Quantization.Calibration;

/// <summary>
/// A dataset's images for quantization: some to calibrate with, others to judge choices by, and others that nothing is chosen by, which
/// tell how good the result is. Each is spread over the classes.
/// </summary>
/// <param name="Calibrating">Images that ranges and repairs come from.</param>
/// <param name="Judging">Images that choices are judged by.</param>
/// <param name="HeldOut">Images that nothing is chosen by; none in a set that is too small.</param>
public sealed record CalibrationImages(SubsetDataset Calibrating, SubsetDataset Judging, SubsetDataset HeldOut)
{
    // Enough to tell choices apart; each of some ten choices runs them all.
    private const int Judges = 64;

    // Enough for an interval of a few per cent.
    private const int Held = 500;

    /// <summary>Divides a dataset. Where it is small, calibration gets half and the others the rest.</summary>
    /// <param name="images">The images.</param>
    /// <param name="count">Most images to calibrate with, at least 1.</param>
    /// <param name="seed">Names the draw.</param>
    /// <exception cref="InvalidInputException">There is no image.</exception>
    public static CalibrationImages Of(IImageDataset images, int count, ulong seed = 0)
    {
        ArgumentNullException.ThrowIfNull(images);
        ArgumentOutOfRangeException.ThrowIfLessThan(count, 1);
        if (images.Count == 0) throw new InvalidInputException("Calibration needs images, found none.");
        var order = SpreadOrder.Of(images, seed);
        int calibrating = Math.Min(count, (images.Count + 1) / 2);
        int judging = Math.Min(Judges, (images.Count - calibrating + 1) / 2);
        int held = Math.Min(Held, images.Count - calibrating - judging);
        return new CalibrationImages(
            new SubsetDataset(images, order[..calibrating]), new SubsetDataset(images, order.Slice(calibrating, judging)),
            new SubsetDataset(images, order.Slice(calibrating + judging, held)));
    }

    /// <summary>Reads images as a network takes them; those that cannot be read are left out.</summary>
    /// <param name="images">The images.</param>
    /// <param name="transform">The model's preprocessing.</param>
    /// <param name="unreadable">Receives the images that cannot be read.</param>
    /// <param name="workers">Threads that decode; <see langword="null"/> for one per processor.</param>
    /// <param name="cancellationToken">Ends the work.</param>
    /// <returns>[C,H,W] of each, normalised.</returns>
    /// <exception cref="InvalidInputException">None can be read.</exception>
    public static IReadOnlyList<float[]> Read(
        IImageDataset images, IImageTransform transform, out ImmutableArray<BrokenImage> unreadable, int? workers = null,
        CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(images);
        ArgumentNullException.ThrowIfNull(transform);
        unreadable = [];
        var read = new List<float[]>(images.Count);
        if (images.Count == 0) return read;
        using var loader = new BatchLoader(images, transform, new BatchLoaderOptions
        {
            BatchSize = 1, Training = false, Workers = workers, BrokenImages = BrokenImagePolicy.Skip,
        });
        foreach (var batch in loader.Batches(cancellationToken: cancellationToken))
        {
            using (batch) read.Add(batch.Images.ToArray());
        }

        unreadable = [.. loader.BrokenImages.OrderBy(image => image.Index)];
        return read;
    }
}
