namespace EfficientNetSharp.Fuzzing.Formats;

/// <summary>Readers that fail in every way that the harness is to notice: what it is tested with. Not among the formats.</summary>
internal static class Planted
{
    private static readonly Dictionary<string, Action<string>> Readers = new(StringComparer.Ordinal)
    {
        ["planted-exception"] = _ => throw new InvalidOperationException("planted"),
        ["planted-lines"] = _ => throw new InvalidInputException("This message has two\nlines."),
        ["planted-managed"] = _ => GC.KeepAlive(new byte[256 << 20]),
        ["planted-resident"] = _ => Touch(512 << 20),
        ["planted-hang"] = _ => { while (true) Thread.SpinWait(1000); },
        ["planted-crash"] = _ => Environment.FailFast("planted"),
        ["planted-good"] = _ => throw new InvalidInputException("This file is refused in one line."),
    };

    public static FuzzFormat? Find(string name) => !Readers.TryGetValue(name, out var read) ? null : new FuzzFormat
    {
        Name = name,
        Seeds = () => [Specimen.Of("seed", [1, 2, 3, 4, 5, 6, 7, 8])],
        Read = read,
        Limits = new Limits { Seconds = 1 },
    };

    // Memory that the garbage collector knows nothing of.
    private static unsafe void Touch(int bytes)
    {
        void* memory = System.Runtime.InteropServices.NativeMemory.Alloc((nuint)bytes);
        new Span<byte>(memory, bytes).Fill(1);
        System.Runtime.InteropServices.NativeMemory.Free(memory);
    }
}
