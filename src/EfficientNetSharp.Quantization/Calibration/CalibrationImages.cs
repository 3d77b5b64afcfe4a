using System.Collections.Immutable;
using EfficientNetSharp.Data;
using EfficientNetSharp.Data.Loading;
using EfficientNetSharp.Imaging.Transforms;
using EfficientNetSharp.Randomness;

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
    /// <summary>Images to judge by that tell choices apart; each of some ten choices runs them all.</summary>
    public const int UsualJudging = 64;

    /// <summary>Most images held out, and enough to judge by where a stated drop is to be kept: an interval of a few per cent.</summary>
    public const int MostHeldOut = 500;

    /// <summary>Divides a dataset. Where it is small, calibration gets half and the others the rest.</summary>
    /// <param name="images">The images.</param>
    /// <param name="count">Most images to calibrate with, at least 1.</param>
    /// <param name="seed">Names the draw.</param>
    /// <param name="judging">Most images to judge by, at least 1.</param>
    /// <exception cref="InvalidInputException">There is no image.</exception>
    public static CalibrationImages Of(IImageDataset images, int count, ulong seed = 0, int judging = UsualJudging)
    {
        Check(images, count, judging);
        var order = SpreadOrder.Of(images, seed);
        int calibrating = Math.Min(count, (images.Count + 1) / 2);
        judging = Math.Min(judging, (images.Count - calibrating + 1) / 2);
        int held = Math.Min(MostHeldOut, images.Count - calibrating - judging);
        return new CalibrationImages(
            new SubsetDataset(images, order[..calibrating]), new SubsetDataset(images, order.Slice(calibrating, judging)),
            new SubsetDataset(images, order.Slice(calibrating + judging, held)));
    }

    /// <summary>
    /// Divides images of identities, each of which is whole in one of the three parts, so that each part has pairs of images of one
    /// identity, and nothing is judged on an identity that was calibrated with. A set of fewer than three identities is divided as
    /// <see cref="Of"/> does.
    /// </summary>
    /// <param name="images">The images; their classes are the identities.</param>
    /// <param name="count">Most images to calibrate with, at least 1.</param>
    /// <param name="seed">Names the draw.</param>
    /// <param name="judging">Most images to judge by, at least 1.</param>
    /// <exception cref="InvalidInputException">There is no image.</exception>
    public static CalibrationImages OfIdentities(IImageDataset images, int count, ulong seed = 0, int judging = UsualJudging)
    {
        Check(images, count, judging);
        // Whole identities in an order that the seed draws.
        var identities = SpreadOrder.Of(images, seed).GroupBy(images.LabelOf)
            .OrderBy(group => new SeededRandom(seed, (ulong)group.Key).NextDouble()).Select(group => group.ToImmutableArray()).ToList();
        if (identities.Count < 3) return Of(images, count, seed, judging);
        int[] wanted = [Math.Min(count, (images.Count + 1) / 2), 0, 0];
        wanted[1] = Math.Min(judging, (images.Count - wanted[0] + 1) / 2);
        wanted[2] = Math.Min(MostHeldOut, images.Count - wanted[0] - wanted[1]);
        List<ImmutableArray<int>>[] parts = [[], [], []];
        int[] held = new int[parts.Length];
        foreach (var identity in identities)
        {
            // To the part that has the smallest share of what it is to have.
            int part = Enumerable.Range(0, parts.Length).MinBy(i => (double)held[i] / Math.Max(wanted[i], 1));
            parts[part].Add(identity);
            held[part] += identity.Length;
        }

        return new CalibrationImages(Part(0), Part(1), Part(2));

        // To calibrate with, all identities in turn; to compare, whole ones, and what is too much of the last.
        SubsetDataset Part(int part)
        {
            var own = parts[part];
            var order = part > 0 ? own.SelectMany(identity => identity)
                : Enumerable.Range(0, own.Max(identity => identity.Length))
                    .SelectMany(turn => own.Where(identity => turn < identity.Length).Select(identity => identity[turn]));
            return new SubsetDataset(images, [.. order.Take(wanted[part])]);
        }
    }

    /// <summary>Reads images as a network takes them; those that cannot be read are left out.</summary>
    /// <param name="images">The images.</param>
    /// <param name="transform">The model's preprocessing.</param>
    /// <param name="workers">Threads that decode; <see langword="null"/> for one per processor.</param>
    /// <param name="cancellationToken">Ends the work.</param>
    /// <exception cref="InvalidInputException">None can be read.</exception>
    public static ReadImages Read(
        IImageDataset images, IImageTransform transform, int? workers = null, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(images);
        ArgumentNullException.ThrowIfNull(transform);
        var read = new List<float[]>(images.Count);
        var labels = ImmutableArray.CreateBuilder<int>(images.Count);
        if (images.Count == 0) return new ReadImages([], [], []);
        using var loader = new BatchLoader(images, transform, new BatchLoaderOptions
        {
            BatchSize = 1, Training = false, Workers = workers, BrokenImages = BrokenImagePolicy.Skip,
        });
        foreach (var batch in loader.Batches(cancellationToken: cancellationToken))
        {
            using (batch)
            {
                read.Add(batch.Images.ToArray());
                labels.Add(batch.Labels[0]);
            }
        }

        return new ReadImages(read, labels.ToImmutable(), [.. loader.BrokenImages.OrderBy(image => image.Index)]);
    }

    private static void Check(IImageDataset images, int count, int judging)
    {
        ArgumentNullException.ThrowIfNull(images);
        ArgumentOutOfRangeException.ThrowIfLessThan(count, 1);
        ArgumentOutOfRangeException.ThrowIfLessThan(judging, 1);
        if (images.Count == 0) throw new InvalidInputException("Calibration needs images, found none.");
    }
}
