using System.Collections.Immutable;
using EfficientNetSharp.Evaluation;

namespace EfficientNetSharp.Studies.Replacement;

/// <summary>
/// How a trained embedding does in a precision, on identities that it has not learned. Intervals are the middle 95 % where identities are
/// drawn anew.
/// </summary>
public sealed record PrecisionResult
{
    /// <summary>The precision.</summary>
    public required StudyPrecision Precision { get; init; }

    /// <summary>
    /// The share of pairs that are told right, at the best threshold, of as many of one identity as of two (<see
    /// cref="Evaluation.Verification.VerificationResult.Accuracy"/>).
    /// </summary>
    public required Estimate Verification { get; init; }

    /// <summary>TAR at FAR 1e-2; <see langword="null"/> where there are too few pairs.</summary>
    public Estimate? AcceptedAt1Percent { get; init; }

    /// <summary>TAR at FAR 1e-3; <see langword="null"/> where there are too few pairs.</summary>
    public Estimate? AcceptedAt1PerMille { get; init; }

    /// <summary>The share of images whose nearest other one is of their identity.</summary>
    public required Estimate RecallAt1 { get; init; }

    /// <summary>Bytes of the model's <c>.safetensors</c> file, without what its card tells of the training.</summary>
    public required long FileBytes { get; init; }

    /// <summary>Predicted milliseconds on the device; <see langword="null"/> of floats.</summary>
    public double? DeviceMs { get; init; }

    /// <summary>Predicted bytes of the device's file; <see langword="null"/> of floats.</summary>
    public long? DeviceFileBytes { get; init; }

    /// <summary>The share of the layers that have 16 bits; 0 in other precisions.</summary>
    public double WideLayers { get; init; }

    /// <summary>
    /// The shortest measured time of an image on the engine with one thread, in milliseconds; <see langword="null"/> where it was not
    /// measured.
    /// </summary>
    public double? EngineMs { get; init; }
}

/// <summary>How a trained embedding does on identities that had no say in its training.</summary>
public sealed record EmbeddingResult
{
    /// <summary>Images that it was judged on.</summary>
    public required int Images { get; init; }

    /// <summary>Their identities.</summary>
    public required int Identities { get; init; }

    /// <summary>Pairs of one identity.</summary>
    public required int Genuine { get; init; }

    /// <summary>Pairs of two identities.</summary>
    public required int Impostors { get; init; }

    /// <summary>Whether verification is what networks are compared by; else recall@1 is. It is what the loss is judged by.</summary>
    public required bool IsVerification { get; init; }

    /// <summary>Each precision's result; floats first.</summary>
    public required ImmutableArray<PrecisionResult> Precisions { get; init; }

    /// <summary>The accuracy by which networks are compared.</summary>
    public Estimate AccuracyOf(PrecisionResult result)
    {
        ArgumentNullException.ThrowIfNull(result);
        return IsVerification ? result.Verification : result.RecallAt1;
    }

    /// <summary>The same without measured times.</summary>
    internal EmbeddingResult WithoutTimes() => this with { Precisions = [.. Precisions.Select(one => one with { EngineMs = null })] };
}
