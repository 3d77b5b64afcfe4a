namespace EfficientNetSharp.Onnx.Reading;

/// <summary>
/// Bounds what a file can make the reader compute: a handful of nodes can ask for tensors of any size, which an honest file has
/// no use for.
/// </summary>
/// <param name="fileBytes">The file's length; constants that it holds may be rearranged several times.</param>
internal sealed class FoldingBudget(long fileBytes)
{
    // 16 million values, 64 to 128 MB, besides twice the file's own: above any shape computation or normalisation.
    private long _left = (1L << 24) + (2 * fileBytes);

    /// <summary>Claims room for values.</summary>
    /// <exception cref="InvalidInputException">There is none left.</exception>
    public void Take(long values)
    {
        if (values < 0 || values > _left) throw new InvalidInputException(
            "its constants are computed from each other into more values than a network has use for; export it again with constants folded.");
        _left -= values;
    }
}
