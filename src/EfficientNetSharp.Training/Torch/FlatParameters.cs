using System.Collections.Immutable;
using System.Runtime.InteropServices;
using EfficientNetSharp.Graphs;
using EfficientNetSharp.Models;
using static TorchSharp.torch;

namespace EfficientNetSharp.Training.Torch;

/// <summary>
/// A network's tensors laid end to end in three long vectors: trained values, their gradients, and running statistics. Each
/// layer sees views. So an optimizer step, an average, a norm or an exchange between machines is one pass over one vector
/// instead of hundreds of small ones.
/// </summary>
/// <remarks>
/// Kernels come first, so that weight decay, which is for kernels only, is a prefix: values [0, <see cref="DecayedCount"/>).
/// </remarks>
internal sealed class FlatParameters : IDisposable
{
    private readonly ImmutableArray<(Parameter Parameter, long Offset)> _trained;
    private readonly ImmutableArray<(Parameter Parameter, long Offset)> _statistics;

    public FlatParameters(Graph graph, WeightSet weights)
    {
        var trained = graph.Parameters.Where(parameter => parameter.IsTrainable).OrderBy(parameter => parameter.IsKernel ? 0 : 1);
        _trained = Layout(trained, out long trainedCount);
        _statistics = Layout(graph.Parameters.Where(parameter => !parameter.IsTrainable), out long statisticsCount);
        DecayedCount = (int)_trained.Where(entry => entry.Parameter.IsKernel).Sum(entry => entry.Parameter.Count);
        Values = zeros(trainedCount);
        Gradients = zeros(trainedCount);
        Statistics = zeros(statisticsCount);
        Load(weights);
    }

    /// <summary>The trained values.</summary>
    public Tensor Values { get; }

    /// <summary>The gradients of <see cref="Values"/>; the backward pass adds to them.</summary>
    public Tensor Gradients { get; }

    /// <summary>Running means and variances.</summary>
    public Tensor Statistics { get; }

    /// <summary>How many of the values, from the first, are kernels.</summary>
    public int DecayedCount { get; }

    /// <summary>The trained parameters in the vector's order.</summary>
    public IEnumerable<(Parameter Parameter, long Offset)> Trained => _trained;

    /// <summary>The running statistics in the vector's order.</summary>
    public IEnumerable<(Parameter Parameter, long Offset)> StatisticEntries => _statistics;

    /// <summary>A vector's memory as a span; valid while the tensor lives.</summary>
    public static unsafe Span<float> SpanOf(Tensor vector) =>
        MemoryMarshal.Cast<byte, float>(vector.bytes);

    /// <summary>Copies weights in.</summary>
    public void Load(WeightSet weights)
    {
        Copy(_trained, SpanOf(Values), weights);
        Copy(_statistics, SpanOf(Statistics), weights);

        static void Copy(ImmutableArray<(Parameter Parameter, long Offset)> layout, Span<float> vector, WeightSet weights)
        {
            foreach (var (parameter, offset) in layout) weights[parameter].Values.CopyTo(vector[(int)offset..]);
        }
    }

    /// <summary>Copies weights out of two vectors in this layout: this network's own, or averages of them.</summary>
    public WeightSet Export(ReadOnlySpan<float> values, ReadOnlySpan<float> statistics)
    {
        var tensors = new Dictionary<string, WeightTensor>(StringComparer.Ordinal);
        Cut(_trained, values, tensors);
        Cut(_statistics, statistics, tensors);
        return new WeightSet(tensors);

        static void Cut(ImmutableArray<(Parameter Parameter, long Offset)> layout, ReadOnlySpan<float> vector, Dictionary<string, WeightTensor> tensors)
        {
            foreach (var (parameter, offset) in layout)
                tensors.Add(parameter.Name, new WeightTensor(parameter.Shape, vector.Slice((int)offset, (int)parameter.Count).ToArray()));
        }
    }

    /// <inheritdoc />
    public void Dispose()
    {
        Values.Dispose();
        Gradients.Dispose();
        Statistics.Dispose();
    }

    private static ImmutableArray<(Parameter Parameter, long Offset)> Layout(IEnumerable<Parameter> parameters, out long count)
    {
        var layout = ImmutableArray.CreateBuilder<(Parameter, long)>();
        count = 0;
        foreach (var parameter in parameters)
        {
            layout.Add((parameter, count));
            count += parameter.Count;
        }

        return layout.ToImmutable();
    }
}
