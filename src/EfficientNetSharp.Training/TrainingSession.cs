using System.Collections.Immutable;
using EfficientNetSharp.Architectures;
using EfficientNetSharp.Graphs;
using EfficientNetSharp.Models;
using EfficientNetSharp.Training.Averaging;
using EfficientNetSharp.Training.Distributed;
using EfficientNetSharp.Training.Diagnostics;
using EfficientNetSharp.Training.Gradients;
using EfficientNetSharp.Training.Optimizers;
using EfficientNetSharp.Training.Recipes;
using EfficientNetSharp.Training.Rounding;
using EfficientNetSharp.Training.Runs;
using EfficientNetSharp.Training.Schedules;
using EfficientNetSharp.Training.Steps;
using EfficientNetSharp.Training.Tasks;
using EfficientNetSharp.Training.Torch;
using EfficientNetSharp.Training.Torch.Functions;
using EfficientNetSharp.Training.Transfer;
using TorchSharp;
using static TorchSharp.torch;

namespace EfficientNetSharp.Training;

/// <summary>A network in training: its tensors, its optimizer, its averages, and one step.</summary>
internal sealed class TrainingSession : IDisposable
{
    // Names in checkpoints.
    private const string OptimizerPrefix = "optimizer.", AverageName = "average.values";

    private readonly TrainingJob _job;
    private readonly TaskContext _context;
    private readonly TrainingRecipe _recipe;
    private readonly ImmutableArray<TaskParameter> _taskParameters;
    private readonly NetworkRounding? _rounding;
    private readonly FlatParameters _parameters;
    private readonly SplitVectors _split;
    private readonly IOptimizer _optimizer;
    private readonly GradientClipper _clipper;
    private readonly ExponentialMovingAverage? _average;
    private readonly LearningRateSchedule _schedule;
    private readonly long _probeSteps;
    private readonly int _stepsPerEpoch;
    private Dictionary<string, float[]>? _restored;
    private EpochPlan? _plan;
    private Graph _trained;
    private GraphModule? _module;
    private GradientExchange? _exchange;
    private ParameterGroups _groups = new([]);
    private ParameterGroups _clipped = new([]);

    /// <summary>Lays the weights out; <see cref="Enter"/> makes the network ready for an epoch.</summary>
    /// <param name="job">What to train, and how.</param>
    /// <param name="stepsPerEpoch">Steps of an epoch.</param>
    public TrainingSession(TrainingJob job, int stepsPerEpoch)
    {
        _job = job;
        _context = job.Context;
        _recipe = job.Recipe;
        Graph = Build(job.Preprocessing, _recipe.Dropout);
        _trained = Graph;
        var weights = job.StartWeights ?? WeightInitializer.Initialize(Graph, _recipe.Seed);
        weights.EnsureFit(Graph);
        if (job.Quantization is { } plan) _rounding = new NetworkRounding(Graph, plan.For(Graph));
        _taskParameters = [.. job.Task.ParametersOf(_context, Graph), .. _rounding?.Parameters ?? []];
        var all = new WeightSet(weights.Concat(_taskParameters.Select(extra => KeyValuePair.Create(extra.Parameter.Name, extra.Initial))));
        _parameters = new FlatParameters(
            Graph, all, TrainingDevice.Find(job.Device), view: _rounding is null ? null : new RoundedKernels(_rounding),
            split: [.. _taskParameters.Where(extra => extra.IsSplit).Select(extra => extra.Parameter.Name)],
            extra: [.. _taskParameters.Select(extra => extra.Parameter)]);
        _split = new SplitVectors(Group, _parameters.SharedCount, Values.Length - _parameters.SharedCount);
        _optimizer = OptimizerFactory.Create(_recipe.Optimizer, Values.Length, _recipe.Momentum, _recipe.OptimizerEpsilon);
        _clipper = new GradientClipper(_recipe.Clipping);
        if (_recipe.EmaDecay > 0) _average = new ExponentialMovingAverage(_recipe.EmaDecay, Values, Statistics);
        _schedule = new LearningRateSchedule(_recipe.Schedule, _recipe.PeakLearningRate, stepsPerEpoch, _recipe.Epochs);
        _stepsPerEpoch = Math.Max(1, stepsPerEpoch);
        _probeSteps = (long)_recipe.ProbeEpochs * stepsPerEpoch;
    }

    /// <summary>The network at the size that it is judged and kept at.</summary>
    public Graph Graph { get; }

    /// <summary>The gradients of the last step; after <see cref="RunPasses"/> those of this process's images.</summary>
    public Span<float> Gradients => TensorMemory.SpanOf(_parameters.Gradients);

    /// <summary>Whether each process trains something that the others do not.</summary>
    public bool IsSplit => Group.Size > 1 && _split.Length > _parameters.SharedCount;

    private IProcessGroup Group => _job.Group;

    private Span<float> Values => TensorMemory.SpanOf(_parameters.Values);

    private Span<float> Statistics => TensorMemory.SpanOf(_parameters.Statistics);

    private GraphModule Module => _module ?? throw new InvalidOperationException("Enter an epoch before a step.");

    /// <summary>The learning rate of a step, counted from 0 over the whole run.</summary>
    public double LearningRateAt(long step) => step < _probeSteps
        ? _recipe.ProbeLearningRate ?? _recipe.PeakLearningRate
        : _schedule.At(step - _probeSteps);

    /// <summary>Makes the network ready for an epoch.</summary>
    public void Enter(EpochPlan plan)
    {
        if (plan == _plan) return;
        _module?.Dispose();
        _trained = Build(plan.Input, plan.Dropout);
        var frozen = (plan.IsProbe ? FreezeRule.AllButClassifier : FreezeRule.Parse(_recipe.Freeze)).NodesOf(_trained);
        _module = new GraphModule(_trained, _parameters, new ModuleOptions
        {
            Precision = _recipe.Precision, Frozen = frozen, Rounding = _rounding, FixedStatistics = _recipe.FixedStatistics,
            Synchronised = Group.Size > 1 && _recipe.BatchNorm == BatchNormScope.Synchronised ? Group : null,
        });
        _exchange = Group.Size > 1 ? new GradientExchange(Group, _parameters, _trained) : null;
        _groups = ParameterLayout.Without(
            _parameters, ParameterLayout.GroupsOf(_parameters, _trained, _recipe, frozen, _taskParameters), _job.Task.FixedParameters(_context));
        _clipped = ParameterLayout.WithoutClassifier(_parameters, _trained, _groups);
        _plan = plan;
    }

    /// <summary>One step: passes forwards and backwards, then the update.</summary>
    /// <param name="batch">What to learn from: this process's part of the step's batch.</param>
    /// <param name="share">That part and the others'.</param>
    /// <param name="step">Number of the step over the whole run, from 0.</param>
    /// <returns>Loss and measure of the whole batch.</returns>
    /// <exception cref="InvalidInputException">Training diverged; the weights are as they were before the step.</exception>
    public StepResult Step(in TrainingBatch batch, BatchShare share, long step)
    {
        var (loss, measure) = RunPasses(batch, share, step);
        _exchange?.Finish();
        double norm = Update(step);
        double[] sums = [loss, measure];
        Group.AllReduceSum(sums.AsSpan());
        return new StepResult(sums[0], sums[1], norm);
    }

    /// <summary>Computes the gradients of a batch, part by part.</summary>
    /// <returns>This process's part of the whole batch's mean loss, and the sum of the task's measure over its images.</returns>
    public (double Loss, double MeasureSum) RunPasses(in TrainingBatch batch, BatchShare share, long step)
    {
        _parameters.LayerGradients.zero_();
        // A part needs two images, or batch normalisation has nothing to measure; all processes make the same number of parts.
        int parts = Math.Clamp(share.Min / 2, 1, _recipe.Accumulation);
        double loss = 0;
        double measure = 0;
        for (int part = 0; part < parts; part++)
        {
            int first = batch.Count * part / parts, next = batch.Count * (part + 1) / parts;
            var rows = batch.Part(first, next - first);
            var noise = new TrainingNoise(_recipe.Seed, step, first) { Rows = rows.Rows.ToArray() };
            var (partLoss, partMeasure) = RunPass(rows, noise, (double)(next - first) / share.Total, isLast: part == parts - 1);
            loss += partLoss;
            measure += partMeasure;
        }

        _parameters.Fetch();
        return (loss, measure);
    }

    /// <summary>Moves the weights by the gradients.</summary>
    /// <returns>The gradients' Euclidean length before clipping.</returns>
    public double Update(long step)
    {
        double norm = NormOfGradients();
        // A step on broken gradients would spoil the weights for good, so they are looked at before.
        if (!double.IsFinite(norm))
            throw Diverged(
                $"The gradients are not finite at step {step}, first in '{NonFiniteSearch.InGradients(_parameters, _trained) ?? "their sum"}'");
        _clipper.Apply(Gradients, Values, _clipped, norm);
        _optimizer.Step(Values, Gradients, _groups, LearningRateAt(step), step);
        _parameters.Push();
        _average?.Update(Values, Statistics, step);
        return norm;
    }

    /// <summary>The network to judge and keep: of averaged weights, where there are any, and of integers, where it learned to be.</summary>
    public TrainedNetwork Export()
    {
        Span<float> values = _average is null ? Values : _average.Values, statistics = _average is null ? Statistics : _average.Statistics;
        var weights = _parameters.Export(values, statistics);
        if (_rounding is null) return new TrainedNetwork(Graph, weights);
        var graph = Graph.WithQuantization(_rounding.PlanOf(
            Extra(NetworkRounding.ValueScales, values), Extra(NetworkRounding.KernelScales, values)));
        return new TrainedNetwork(graph, IntegerWeights.Round(graph, weights));
    }

    /// <summary>Makes the running statistics of all processes one, where each has its own; before they are judged or kept.</summary>
    public void JoinStatistics()
    {
        if (Group.Size == 1 || _recipe.BatchNorm == BatchNormScope.Synchronised) return;
        Average(Statistics);
        if (_average is not null) Average(_average.Statistics);
        _parameters.Push();

        void Average(Span<float> statistics)
        {
            Group.AllReduceSum(statistics);
            FlatVectors.Scale(statistics, 1f / Group.Size);
        }
    }

    /// <summary>After a checkpoint was read, or none was: gives all processes the vectors of the first, and their parts of what is split.</summary>
    public void Spread()
    {
        double[] isRestored = [_restored is null ? 0 : 1];
        Group.AllReduceSum(isRestored.AsSpan());
        foreach (string name in VectorNames) _split.Spread(_restored?[name], isRestored[0] > 0, VectorOf(name));
        _restored = null;
        Group.Broadcast(Statistics);
        if (_average is not null) Group.Broadcast(_average.Statistics.AsSpan());
        _parameters.Push();
    }

    /// <summary>Copies the run's vectors out, for a checkpoint: whole ones on the first process. Where <see cref="IsSplit"/>, all call it.</summary>
    public Dictionary<string, ReadOnlyMemory<float>> CaptureVectors()
    {
        var vectors = new Dictionary<string, ReadOnlyMemory<float>>(StringComparer.Ordinal) { ["statistics"] = Statistics.ToArray() };
        if (_average is not null) vectors.Add("average.statistics", _average.Statistics);
        foreach (string name in VectorNames) vectors.Add(name, _split.Join(VectorOf(name)));
        return vectors;
    }

    /// <summary>Takes the vectors of a checkpoint in; <see cref="Spread"/> puts them where they belong.</summary>
    /// <param name="load">Fills vectors by name and returns what it likes.</param>
    public RunState RestoreVectors(Func<IReadOnlyDictionary<string, Memory<float>>, RunState> load)
    {
        _restored = VectorNames.ToDictionary(name => name, _ => new float[_split.Length], StringComparer.Ordinal);
        var statistics = new float[Statistics.Length];
        var vectors = _restored.ToDictionary(entry => entry.Key, entry => entry.Value.AsMemory(), StringComparer.Ordinal);
        vectors.Add("statistics", statistics);
        if (_average is not null) vectors.Add("average.statistics", _average.Statistics);
        var state = load(vectors);
        statistics.CopyTo(Statistics);
        return state;
    }

    /// <inheritdoc />
    public void Dispose()
    {
        _module?.Dispose();
        _parameters.Dispose();
    }

    private Graph Build(Preprocessing input, double? dropout) => _job.Task.BuildGraph(_context, new BuildOptions
    {
        InputChannels = input.Mean.Length,
        Height = input.Height,
        Width = input.Width,
        Dropout = dropout,
        StochasticDepth = _recipe.StochasticDepth,
    });

    // One part of a batch: its gradients are added to the vector, weighted by its share of the batch.
    private (double Loss, double MeasureSum) RunPass(in TrainingBatch part, TrainingNoise noise, double share, bool isLast)
    {
        using var scope = NewDisposeScope();
        var shape = _trained.Input.Shape;
        var images = empty(part.Count, shape.Channels, shape.Height, shape.Width);
        part.Images.CopyTo(TensorMemory.SpanOf(images));
        using var pass = Module.Train(images, noise);
        var (loss, measure) = _job.Task.Loss(new LossInput
        {
            Context = _context, Output = pass.Output, Batch = part, Input = _plan!.Input, Parameters = Module.Tensors, Step = noise.Step,
            Group = Group,
            Epoch = Math.Max(0.0, noise.Step - _probeSteps) / _stepsPerEpoch,
        });
        double value = loss.Number();
        if (!double.IsFinite(value))
        {
            string? culprit = NonFiniteSearch.InOutputs(Module, _trained, images, noise);
            throw Diverged(
                $"The loss became {value} at step {noise.Step}, {(culprit is null ? "though all layers' outputs are finite" : $"the first output that is not finite being that of '{culprit}'")}");
        }

        (share < 1 ? loss.Times(share) : loss).backward();
        // Where the layers compute elsewhere, gradients come to the host only when all are done.
        if (isLast && _exchange is not null && !_parameters.IsMirrored) pass.NodeDone = _exchange.NodeDone;
        pass.Backward();
        return (value * share, measure);
    }

    private InvalidInputException Diverged(string what) => new(FormattableString.Invariant(
        $"{what}: training diverged. The last checkpoint is kept; train again with a lower --learning-rate than {NumberText.Rounded(_recipe.PeakLearningRate)}, or limit gradients by --clip-norm 1."))
    {
        IsDivergence = true,
    };

    // The length of all gradients, of which those of what is split lie with the other processes.
    private double NormOfGradients()
    {
        if (!IsSplit) return FlatVectors.Norm(Gradients);
        double shared = FlatVectors.Norm(Gradients[.._parameters.SharedCount]), own = FlatVectors.Norm(Gradients[_parameters.SharedCount..]);
        double[] square = [own * own];
        Group.AllReduceSum(square.AsSpan());
        return Math.Sqrt((shared * shared) + square[0]);
    }

    private ReadOnlySpan<float> Extra(string name, ReadOnlySpan<float> values)
    {
        foreach (var (parameter, offset) in _parameters.Trained)
        {
            if (parameter.Name == name) return values.Slice((int)offset, (int)parameter.Count);
        }

        return [];
    }

    // The vectors that are as long as the trained values.
    private IEnumerable<string> VectorNames => _optimizer.State.Keys.Select(name => OptimizerPrefix + name)
        .Prepend("values").Concat(_average is null ? [] : [AverageName]);

    private Span<float> VectorOf(string name) =>
        name == "values" ? Values : name == AverageName ? _average!.Values : _optimizer.State[name[OptimizerPrefix.Length..]];
}
