using EfficientNetSharp.Inference.Planning;

namespace EfficientNetSharp.Inference.Steps;

/// <summary>Where a run's memory is, for the steps.</summary>
internal readonly unsafe struct Frame
{
    public Frame(float* arena, float* scratch, float* input, float** outputs, int pictures, int threads)
    {
        Arena = arena;
        Scratch = scratch;
        Input = input;
        Outputs = outputs;
        (Pictures, Threads) = (pictures, threads);
    }

    public float* Arena { get; }

    /// <summary>Working memory of the thread that asks.</summary>
    public float* Scratch { get; }

    /// <summary>The pictures, [N,C,H,W].</summary>
    public float* Input { get; }

    /// <summary>Where each of the network's results goes.</summary>
    public float** Outputs { get; }

    public int Pictures { get; }

    public int Threads { get; }

    /// <summary>The first picture's values.</summary>
    public float* At(Slot slot) => Arena + (slot.Offset * Pictures);

    /// <summary>A picture's values.</summary>
    public float* At(Slot slot, int picture) => Arena + (slot.Offset * Pictures) + (slot.Length * picture);

    /// <summary>The same for a thread with working memory of its own.</summary>
    public Frame WithScratch(float* scratch) => new(Arena, scratch, Input, Outputs, Pictures, Threads);
}
