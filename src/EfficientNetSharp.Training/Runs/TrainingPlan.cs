using EfficientNetSharp.Architectures;
using EfficientNetSharp.Arrays;
using EfficientNetSharp.Data;
using EfficientNetSharp.Data.Formats;
using EfficientNetSharp.Data.Pairs;
using EfficientNetSharp.Models;
using EfficientNetSharp.Running;
using EfficientNetSharp.Training.Distillation;
using EfficientNetSharp.Training.Distributed;
using EfficientNetSharp.Training.Recipes;
using EfficientNetSharp.Training.Tasks;
using EfficientNetSharp.Training.Torch;
using EfficientNetSharp.Training.Transfer;

namespace EfficientNetSharp.Training.Runs;

/// <summary>A training by names of files and folders: as somebody asks for it, or as an earlier run was, to do it again.</summary>
public sealed record TrainingPlan
{
    /// <summary>The data's folder.</summary>
    public required string Data { get; init; }

    /// <summary>
    /// Share of each class set aside for validation where the data have no part of their own for it and are not judged by folds
    /// (<see cref="ProbeOptions"/>).
    /// </summary>
    public required double ValidationFraction { get; init; }

    /// <summary>Share of each class of the training part set aside to choose the best epoch by; 0, the default, for none.</summary>
    public double Minival { get; init; }

    /// <summary>The network.</summary>
    public required NetworkDefinition Network { get; init; }

    /// <summary>What is done to images.</summary>
    public required Preprocessing Preprocessing { get; init; }

    /// <summary>How to train.</summary>
    public required TrainingRecipe Recipe { get; init; }

    /// <summary>The name of the recipe that <see cref="Recipe"/> began as; <see langword="null"/> for none.</summary>
    public string? RecipeName { get; init; }

    /// <summary>The file of the model to start from; <see langword="null"/> for drawn weights.</summary>
    public string? From { get; init; }

    /// <summary>That model.</summary>
    public Model? Start { get; init; }

    /// <summary>The file of the network to learn from; <see langword="null"/> for none.</summary>
    public string? Teacher { get; init; }

    /// <summary>
    /// A file of pairs of images that judge an embedding instead of identities held out (<see cref="VerificationPairs.Open"/>);
    /// <see langword="null"/> for none.
    /// </summary>
    public string? Pairs { get; init; }

    /// <summary>Threads that libtorch computes with; 0, the default, for as many as the machine's processes can share.</summary>
    public int Threads { get; init; }

    /// <summary>Where to compute; default <c>cpu</c>.</summary>
    public string Device { get; init; } = "cpu";

    /// <summary>What reads features and judges held-out images; see <see cref="TrainingJob.Inference"/>.</summary>
    public IBackend? Inference { get; init; }

    /// <summary>The fingerprint that the training images must have; <see langword="null"/>, the default, for any.</summary>
    public string? DataFingerprint { get; init; }

    /// <summary>The plan of a run that was made, so that it can be done again with the same result.</summary>
    /// <param name="folder">The run's folder.</param>
    /// <param name="read">Reads a file as a model; is given the network that the run had, for files that do not say theirs.</param>
    /// <exception cref="InvalidInputException">The folder holds no run, or a file that it started from is another now.</exception>
    public static TrainingPlan OfRun(string folder, Func<string, Architecture?, Model> read)
    {
        ArgumentNullException.ThrowIfNull(read);
        var run = new RunFolder(folder);
        var before = run.ReadDescription();
        RequireThere(before.Data, "data");
        if (before.Pairs is not null) RequireThere(before.Pairs, "pairs");
        if (before.From is not null) RequireThere(before.From.Path, "weights that it started from");
        if (before.Teacher is not null) RequireThere(before.Teacher.Path, "teacher");
        foreach (var source in new[] { before.From, before.Teacher }.OfType<SourceFile>())
        {
            if (SourceFile.Of(source.Path).Sha256 == source.Sha256) continue;
            throw new InvalidInputException($"'{source.Path}' is not the file that the run started from; bring that back, or train anew.");
        }

        return new TrainingPlan
        {
            Data = before.Data,
            ValidationFraction = before.ValidationFraction,
            Minival = before.Minival,
            Network = before.Network,
            Preprocessing = before.Card.Preprocessing,
            Recipe = RecipeLibrary.Read(run.Recipe),
            RecipeName = before.RecipeName,
            From = before.From?.Path,
            Start = before.From is null ? null : read(before.From.Path, before.Network.Architecture),
            Teacher = before.Teacher?.Path,
            Pairs = before.Pairs,
            Threads = before.Threads,
            Device = before.Device,
            DataFingerprint = before.DataFingerprint,
        };
    }

    private static void RequireThere(string path, string what)
    {
        if (Path.Exists(path)) return;
        throw new InvalidInputException(
            $"The run's {what} are expected at '{path}', or where they lay as seen from the run's folder; nothing is there. " +
            "Bring them back, or train anew.");
    }

    /// <summary>Opens the data, reads the teacher, and sets libtorch's threads.</summary>
    /// <param name="folder">The new run's folder; <see langword="null"/> for a run in memory.</param>
    /// <param name="group">The processes that train together.</param>
    /// <param name="read">Reads a file as a model, as for <see cref="OfRun"/>.</param>
    /// <exception cref="InvalidInputException">Data or teacher cannot be used, or the images are not those of the fingerprint.</exception>
    public PreparedTraining Prepare(string? folder, IProcessGroup group, Func<string, Architecture?, Model> read)
    {
        ArgumentNullException.ThrowIfNull(group);
        ArgumentNullException.ThrowIfNull(read);
        bool isEmbedding = Recipe.Task == TaskKind.Embedding;
        var splits = Datasets.OpenForTraining(Data, new DatasetOptions
        {
            ValidationFraction = ValidationFraction, MinivalFraction = Minival, Seed = Recipe.Seed, HoldsOutClasses = isEmbedding,
        });
        string fingerprint = DatasetFingerprint.Of(splits.Train);
        if (DataFingerprint is not null && DataFingerprint != fingerprint)
        {
            throw new InvalidInputException(
                $"The images in '{Data}' are not those that the run was trained on; bring them back, or train anew.");
        }

        TorchRuntime.Prepare();
        // Processes on one machine share its cores.
        int cores = ProcessorShare.Of(group);
        TorchRuntime.Threads = Threads > 0 ? Threads : group.LocalSize > 1 ? cores : TorchRuntime.DefaultThreads;
        if (Pairs is not null && !isEmbedding)
            throw new InvalidInputException("Pairs of images judge an embedding, and this run names classes; train an embedding, or leave them out.");
        var pairs = Pairs is null ? null : VerificationPairs.Open(Pairs);
        if (pairs is not null) splits = splits with { Warnings = splits.Warnings.AddRange(pairs.Warnings) };
        var from = Start is null ? null : ModelOrigin.Of(Start, From);
        var integers = Start?.Graph.Quantization;
        var start = integers is null ? Start
            : Start! with { Graph = Start.Graph.WithQuantization(null), Weights = Start.Weights.StoredAs(ElementType.F32) };
        var teacher = Teacher is null ? null : Distillation.Teacher.Of(read(Teacher, null), Teacher, isEmbedding);
        // A classifier that is kept says more than one fitted anew, and the images may be those that it has learned from.
        bool keepsClassifier = start is not null && !isEmbedding && StartModel.KeepsClassifier(start, splits.Train.Classes);
        if (integers is not null && !isEmbedding && !keepsClassifier)
        {
            throw new InvalidInputException(
                $"'{From}' is quantized and names {NumberText.Counted(start!.Card.Classes.Length, "class", "classes")}, which are not those of '{Data}'; train the network of floats on these images, and quantize that.");
        }

        if (integers is not null && isEmbedding && teacher is null)
        {
            throw new InvalidInputException(
                $"'{From}' is a quantized embedding, which learns to be like the embedding of floats; name the model that it was made from by --teacher.");
        }

        if (keepsClassifier && Recipe.Probe is not null)
        {
            splits = splits with
            {
                Warnings = splits.Warnings.Add("The model names these classes already and keeps its classifier; no probe is fitted."),
            };
        }

        var job = new TrainingJob
        {
            Network = Network,
            Task = isEmbedding ? new EmbeddingTask(Recipe.Embedding, teacher, pairs)
                : teacher is null ? new ClassificationTask() : new DistillationTask(teacher),
            Data = splits,
            Preprocessing = Preprocessing,
            Recipe = keepsClassifier ? Recipe with { Probe = null } : Recipe,
            RecipeName = RecipeName,
            Folder = folder,
            StartWeights = start is null ? null
                : isEmbedding ? StartModel.EmbeddingWeightsFor(start, Network, Preprocessing, Recipe.Seed)
                : StartModel.WeightsFor(start, splits.Train.Classes, Recipe.Seed),
            Quantization = integers,
            From = from,
            DataFingerprint = fingerprint,
            Device = Device,
            Workers = cores,
            Group = group,
            Inference = Inference,
        };
        var description = new RunDescription
        {
            Data = Path.GetFullPath(Data),
            ValidationFraction = ValidationFraction,
            Minival = Minival,
            DataFingerprint = fingerprint,
            Task = job.Task.Summary,
            RecipeName = RecipeName,
            Network = Network,
            Card = new ModelCard { Classes = job.Task.ClassesOf(splits), Preprocessing = Preprocessing },
            From = from?.File,
            Teacher = teacher?.Origin?.File,
            Pairs = Pairs is null ? null : Path.GetFullPath(Pairs),
            Threads = TorchRuntime.Threads,
            Device = Device,
        };
        return new PreparedTraining(job, description, teacher);
    }
}

/// <summary>A training that can begin.</summary>
/// <param name="Job">What the trainer gets.</param>
/// <param name="Description">What is written down for doing it again.</param>
/// <param name="Teacher">The network to learn from, which is disposed with this; <see langword="null"/> for none.</param>
public sealed record PreparedTraining(TrainingJob Job, RunDescription Description, Teacher? Teacher) : IDisposable
{
    /// <summary>Disposes the teacher.</summary>
    public void Dispose() => Teacher?.Dispose();
}
