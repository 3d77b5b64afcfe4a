using EfficientNetSharp.Inference.Planning;

namespace EfficientNetSharp.Inference.Steps;

/// <summary>Where a run's memory is, for the steps.</summary>
internal readonly unsafe struct Frame
{
    private readonly byte* _scratch;

    public Frame(byte* arena, byte* scratch, float* input, float** outputs, int pictures, int threads)
    {
        Arena = arena;
        _scratch = scratch;
        Input = input;
        Outputs = outputs;
        (Pictures, Threads) = (pictures, threads);
    }

    public byte* Arena { get; }

    /// <summary>Working memory of the thread that asks.</summary>
    /// <typeparam name="T">What it is used for.</typeparam>
    public T* Scratch<T>()
        where T : unmanaged => (T*)_scratch;

    /// <summary>The pictures, [N,C,H,W].</summary>
    public float* Input { get; }

    /// <summary>Where each of the network's results goes.</summary>
    public float** Outputs { get; }

    public int Pictures { get; }

    public int Threads { get; }

    /// <summary>The first picture's values.</summary>
    /// <typeparam name="T">What they are.</typeparam>
    public T* At<T>(Slot slot)
        where T : unmanaged => (T*)(Arena + (slot.Offset * Pictures));

    /// <summary>A picture's values.</summary>
    /// <typeparam name="T">What they are.</typeparam>
    public T* At<T>(Slot slot, int picture)
        where T : unmanaged => (T*)(Arena + (slot.Offset * Pictures) + (slot.Bytes * picture));

    /// <summary>The same for a thread with working memory of its own.</summary>
    public Frame WithScratch(byte* scratch) => new(Arena, scratch, Input, Outputs, Pictures, Threads);
}
