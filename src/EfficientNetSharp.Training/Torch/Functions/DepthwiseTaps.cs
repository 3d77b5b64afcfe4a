namespace EfficientNetSharp.Training.Torch.Functions;

/// <summary>One direction, rows or columns, of a convolution: which inputs and taps make up each output.</summary>
/// <remarks>
/// Outputs that take the same taps at the same distances from their first input share a pattern, so that a kernel sets its taps up
/// once for all of a row's inner pixels.
/// </remarks>
internal sealed class DepthwiseTaps
{
    private DepthwiseTaps(int[] origins, int[] patterns, (int Distance, int Tap)[][] lists)
    {
        (Origins, Patterns, Lists) = (origins, patterns, lists);
        Runs = [.. Enumerable.Range(0, lists.Length).SelectMany(RunsOf)];
    }

    /// <summary>For each output, the input that its pattern's distances count from.</summary>
    public int[] Origins { get; }

    /// <summary>For each output, its pattern.</summary>
    public int[] Patterns { get; }

    /// <summary>For each pattern, the inputs by their distance from the origin, and the taps that weigh them.</summary>
    public (int Distance, int Tap)[][] Lists { get; }

    /// <summary>All outputs as runs of one pattern: a first output, the step to the next, and how many.</summary>
    public (int Pattern, int First, int Step, int Count)[] Runs { get; }

    /// <summary>The way forwards: output i is Σ over taps k of input (i·stride + k − pad).</summary>
    public static DepthwiseTaps Forward(int inputs, int outputs, int kernel, int stride, int pad) => Make(outputs, output =>
        Enumerable.Range(0, kernel).Select(tap => (Input: (output * stride) + tap - pad, Tap: tap))
            .Where(entry => entry.Input >= 0 && entry.Input < inputs));

    /// <summary>The way back: the gradient of input i is Σ over taps k of that of the output j with j·stride + k − pad = i.</summary>
    public static DepthwiseTaps Backward(int inputs, int outputs, int kernel, int stride, int pad) => Make(inputs, input =>
        Enumerable.Range(0, kernel).Where(tap => (input + pad - tap) % stride == 0)
            .Select(tap => (Input: (input + pad - tap) / stride, Tap: tap)).Where(entry => entry.Input >= 0 && entry.Input < outputs));

    // Outputs of one pattern are evenly spaced, one by one or, on the way back, by the stride. Only those without taps need not be.
    private IEnumerable<(int Pattern, int First, int Step, int Count)> RunsOf(int pattern)
    {
        int[] outputs = [.. Enumerable.Range(0, Patterns.Length).Where(output => Patterns[output] == pattern)];
        int step = outputs.Length > 1 ? outputs[1] - outputs[0] : 1;
        bool even = true;
        for (int i = 1; i < outputs.Length; i++) even &= outputs[i] - outputs[i - 1] == step;
        return even ? [(pattern, outputs[0], step, outputs.Length)] : outputs.Select(output => (pattern, output, 1, 1));
    }

    private static DepthwiseTaps Make(int count, Func<int, IEnumerable<(int Input, int Tap)>> tapsOf)
    {
        var lists = new List<(int Distance, int Tap)[]>();
        int[] origins = new int[count], patterns = new int[count];
        for (int i = 0; i < count; i++)
        {
            (int Input, int Tap)[] taps = [.. tapsOf(i)];
            origins[i] = taps.Length == 0 ? 0 : taps[0].Input;
            (int Distance, int Tap)[] list = [.. taps.Select(entry => (entry.Input - origins[i], entry.Tap))];
            patterns[i] = lists.FindIndex(known => known.AsSpan().SequenceEqual(list));
            if (patterns[i] >= 0) continue;
            patterns[i] = lists.Count;
            lists.Add(list);
        }

        return new DepthwiseTaps(origins, patterns, [.. lists]);
    }
}
