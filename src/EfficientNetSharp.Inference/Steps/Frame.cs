using System.Runtime.CompilerServices;
using EfficientNetSharp.Inference.Layout;

namespace EfficientNetSharp.Inference.Steps;

/// <summary>Where a run's memory is, for the steps.</summary>
internal readonly unsafe struct Frame
{
    private readonly byte* _scratch;

    public Frame(byte* arena, float* input, float** outputs, int images, int threads)
        : this(arena, null, input, outputs, images, threads)
    {
    }

    private Frame(byte* arena, byte* scratch, float* input, float** outputs, int images, int threads)
    {
        Arena = arena;
        _scratch = scratch;
        Input = input;
        Outputs = outputs;
        (Images, Threads) = (images, threads);
    }

    public byte* Arena { get; }

    /// <summary>Working memory of the thread that asks.</summary>
    /// <typeparam name="T">What it is used for.</typeparam>
    public T* Scratch<T>()
        where T : unmanaged => (T*)_scratch;

    /// <summary>The images, [N,C,H,W].</summary>
    public float* Input { get; }

    /// <summary>Where each of the network's results goes.</summary>
    public float** Outputs { get; }

    public int Images { get; }

    public int Threads { get; }

    /// <summary>The first image's values.</summary>
    /// <typeparam name="T">What they are.</typeparam>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public T* At<T>(Slot slot)
        where T : unmanaged => (T*)(Arena + (slot.Offset * Images) + slot.FirstByte);

    /// <summary>An image's values.</summary>
    /// <typeparam name="T">What they are.</typeparam>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public T* At<T>(Slot slot, int image)
        where T : unmanaged => (T*)(Arena + (slot.Offset * Images) + (slot.Bytes * image) + slot.FirstByte);

    /// <summary>The same for a thread with working memory of its own.</summary>
    public Frame WithScratch(byte* scratch) => new(Arena, scratch, Input, Outputs, Images, Threads);
}
