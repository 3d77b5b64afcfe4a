using System.Collections.Immutable;
using EfficientNetSharp.Graphs;
using EfficientNetSharp.Graphs.Transforms;
using EfficientNetSharp.Models;
using EfficientNetSharp.Training.Torch;
using EfficientNetSharp.Training.Transfer;

namespace EfficientNetSharp.Training.Distillation;

/// <summary>
/// A trained network that another learns from. It sees the same augmented images as its student (Beyer et al. 2022 found that this
/// matters), brought from the student's mean and deviation to its own.
/// </summary>
public sealed class Teacher : IDisposable
{
    private readonly Func<int, int, IModelRunner> _makeRunner;
    private readonly ModelCard _card;
    private IModelRunner? _runner;

    /// <summary>Takes a network that can be made for any input size.</summary>
    /// <param name="card">Its classes and preprocessing.</param>
    /// <param name="makeRunner">Makes a runner for rows and columns; the teacher disposes it.</param>
    /// <param name="identity">Names the teacher: a run goes on only with the same. Empty where all are taken for the same.</param>
    public Teacher(ModelCard card, Func<int, int, IModelRunner> makeRunner, string identity = "") =>
        (_card, _makeRunner, Identity) = (card, makeRunner, identity);

    /// <summary>Names the teacher: a run goes on only with the same.</summary>
    public string Identity { get; }

    /// <summary>What its students' cards say of it; <see langword="null"/> for nothing.</summary>
    public ModelOrigin? Origin { get; init; }

    /// <summary>A teacher of a model, run by libtorch.</summary>
    /// <param name="model">The model.</param>
    /// <param name="path">The file that it was read from; <see langword="null"/> for none.</param>
    /// <param name="forEmbeddings">Whether embeddings are wanted of it: a classifier's last layer is left out.</param>
    /// <exception cref="InvalidInputException">The file cannot be read.</exception>
    public static Teacher Of(Model model, string? path = null, bool forEmbeddings = false)
    {
        ArgumentNullException.ThrowIfNull(model);
        return new Teacher(model.Card, Runner, WeightFingerprint.Of(model.Weights))
        {
            Origin = ModelOrigin.Of(model, path),
        };

        IModelRunner Runner(int height, int width)
        {
            var graph = model.BuildGraph(height, width);
            bool isClassifier = graph.Nodes.Any(node => node.Role == NodeRole.Classifier);
            return new TorchRunner(forEmbeddings && isClassifier ? graph.Pooled() : graph, model.Weights);
        }
    }

    /// <summary>What the teacher thinks of a batch.</summary>
    /// <param name="images">[N,C,H,W], normalised for the student.</param>
    /// <param name="count">N.</param>
    /// <param name="student">The student's preprocessing, for the batch's size and statistics.</param>
    /// <param name="classes">The student's classes.</param>
    /// <returns>Logits [N,K] in the order of the student's classes.</returns>
    /// <exception cref="InvalidInputException">The teacher lacks a class or takes other channels.</exception>
    public float[] Logits(ReadOnlySpan<float> images, int count, Preprocessing student, ImmutableArray<string> classes)
    {
        ArgumentNullException.ThrowIfNull(student);
        int[] columns = ColumnsOf(classes);
        var runner = RunnerFor(student);
        float[] input = Renormalized(images, student);
        var rows = new float[count * _card.Classes.Length];
        runner.Run(input, count, rows);
        var logits = new float[count * classes.Length];
        for (int i = 0; i < count; i++)
        {
            for (int k = 0; k < columns.Length; k++) logits[(i * columns.Length) + k] = rows[(i * _card.Classes.Length) + columns[k]];
        }

        return logits;
    }

    /// <summary>The teacher's embeddings of a batch: what it yields, of a classifier what its last layer takes.</summary>
    /// <param name="images">[N,C,H,W], normalised for the student.</param>
    /// <param name="count">N.</param>
    /// <param name="student">The student's preprocessing, for the batch's size and statistics.</param>
    /// <returns>[N,D].</returns>
    public float[] Embeddings(ReadOnlySpan<float> images, int count, Preprocessing student)
    {
        ArgumentNullException.ThrowIfNull(student);
        var runner = RunnerFor(student);
        var rows = new float[count * runner.OutputShape.Count];
        runner.Run(Renormalized(images, student), count, rows);
        return rows;
    }

    /// <summary>Checks that a student can learn the teacher's embeddings.</summary>
    /// <param name="student">The student's preprocessing.</param>
    /// <param name="features">Length of the student's embedding.</param>
    /// <exception cref="InvalidInputException">The teacher's embedding has another length, or it takes other images.</exception>
    public void CheckEmbedding(Preprocessing student, int features)
    {
        ArgumentNullException.ThrowIfNull(student);
        CheckChannels(student);
        long own;
        try
        {
            own = RunnerFor(student).OutputShape.Count;
        }
        catch (Exception e) when (e is InvalidInputException or ArgumentException)
        {
            throw new InvalidInputException(
                $"The teacher takes images of {_card.Preprocessing.Width}×{_card.Preprocessing.Height} pixels and cannot be run at the " +
                $"student's {student.Width}×{student.Height}; train at the teacher's size.", e);
        }

        if (own != features)
        {
            throw new InvalidInputException(
                $"The teacher's embedding has {own} features, the student's {features}; name a network of as many, as in efficientnet_b0:head=gdc,features={own}.");
        }
    }

    /// <summary>Checks that the teacher can teach a student.</summary>
    /// <exception cref="InvalidInputException">The teacher lacks a class or takes other channels.</exception>
    public void Check(Preprocessing student, ImmutableArray<string> classes)
    {
        ArgumentNullException.ThrowIfNull(student);
        ColumnsOf(classes);
        CheckChannels(student);
    }

    private void CheckChannels(Preprocessing student)
    {
        if (_card.Preprocessing.Mean.Length != student.Mean.Length || _card.Preprocessing.Channels != student.Channels)
            throw new InvalidInputException(
                "The teacher's input channels are not the student's; name a teacher that takes the same channels in the same order.");
    }

    /// <inheritdoc />
    public void Dispose() => _runner?.Dispose();

    private IModelRunner RunnerFor(Preprocessing student)
    {
        if (_runner is not null && _runner.InputShape.Height == student.Height && _runner.InputShape.Width == student.Width) return _runner;
        _runner?.Dispose();
        _runner = null;
        return _runner = _makeRunner(student.Height, student.Width);
    }

    private int[] ColumnsOf(ImmutableArray<string> classes)
    {
        var places = new ClassPlaces(_card.ListClasses());
        return [.. classes.Select(name => places.Find(name) ?? throw new InvalidInputException(
            $"The teacher has {NumberText.Counted(_card.Classes.Length, "class", "classes")}, and '{name}' is none of them; name a teacher trained on the same classes."))];
    }

    private float[] Renormalized(ReadOnlySpan<float> images, Preprocessing student)
    {
        var own = _card.Preprocessing;
        float[] result = images.ToArray();
        int channels = student.Mean.Length, map = student.Height * student.Width;
        for (int plane = 0; plane < result.Length / map; plane++)
        {
            int c = plane % channels;
            if (own.Mean[c] == student.Mean[c] && own.StandardDeviation[c] == student.StandardDeviation[c]) continue;
            float scale = student.StandardDeviation[c] / own.StandardDeviation[c],
                shift = (student.Mean[c] - own.Mean[c]) / own.StandardDeviation[c];
            foreach (ref float value in result.AsSpan(plane * map, map)) value = (value * scale) + shift;
        }

        return result;
    }
}
