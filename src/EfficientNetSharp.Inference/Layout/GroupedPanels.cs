
namespace EfficientNetSharp.Inference.Layout;

/// <summary>
/// How a convolution in groups is computed as dense products: for each panel of two vectors of outputs the inputs of all the groups that
/// the panel touches, with zeros where an output does not see an input. Groups as wide as a panel waste nothing.
/// </summary>
/// <param name="Inputs">Input channels.</param>
/// <param name="Outputs">Output channels.</param>
/// <param name="Groups">Groups, which divide both.</param>
/// <param name="Window">The window.</param>
/// <param name="Lanes">Values in a vector.</param>
internal sealed record GroupedPanels(int Inputs, int Outputs, int Groups, Window Window, int Lanes)
{
    private int Width => 2 * Lanes;

    private int GroupInputs => Inputs / Groups;

    private int GroupOutputs => Outputs / Groups;

    /// <summary>Number of panels.</summary>
    public int Count => (Outputs + Width - 1) / Width;

    /// <summary>The input channels that a panel needs: the first, and how many.</summary>
    public (int First, int Count) InputsOf(int panel)
    {
        int firstGroup = panel * Width / GroupOutputs, lastGroup = (Math.Min((panel + 1) * Width, Outputs) - 1) / GroupOutputs;
        return (firstGroup * GroupInputs, (lastGroup + 1 - firstGroup) * GroupInputs);
    }

    /// <summary>Where a panel's packed weights begin; that of the panel after the last is the length of all.</summary>
    public long StartOf(int panel) => Enumerable.Range(0, panel).Sum(LengthOf);

    /// <summary>Packs [out, in / groups, kh, kw], panel after panel, each as <see cref="WeightPacking.PackMatrix"/> has it.</summary>
    public void Pack<T>(ReadOnlySpan<T> kernel, Span<T> packed)
        where T : unmanaged
    {
        for (int panel = 0; panel < Count; panel++)
        {
            int firstOutput = panel * Width, outputs = OutputsOf(panel), values = GroupInputs * Window.Taps;
            var (firstInput, inputs) = InputsOf(panel);
            var dense = new T[outputs * inputs * Window.Taps];
            for (int o = 0; o < outputs; o++)
            {
                int group = (firstOutput + o) / GroupOutputs, input = (group * GroupInputs) - firstInput;
                kernel.Slice((firstOutput + o) * values, values).CopyTo(dense.AsSpan(((o * inputs) + input) * Window.Taps));
            }

            var part = packed.Slice(checked((int)StartOf(panel)), checked((int)LengthOf(panel)));
            WeightPacking.PackMatrix<T>(dense, outputs, inputs, Window, planar: false, Lanes, part);
        }
    }

    private int OutputsOf(int panel) => Math.Min(Width, Outputs - (panel * Width));

    private long LengthOf(int panel) => WeightPacking.MatrixLength(OutputsOf(panel), InputsOf(panel).Count * Window.Taps, Lanes);
}
