using System.Collections.Immutable;
using EfficientNetSharp.Graphs;
using EfficientNetSharp.Models;
using EfficientNetSharp.Training.Torch.Functions;
using TorchSharp;
using static TorchSharp.torch;

namespace EfficientNetSharp.Training.Torch;

/// <summary>
/// A network's tensors, and those trained beside it, laid end to end in three long vectors: trained values, their gradients, and running
/// statistics. Each layer sees views. So an optimizer step, an average, a norm or an exchange between machines is one pass over one vector
/// instead of hundreds of small ones.
/// </summary>
/// <remarks>
/// <para>
/// Kernels come first, then biases and slopes, then scales and shifts of normalisations, so that each rule of weight decay
/// (kernels only, or all but normalisations) is one stretch.
/// </para>
/// <para>
/// Optimizers work on the host. On the processor the host's vectors are those that the layers see. On another device the layers
/// see vectors there, and copies carry values over once a step; so too where layers see something else (<see cref="ILayerView"/>).
/// </para>
/// </remarks>
internal sealed class FlatParameters : IDisposable
{
    // After the places that Place gives.
    private const int SplitPlace = 3;

    private readonly ImmutableArray<(Parameter Parameter, long Offset)> _trained;
    private readonly ImmutableArray<(Parameter Parameter, long Offset)> _statistics;
    private readonly ImmutableHashSet<string> _extra;
    private readonly bool _mirrored;
    private readonly ILayerView? _view;

    /// <summary>Lays a network's weights out.</summary>
    /// <param name="graph">The network.</param>
    /// <param name="weights">Its weights, copied.</param>
    /// <param name="device">Where the layers compute; the processor where <see langword="null"/>.</param>
    /// <param name="mirrored">Whether the layers see copies even on the processor, as they do on other devices.</param>
    /// <param name="view">What the layers see in place of the values; <see langword="null"/> for the values themselves.</param>
    /// <param name="split">Which of <paramref name="extra"/> this process alone trains; they come last. <see langword="null"/> for none.</param>
    /// <param name="extra">What is trained and kept beside the network; <paramref name="weights"/> has its values too.</param>
    public FlatParameters(Graph graph, WeightSet weights, Device? device = null, bool mirrored = false,
        ILayerView? view = null, ImmutableHashSet<string>? split = null, params ImmutableArray<Parameter> extra)
    {
        TorchRuntime.Prepare();
        Device = device ?? CPU;
        _view = view;
        _mirrored = mirrored || view is not null || Device.type != DeviceType.CPU;
        _extra = [.. extra.Select(parameter => parameter.Name)];
        var all = graph.Parameters.Concat(extra);
        bool IsSplit(Parameter parameter) => split?.Contains(parameter.Name) == true;
        _trained = Layout(
            all.Where(parameter => parameter.IsTrainable).OrderBy(parameter => IsSplit(parameter) ? SplitPlace : Place(parameter)), out long trainedCount);
        SharedCount = (int)_trained.Where(entry => !IsSplit(entry.Parameter)).Sum(entry => entry.Parameter.Count);
        _statistics = Layout(all.Where(parameter => !parameter.IsTrainable), out long statisticsCount);
        Values = zeros(trainedCount);
        Gradients = zeros(trainedCount);
        Statistics = zeros(statisticsCount);
        LayerValues = _mirrored ? zeros(trainedCount, device: Device) : Values;
        LayerGradients = _mirrored ? zeros(trainedCount, device: Device) : Gradients;
        LayerStatistics = _mirrored ? zeros(statisticsCount, device: Device) : Statistics;
        view?.Place(_trained);
        Load(weights);
    }

    /// <summary>Where the layers compute.</summary>
    public Device Device { get; }

    /// <summary>Whether the layers see copies of the host's vectors.</summary>
    public bool IsMirrored => _mirrored;

    /// <summary>The trained values, on the host.</summary>
    public Tensor Values { get; }

    /// <summary>How many of <see cref="Values"/>, from the first, all processes have and train together.</summary>
    public int SharedCount { get; }

    /// <summary>The gradients of <see cref="Values"/>, on the host.</summary>
    public Tensor Gradients { get; }

    /// <summary>Running means and variances, on the host.</summary>
    public Tensor Statistics { get; }

    /// <summary>The trained values that the layers see.</summary>
    public Tensor LayerValues { get; }

    /// <summary>The gradients that the backward pass adds to.</summary>
    public Tensor LayerGradients { get; }

    /// <summary>The running statistics that the layers see and renew.</summary>
    public Tensor LayerStatistics { get; }

    /// <summary>The trained parameters in the vector's order.</summary>
    public IEnumerable<(Parameter Parameter, long Offset)> Trained => _trained;

    /// <summary>The running statistics in the vector's order.</summary>
    public IEnumerable<(Parameter Parameter, long Offset)> StatisticEntries => _statistics;

    /// <summary>Brings what the passes left on the device to the host: gradients and running statistics.</summary>
    public void Fetch()
    {
        if (!_mirrored) return;
        Gradients.copy_(LayerGradients);
        Statistics.copy_(LayerStatistics);
        _view?.TakeBack(TensorMemory.SpanOf(Values), TensorMemory.SpanOf(Gradients));
    }

    /// <summary>Brings the host's values and statistics to the layers.</summary>
    public void Push()
    {
        if (!_mirrored) return;
        using var silent = no_grad();
        if (_view is null) LayerValues.copy_(Values);
        else Show(_view);
        LayerStatistics.copy_(Statistics);
    }

    private void Show(ILayerView view)
    {
        using var shown = Values.clone();
        view.Show(TensorMemory.SpanOf(Values), TensorMemory.SpanOf(shown));
        LayerValues.copy_(shown);
    }

    /// <summary>Copies weights in.</summary>
    public void Load(WeightSet weights)
    {
        Copy(_trained, TensorMemory.SpanOf(Values), weights);
        Copy(_statistics, TensorMemory.SpanOf(Statistics), weights);
        Push();

        static void Copy(ImmutableArray<(Parameter Parameter, long Offset)> layout, Span<float> vector, WeightSet weights)
        {
            foreach (var (parameter, offset) in layout) weights[parameter].Values.CopyTo(vector[(int)offset..]);
        }
    }

    /// <summary>Copies the network's weights out of two vectors in this layout: its own, or averages of them.</summary>
    public WeightSet Export(ReadOnlySpan<float> values, ReadOnlySpan<float> statistics)
    {
        var tensors = new Dictionary<string, WeightTensor>(StringComparer.Ordinal);
        Cut(_trained, values);
        Cut(_statistics, statistics);
        return new WeightSet(tensors);

        void Cut(ImmutableArray<(Parameter Parameter, long Offset)> layout, ReadOnlySpan<float> vector)
        {
            foreach (var (parameter, offset) in layout.Where(entry => !_extra.Contains(entry.Parameter.Name)))
                tensors.Add(parameter.Name, new WeightTensor(parameter.Shape, vector.Slice((int)offset, (int)parameter.Count).ToArray()));
        }
    }

    /// <inheritdoc />
    public void Dispose()
    {
        foreach (var tensor in new[] { Values, Gradients, Statistics }) tensor.Dispose();
        if (!_mirrored) return;
        foreach (var tensor in new[] { LayerValues, LayerGradients, LayerStatistics }) tensor.Dispose();
    }

    private static int Place(Parameter parameter) => parameter switch
    {
        { IsKernel: true } => 0,
        { Role: ParameterRole.Bias or ParameterRole.Slope } => 1,
        _ => 2,
    };

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
