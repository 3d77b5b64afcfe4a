using TorchSharp;

namespace EfficientNetSharp.Training.Torch;

/// <summary>
/// Numbers as arguments of libtorch's calls. A <see cref="Scalar"/> owns a native number, which its finalizer frees, and TorchSharp reads
/// that number's address without holding the object during the call. One that nothing else holds, as a conversion makes it in
/// <c>x.mul(2.0)</c>, may thus be freed by the finalizer's thread while libtorch reads it: the result is wrong at times, or the process
/// ends. Those of here are held until their call has long returned. A build rule (eng/BannedSymbols.Torch.txt) forbids the others.
/// </summary>
internal static class Scalars
{
    // A call takes three at most, and makes no others on its thread.
    private const int Held = 256;

    [ThreadStatic]
    private static Scalar[]? _latest;

    [ThreadStatic]
    private static int _next;

#pragma warning disable RS0030 // The conversions that are forbidden elsewhere: what they make is held here.
    public static Scalar MinusOne { get; } = -1L;

    public static Scalar Zero { get; } = 0L;

    public static Scalar One { get; } = 1L;

    public static Scalar Two { get; } = 2L;

    /// <summary>A real number, which makes integers real.</summary>
    /// <returns>Held until this thread has made 256 others; a field for longer use has to hold it itself.</returns>
    public static Scalar Of(double value) => Hold(value);

    /// <summary>An integer, which leaves integers what they are.</summary>
    /// <returns>Held until this thread has made 256 others; a field for longer use has to hold it itself.</returns>
    public static Scalar Of(long value) => Hold(value);
#pragma warning restore RS0030

    private static Scalar Hold(Scalar scalar)
    {
        var latest = _latest ??= new Scalar[Held];
        latest[_next] = scalar;
        _next = (_next + 1) % Held;
        return scalar;
    }
}
