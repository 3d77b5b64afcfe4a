using static TorchSharp.torch;

namespace EfficientNetSharp.Training.Torch.Functions;

/// <summary>
/// Work in pieces that libtorch's number of threads share. What a piece is must not depend on that number: sums over pieces are then
/// the same whatever it is.
/// </summary>
internal static class Pieces
{
    /// <summary>
    /// Values of a piece of rows: 256 KB, which stays in a core's second-level cache while it is gone through twice, and is long enough
    /// that handing it out costs nothing.
    /// </summary>
    private const int Values = 65_536;

    /// <summary>Rows of a piece.</summary>
    /// <param name="rowLength">Values of a row.</param>
    public static int RowsOf(int rowLength) => Math.Max(1, Values / rowLength);

    /// <summary>How many pieces some rows make.</summary>
    public static int Count(int rows, int rowsOfPiece) => (rows + rowsOfPiece - 1) / rowsOfPiece;

    /// <summary>Does all pieces and returns when they are done.</summary>
    public static void Run(int count, Action<int> work)
    {
        int threads = get_num_threads();
        if (count > 1 && threads > 1)
        {
            Parallel.For(0, count, new ParallelOptions { MaxDegreeOfParallelism = threads }, work);
            return;
        }

        for (int piece = 0; piece < count; piece++) work(piece);
    }
}
