namespace EfficientNetSharp.Onnx.Recognition;

/// <summary>
/// Numbers networks by their structure: two layers get one number exactly where they and all before them are the same, so that
/// networks are compared by one number, and equal parts of unequal networks are known too.
/// </summary>
/// <param name="withFunctions">Whether functions of each value have to be the same.</param>
internal sealed class StructureTable(bool withFunctions)
{
    private readonly Dictionary<string, int> _numbers = new(StringComparer.Ordinal);

    /// <summary>The number of each layer.</summary>
    public int[] NumbersOf(CanonicalGraph graph)
    {
        var numbers = new int[graph.Layers.Length];
        for (int i = 0; i < numbers.Length; i++)
        {
            var layer = graph.Layers[i];
            var inputs = layer.Inputs.Select(input => numbers[input]);
            // A sum is the same whichever comes first.
            if (layer.Node.Operator is Graphs.Add) inputs = inputs.Order();
            string key = $"{layer.Signature(withFunctions)} < {string.Join(' ', inputs)}";
            if (!_numbers.TryGetValue(key, out numbers[i])) _numbers.Add(key, numbers[i] = _numbers.Count);
        }

        return numbers;
    }
}
