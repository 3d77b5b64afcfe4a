using EfficientNetSharp.Architectures;
using EfficientNetSharp.Graphs;
using EfficientNetSharp.Models;
using EfficientNetSharp.Training.Optimizers;
using EfficientNetSharp.Training.Recipes;
using EfficientNetSharp.Training.Torch;
using TorchSharp;
using static TorchSharp.torch;
using F = TorchSharp.torch.nn.functional;

namespace EfficientNetSharp.Training;

/// <summary>A network in training: its tensors, its optimizer, its averages, and one step.</summary>
internal sealed class TrainingSession : IDisposable
{
    private readonly TrainingRecipe _recipe;
    private readonly GraphModule _module;
    private readonly IOptimizer _optimizer;
    private readonly ExponentialMovingAverage? _average;
    private readonly LearningRateSchedule _schedule;
    private readonly TensorShape _pictureShape;
    private readonly int _classes;

    public TrainingSession(TrainingJob job, int stepsPerEpoch)
    {
        _recipe = job.Recipe;
        _classes = job.Data.Train.Classes.Length;
        Graph = job.Architecture.Build(new BuildOptions
        {
            InputChannels = job.Preprocessing.Mean.Length,
            Height = job.Preprocessing.Height,
            Width = job.Preprocessing.Width,
            Classes = _classes,
            Dropout = _recipe.Dropout,
            StochasticDepth = _recipe.StochasticDepth,
        });
        _pictureShape = Graph.Input.Shape;
        _module = new GraphModule(Graph, WeightInitializer.Initialize(Graph, _recipe.Seed));
        int count = (int)_module.Parameters.Values.numel(), decayed = _module.Parameters.DecayedCount;
        _optimizer = _recipe.Optimizer switch
        {
            OptimizerKind.AdamW => new AdamW(count, decayed, _recipe.KernelDecay),
            OptimizerKind.SgdNesterov => new SgdNesterov(count, decayed, _recipe.KernelDecay),
            _ => throw new ArgumentException($"There is no optimizer {_recipe.Optimizer}.", nameof(job)),
        };
        if (_recipe.EmaDecay > 0) _average = new ExponentialMovingAverage(_recipe.EmaDecay, Values, Statistics);
        long total = (long)stepsPerEpoch * _recipe.Epochs;
        _schedule = new LearningRateSchedule(
            _recipe.PeakLearningRate, (long)Math.Min(_recipe.WarmUpEpochs * stepsPerEpoch, total / 5.0), total);
    }

    public Graph Graph { get; }

    private Span<float> Values => FlatParameters.SpanOf(_module.Parameters.Values);

    private Span<float> Statistics => FlatParameters.SpanOf(_module.Parameters.Statistics);

    public double LearningRateAt(long step) => _schedule.At(step);

    /// <summary>One step: forward, backward, update.</summary>
    /// <param name="pictures">[N,C,H,W].</param>
    /// <param name="labels">[N].</param>
    /// <param name="step">Number of the step over the whole run, from 0.</param>
    /// <returns>The mean loss, and how many pictures were right.</returns>
    public (double Loss, int Right) Step(ReadOnlySpan<float> pictures, ReadOnlySpan<int> labels, long step)
    {
        using var scope = NewDisposeScope();
        var input = empty(labels.Length, _pictureShape.Channels, _pictureShape.Height, _pictureShape.Width);
        pictures.CopyTo(FlatParameters.SpanOf(input));
        var targets = tensor(labels.ToArray(), ScalarType.Int64);
        _module.Parameters.Gradients.zero_();
        var logits = _module.Forward(input, new TrainingNoise(_recipe.Seed, step));
        var loss = F.cross_entropy(logits, targets, label_smoothing: _recipe.LabelSmoothing);
        double value = loss.ToSingle();
        // A step on a broken loss would spoil the weights, so it is looked at before.
        if (!double.IsFinite(value))
        {
            throw new InvalidInputException(
                $"The loss became {value} at step {step}: training diverged. The last checkpoint is kept; train again with a lower --learning-rate than {_recipe.PeakLearningRate:G3}.");
        }

        loss.backward();
        _optimizer.Step(Values, FlatParameters.SpanOf(_module.Parameters.Gradients), _schedule.At(step), step);
        _average?.Update(Values, Statistics, step);
        return (value, CountRight(FlatParameters.SpanOf(logits.contiguous()), labels));
    }

    /// <summary>The weights to judge and keep: the averages, where there are any.</summary>
    public WeightSet Export() => _average is null
        ? _module.Parameters.Export(Values, Statistics)
        : _module.Parameters.Export(_average.Values, _average.Statistics);

    /// <summary>Copies the run's vectors out, for a checkpoint.</summary>
    public Dictionary<string, ReadOnlyMemory<float>> CaptureVectors()
    {
        var vectors = new Dictionary<string, ReadOnlyMemory<float>>(StringComparer.Ordinal)
        {
            ["values"] = Values.ToArray(),
            ["statistics"] = Statistics.ToArray(),
        };
        foreach (var (name, state) in OwnVectors()) vectors.Add(name, state);
        return vectors;
    }

    /// <summary>Takes the vectors of a checkpoint in.</summary>
    /// <param name="load">Fills vectors by name and returns what it likes.</param>
    public RunState RestoreVectors(Func<IReadOnlyDictionary<string, Memory<float>>, RunState> load)
    {
        var values = new float[Values.Length];
        var statistics = new float[Statistics.Length];
        var vectors = OwnVectors().ToDictionary(pair => pair.Key, pair => pair.Value.AsMemory(), StringComparer.Ordinal);
        vectors.Add("values", values);
        vectors.Add("statistics", statistics);
        var state = load(vectors);
        values.CopyTo(Values);
        statistics.CopyTo(Statistics);
        return state;
    }

    /// <inheritdoc />
    public void Dispose() => _module.Dispose();

    private IEnumerable<KeyValuePair<string, float[]>> OwnVectors()
    {
        foreach (var (name, vector) in _optimizer.State) yield return new($"optimizer.{name}", vector);
        if (_average is null) yield break;
        yield return new("average.values", _average.Values);
        yield return new("average.statistics", _average.Statistics);
    }

    private int CountRight(ReadOnlySpan<float> logits, ReadOnlySpan<int> labels)
    {
        int right = 0;
        for (int i = 0; i < labels.Length; i++)
        {
            var row = logits.Slice(i * _classes, _classes);
            int best = 0;
            for (int c = 1; c < row.Length; c++)
            {
                if (row[c] > row[best]) best = c;
            }

            if (best == labels[i]) right++;
        }

        return right;
    }
}
