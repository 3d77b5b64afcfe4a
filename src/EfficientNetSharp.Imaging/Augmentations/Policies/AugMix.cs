using System.Collections.Immutable;
using System.Runtime.Intrinsics;
using EfficientNetSharp.Randomness;

namespace EfficientNetSharp.Imaging.Augmentations.Policies;

/// <summary>
/// AugMix (Hendrycks et al. 2019) as timm has it: several chains of operations are mixed, and the mix with the picture itself. Each chain
/// starts from the picture; shares come from a Dirichlet, the picture's own from a Beta distribution.
/// </summary>
/// <remarks>The consistency loss of the paper is not part of it.</remarks>
public sealed class AugMix : IAugmentation
{
    /// <summary>Longest chain where chance decides (the paper).</summary>
    private const int MostDrawnDepth = 3;

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
    public void Apply(Picture picture, ref SeededRandom random)
    {
        ArgumentNullException.ThrowIfNull(picture);
        Mix(picture, Draw(picture.Size, ref random), _settings.Fill);
    }

    /// <summary>Draws all that chance decides.</summary>
    internal AugMixDraw Draw(PictureSize size, ref SeededRandom random)
    {
        Span<double> shares = stackalloc double[_options.Width];
        random.NextDirichlet(_options.Alpha, shares);
        float mixed = (float)random.NextBeta(_options.Alpha, _options.Alpha);
        var scale = new LevelScale(size, TimmOperations.AugMixTranslate);
        var chains = ImmutableArray.CreateBuilder<AugMixChain>(_options.Width);
        foreach (double share in shares)
        {
            int depth = _options.Depth ?? 1 + random.NextInt(MostDrawnDepth);
            var steps = ImmutableArray.CreateBuilder<PolicyStep>(depth);
            for (int i = 0; i < depth; i++)
            {
                var operation = Operations[random.NextInt(Operations.Length)];
                double level = Levels.Draw(
                    _options.Magnitude, _options.MagnitudeDeviation ?? double.PositiveInfinity, TimmOperations.TopLevel, ref random);
                steps.Add(operation.Draw(level, scale, _settings.Filter, ref random));
            }

            chains.Add(new AugMixChain((float)share, steps.MoveToImmutable()));
        }

        return new AugMixDraw(mixed, chains.MoveToImmutable());
    }

    /// <summary>Carries out what was drawn: the chains' mix in single precision, cut off to bytes, then blended with the picture.</summary>
    internal static void Mix(Picture picture, AugMixDraw draw, PixelColor fill)
    {
        var sums = new float[picture.Pixels.Length];
        foreach (var chain in draw.Chains)
        {
            using var changed = picture.Copy();
            foreach (var step in chain.Steps) step.Apply(changed, fill);
            Add(sums, changed.Pixels, chain.Share);
        }

        BlendInto(picture.Pixels, sums, draw.Mixed);
        // Shares add up to 1 but for rounding, which may cost the fillers a little.
        foreach (ref uint word in picture.Words) word |= Picture.BlackWord;
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

    /// <summary>Sums are cut off to bytes first, as timm makes a picture of them before it blends.</summary>
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
/// <param name="Steps">Its operations.</param>
internal sealed record AugMixChain(float Share, ImmutableArray<PolicyStep> Steps);

/// <summary>All that chance decides about one picture.</summary>
/// <param name="Mixed">The mix's share of the result; the rest is the picture.</param>
/// <param name="Chains">The chains.</param>
internal sealed record AugMixDraw(float Mixed, ImmutableArray<AugMixChain> Chains);
