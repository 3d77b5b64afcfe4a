using System.Collections.Immutable;
using System.Runtime.Intrinsics;
using EfficientNetSharp.Randomness;

namespace EfficientNetSharp.Imaging.Augmentations.Policies;

/// <summary>
/// AugMix (Hendrycks et al. 2019) as timm has it: several chains of operations are mixed, and the mix with the image itself. Each chain
/// starts from the image; shares come from a Dirichlet, the image's own from a Beta distribution.
/// </summary>
/// <remarks>The consistency loss of the paper is not part of it.</remarks>
internal sealed class AugMix : IAugmentation
{
    /// <summary>Longest chain where chance decides (the paper).</summary>
    private const int MaxDrawnDepth = 3;

    // timm's _AUGMIX_TRANSFORMS.
    private static readonly ImmutableArray<LeveledOperation> Operations = TimmOperations.Named(
        "AutoContrast", "ColorIncreasing", "ContrastIncreasing", "BrightnessIncreasing", "SharpnessIncreasing", "Equalize", "Rotate",
        "PosterizeIncreasing", "SolarizeIncreasing", "ShearX", "ShearY", "TranslateXRel", "TranslateYRel");

    private readonly AugMixOptions _options;
    private readonly PolicySettings _settings;

    /// <summary>Takes the options.</summary>
    /// <param name="options">Strength, chains and shares.</param>
    /// <param name="settings">Fill colour and filter.</param>
    /// <exception cref="InvalidInputException">An option is out of its range; the message names it.</exception>
    public AugMix(AugMixOptions options, PolicySettings settings)
    {
        ArgumentNullException.ThrowIfNull(options);
        ArgumentNullException.ThrowIfNull(settings);
        options.Check();
        (_options, _settings) = (options, settings);
    }

    /// <inheritdoc />
    public void Apply(Image image, ref SeededRandom random)
    {
        ArgumentNullException.ThrowIfNull(image);
        Mix(image, Draw(image.Size, ref random), _settings.Fill);
    }

    /// <summary>Draws all that chance decides.</summary>
    internal AugMixDraw Draw(ImageSize size, ref SeededRandom random)
    {
        Span<double> shares = stackalloc double[_options.Width];
        random.NextDirichlet(_options.Alpha, shares);
        float mixed = (float)random.NextBeta(_options.Alpha, _options.Alpha);
        var scale = new LevelScale(size, TimmOperations.AugMixTranslate);
        var chains = ImmutableArray.CreateBuilder<AugMixChain>(_options.Width);
        foreach (double share in shares)
        {
            int depth = _options.Depth ?? 1 + random.NextInt(MaxDrawnDepth);
            var operations = ImmutableArray.CreateBuilder<PolicyOperation>(depth);
            for (int i = 0; i < depth; i++)
            {
                var operation = Operations[random.NextInt(Operations.Length)];
                double level = Levels.Draw(
                    _options.Magnitude, _options.MagnitudeDeviation ?? double.PositiveInfinity, TimmOperations.TopLevel, ref random);
                operations.Add(operation.Draw(level, scale, _settings.Filter, ref random));
            }

            chains.Add(new AugMixChain((float)share, operations.MoveToImmutable()));
        }

        return new AugMixDraw(mixed, chains.MoveToImmutable());
    }

    /// <summary>Carries out what was drawn: the chains' mix in single precision, cut off to bytes, then blended with the image.</summary>
    internal static void Mix(Image image, AugMixDraw draw, PixelColor fill)
    {
        var sums = new float[image.Pixels.Length];
        foreach (var chain in draw.Chains)
        {
            using var changed = image.Copy();
            foreach (var operation in chain.Operations) operation.Apply(changed, fill);
            Add(sums, changed.Pixels, chain.Share);
        }

        BlendInto(image.Pixels, sums, draw.Mixed);
        // Shares add up to 1 but for rounding, which may cost the fillers a little.
        foreach (ref uint word in image.PackedPixels) word |= Image.OpaqueBlack;
    }

    private static void Add(Span<float> sums, ReadOnlySpan<byte> pixels, float share)
    {
        int i = 0;
        for (; i + Vector256<float>.Count <= sums.Length; i += Vector256<float>.Count)
        {
            var levels = Vector256.ConvertToSingle(ByteVectors.Load(in pixels[i]));
            (Vector256.LoadUnsafe(ref sums[i]) + (levels * share)).StoreUnsafe(ref sums[i]);
        }

        for (; i < sums.Length; i++) sums[i] += share * pixels[i];
    }

    /// <summary>Sums are cut off to bytes first, as timm makes an image of them before it blends.</summary>
    private static void BlendInto(Span<byte> pixels, ReadOnlySpan<float> sums, float mixed)
    {
        int i = 0;
        for (; i + Vector256<float>.Count <= sums.Length; i += Vector256<float>.Count)
        {
            var sum = Vector256.ConvertToInt32(ByteVectors.Clip(Vector256.LoadUnsafe(in sums[i])));
            var level = ByteVectors.Load(in pixels[i]);
            var blended = Vector256.ConvertToSingle(level) + (Vector256.ConvertToSingle(sum - level) * mixed);
            ByteVectors.Store(ref pixels[i], ByteVectors.Clip(blended));
        }

        for (; i < sums.Length; i++) pixels[i] = Blend.Bytes(pixels[i], (byte)Math.Clamp(sums[i], byte.MinValue, byte.MaxValue), mixed);
    }
}

/// <summary>A chain of AugMix.</summary>
/// <param name="Share">Its share of the mix.</param>
/// <param name="Operations">Its operations.</param>
internal sealed record AugMixChain(float Share, ImmutableArray<PolicyOperation> Operations);

/// <summary>All that chance decides about one image.</summary>
/// <param name="Mixed">The mix's share of the result; the rest is the image.</param>
/// <param name="Chains">The chains.</param>
internal sealed record AugMixDraw(float Mixed, ImmutableArray<AugMixChain> Chains);
