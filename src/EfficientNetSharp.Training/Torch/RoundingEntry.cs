using EfficientNetSharp.Training.Torch.Functions;
using TorchSharp;
using static TorchSharp.torch;

namespace EfficientNetSharp.Training.Torch;

/// <summary>A value as a plan's integers hold it.</summary>
/// <param name="node">The node whose value it is.</param>
/// <param name="x">The value before, with channels innermost.</param>
/// <param name="grid">What the integers hold.</param>
/// <param name="scaleGradient">Where the gradient of the scale's logarithm is added up; <see langword="null"/> where it does not learn.</param>
/// <param name="goesOn">Whether the value depends on something that learns.</param>
internal sealed unsafe class RoundingEntry(int node, Tensor x, RoundingGrid grid, Tensor? scaleGradient, bool goesOn) : TapeEntry(node, node)
{
    // A piece's length does not depend on the number of threads, so that sums do not either.
    private const int PieceLength = 65_536;

    /// <summary>The value rounded.</summary>
    /// <returns>[N,C,H,W], channels innermost; the caller disposes it.</returns>
    public static Tensor Rounded(Tensor x, RoundingGrid grid)
    {
        var y = Maps.NewLike(x);
        float* from = Maps.PointerOf(x), to = Maps.PointerOf(y);
        long count = x.numel();
        Pieces.Run(Pieces.Count((int)count, PieceLength), piece =>
        {
            long start = (long)piece * PieceLength;
            RoundingFunction.Forward(from + start, to + start, (nint)Math.Min(PieceLength, count - start), grid);
        });
        return y;
    }

    public override void Backward(Tensor gradient, bool isOwn, GradientTable table)
    {
        bool isRows = gradient.dim() == 2;
        using var map = Maps.Writable(isRows ? Maps.Of(gradient) : gradient, isOwn);
        if (isRows) gradient.Dispose();
        float* from = Maps.PointerOf(x), to = Maps.PointerOf(map);
        long count = x.numel();
        double[] sums = new double[Pieces.Count((int)count, PieceLength)];
        Pieces.Run(sums.Length, piece =>
        {
            long start = (long)piece * PieceLength;
            sums[piece] = RoundingFunction.Backward(from + start, to + start, (nint)Math.Min(PieceLength, count - start), grid);
        });
        scaleGradient?.add_(Scalars.Of(sums.Sum()), Scalars.One);
        if (goesOn) table.Add(Output, (isRows ? Maps.ToRows(map) : map.alias()).DetachFromDisposeScope());
    }

    public override void Dispose()
    {
        x.Dispose();
        scaleGradient?.Dispose();
    }
}
