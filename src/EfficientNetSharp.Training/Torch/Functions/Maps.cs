using static TorchSharp.torch;

namespace EfficientNetSharp.Training.Torch.Functions;

/// <summary>Maps [N,C,H,W] that lie with their channels innermost, as rows [N·H·W, C] of memory.</summary>
internal static unsafe class Maps
{
    /// <summary>Rows [N,C] as maps of one pixel [N,C,1,1], over the same memory; maps as they are.</summary>
    /// <returns>[N,C,H,W]; the caller disposes it.</returns>
    public static Tensor Of(Tensor value) => value.dim() == 2 ? value.view(value.shape[0], value.shape[1], 1, 1) : value.alias();

    /// <summary>Maps of one pixel as the rows [N,C] that they were made of, over the same memory.</summary>
    /// <returns>[N,C]; the caller disposes it.</returns>
    public static Tensor ToRows(Tensor map) => map.view(map.shape[0], map.shape[1]);

    /// <summary>A map's own memory where it lies with channels innermost, otherwise a copy that does.</summary>
    /// <returns>[N,C,H,W]; the caller disposes it.</returns>
    public static Tensor Innermost(Tensor map)
    {
        using var permuted = map.permute(0, 2, 3, 1);
        using var rows = permuted.contiguous();
        return rows.permute(0, 3, 1, 2);
    }

    /// <summary>A map with channels innermost that may be written to: the given one where that is allowed, otherwise a copy.</summary>
    /// <param name="map">[N,C,H,W], disposed here.</param>
    /// <param name="isOwn">Whether nobody else sees its memory.</param>
    public static Tensor Writable(Tensor map, bool isOwn)
    {
        using var given = map;
        using var permuted = map.permute(0, 2, 3, 1);
        bool copies = !permuted.is_contiguous();
        using var rows = copies || isOwn ? permuted.contiguous() : permuted.clone();
        return rows.permute(0, 3, 1, 2);
    }

    /// <summary>A new map with channels innermost and no values yet.</summary>
    public static Tensor New(long images, long channels, long height, long width)
    {
        using var rows = empty(images, height, width, channels);
        return rows.permute(0, 3, 1, 2);
    }

    /// <summary>A new map of the same shape.</summary>
    public static Tensor NewLike(Tensor map)
    {
        long[] shape = map.shape;
        return New(shape[0], shape[1], shape[2], shape[3]);
    }

    /// <summary>The memory of a map with channels innermost; valid while the map lives.</summary>
    public static float* PointerOf(Tensor map)
    {
        using var rows = map.permute(0, 2, 3, 1);
        return TensorMemory.PointerOf(rows);
    }
}
