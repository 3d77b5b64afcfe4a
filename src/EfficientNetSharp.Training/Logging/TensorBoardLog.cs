using System.Globalization;
using EfficientNetSharp.Evaluation.Reports;
using EfficientNetSharp.Formats.TensorFlow;
using EfficientNetSharp.Training.Tasks;

namespace EfficientNetSharp.Training.Logging;

/// <summary>An event file for TensorBoard: <c>tensorboard --logdir runs</c> shows the curves of all runs in a folder.</summary>
internal sealed class TensorBoardLog : IRunLog
{
    /// <summary>The event files of a run's folder. TensorBoard reads files that begin so; other tools' have other ends.</summary>
    internal const string Files = Prefix + "*" + Ending;

    private const string Prefix = "events.out.tfevents.", Ending = ".effnet";

    private readonly TaskSummary _task;
    private readonly TimeProvider _time;
    private readonly AppendFile _file;

    /// <summary>Opens the folder's event file, or makes one.</summary>
    /// <param name="folder">The run's folder.</param>
    /// <param name="length">The length to cut it to; 0 for a new run.</param>
    /// <param name="task">Says how measures are called.</param>
    /// <param name="time">Gives the events' times.</param>
    public TensorBoardLog(string folder, long length, TaskSummary task, TimeProvider time)
    {
        (_task, _time) = (task, time);
        string? present = Directory.EnumerateFiles(folder, Files).Order(StringComparer.Ordinal).LastOrDefault();
        string name = string.Create(CultureInfo.InvariantCulture, $"{Prefix}{time.GetUtcNow().ToUnixTimeSeconds():D10}{Ending}");
        _file = new AppendFile(present ?? Path.Combine(folder, name), length);
        if (length == 0) Write(EventMessage.Version(Seconds));
    }

    public string Name => "tensorboard";

    private double Seconds => _time.GetUtcNow().ToUnixTimeMilliseconds() / 1000.0;

    public void Add(StepRecord step) => Write(EventMessage.Scalars(
        Seconds, step.Step, ("step/loss", step.Loss), ("step/learning_rate", step.LearningRate),
        ("step/gradient_norm", step.GradientNorm)));

    public void Add(EpochRecord epoch, long step)
    {
        (string Tag, double? Value)[] all =
        [
            ("train/loss", epoch.TrainLoss),
            ($"train/{_task.TrainMeasure?.Name}", _task.TrainMeasure is null ? null : epoch.TrainMeasure),
            ("validation/loss", epoch.ValidationLoss),
            ($"validation/{_task.Score.Name}", epoch.ValidationScore),
        ];
        Write(EventMessage.Scalars(Seconds, step, [.. all.Where(one => one.Value is not null).Select(one => (one.Tag, one.Value!.Value))]));
    }

    public long Flush() => _file.Flush();

    public void Dispose() => _file.Dispose();

    private void Write(byte[] message) => _file.Write(RecordFraming.Frame(message));
}
