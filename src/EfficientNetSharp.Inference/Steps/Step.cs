using System.Collections.Immutable;
using EfficientNetSharp.Inference.Planning;

namespace EfficientNetSharp.Inference.Steps;

/// <summary>What kind of work a step does, for profiles.</summary>
public enum StepKind
{
    /// <summary>A 1×1 convolution of a map.</summary>
    Pointwise,

    /// <summary>A convolution over several pixels and all channels.</summary>
    Convolution,

    /// <summary>A depthwise convolution.</summary>
    Depthwise,

    /// <summary>A 1×1 convolution with the depthwise one that takes its value.</summary>
    ExpandDepthwise,

    /// <summary>A convolution in groups of channels.</summary>
    Grouped,

    /// <summary>A linear layer or a 1×1 convolution of a single pixel, squeeze-excite's among them.</summary>
    Linear,

    /// <summary>Pooling.</summary>
    Pooling,

    /// <summary>Work on single values: gates, sums, functions, normalisations.</summary>
    Elementwise,

    /// <summary>Making weights for an image: gated or mixed kernels.</summary>
    Weights,

    /// <summary>Changes of layout at the network's ends.</summary>
    Layout,
}

/// <summary>
/// One pass over memory, cut into pieces that any thread may do in any order. What a piece computes depends on the shapes alone, so
/// that results do not depend on who did which.
/// </summary>
internal abstract class Step
{
    protected Step(string name, StepKind kind, long macs, ImmutableArray<Slot> reads, ImmutableArray<Slot> writes)
    {
        (Name, Kind, Macs) = (name, kind, macs);
        (Reads, Writes) = (reads, writes);
    }

    /// <summary>The node that it computes; the last of several.</summary>
    public string Name { get; }

    public StepKind Kind { get; }

    /// <summary>Multiply-adds for one image.</summary>
    public long Macs { get; }

    public ImmutableArray<Slot> Reads { get; }

    public ImmutableArray<Slot> Writes { get; }

    /// <summary>Bytes of working memory that each thread needs.</summary>
    public virtual long ScratchBytes => 0;

    /// <summary>Number of pieces.</summary>
    public abstract int Pieces(int images, int threads);

    /// <summary>Does a piece.</summary>
    public abstract void Run(in Frame frame, int piece);

    // Below this a piece is not worth waking another thread for: some microseconds of a core's arithmetic.
    private const long MinMacsPerPiece = 300_000;

    // Pieces for each thread, so that one who is late holds up the others little.
    private protected const int PiecesPerThread = 4;

    // Inputs that are worked on with all the weights before the next: so many that they stay in a second-level cache of 512 KiB and more
    // beside a panel of weights.
    private protected const int BlockBytes = 256 * 1024;

    /// <summary>Where one of some parts of about the same size begins.</summary>
    internal static int Part(int count, int parts, int part) => (int)((long)count * part / parts);

    private protected static int PiecesFor(long macs, int threads) =>
        threads == 1 ? 1 : (int)Math.Clamp(macs / MinMacsPerPiece, 1, PiecesPerThread * threads);
}
