using EfficientNetSharp.Evaluation;
using EfficientNetSharp.Training;

namespace EfficientNetSharp.Cli.Support;

/// <summary>Shows training as it goes: one live line for the epoch under way, one lasting line for each that ended.</summary>
internal sealed class TrainingView(Terminal terminal) : IProgress<TrainingProgress>
{
    public void Report(TrainingProgress value)
    {
        var task = value.Task;
        if (value.Reading is { } reading)
        {
            terminal.Progress($"reading the network's features {ProgressBar.Of(reading.Done, reading.Total)} of {reading.Total} images");
            return;
        }

        if (value.Probe is { } probe)
        {
            terminal.Note(
                $"probe: a classifier on the network's features, {task.Score.Title} {task.Score.Format(probe.ProbeScore)} " +
                $"± {100 * probe.StandardError(probe.ProbeScore):F1} by cross-validation of {NumberText.Counted(probe.Judged, "image")}" +
                (probe.Folds > 0 ? $" in {probe.Folds} folds" : ""));
            return;
        }

        if (value.Ended is { } ended)
        {
            string begin = $"{PartOf(value)}epoch {ended.Epoch,3}/{value.Epochs}  loss {ended.TrainLoss:F4}  ",
                train = task.TrainMeasure is { } measure ? $"{Short(measure, ended.TrainMeasure ?? 0)}  " : "",
                end = (ended.ValidationLoss is { } loss ? $"val loss {loss:F4}  " : "") + (ended.ValidationScore is { } score
                    ? $"val {task.Score.Title} {task.Score.Format(score),8}{(value.IsBest ? " *" : "")}" : "");
            // What a step measures wavers: it is what a long line can do without.
            bool isLong = begin.Length + train.Length + end.Length > terminal.PageWidth;
            terminal.Note((isLong ? begin + end : begin + train + end).TrimEnd(), value.IsBest ? TextStyle.Good : TextStyle.Plain);
            return;
        }

        string begins = $"{PartOf(value)}epoch {Math.Min(value.Epoch, value.Epochs)}/{value.Epochs} ";
        var (done, total, ends) = value.Validating is { } validating
            ? (validating.Done, validating.Total, $"  validating on {NumberText.Counted(validating.Total, "image")}")
            : (value.Batch, value.Batches, $"  loss {value.Loss:F4}  {value.ImagesPerSecond:F0} images/s  {Format(value.Remaining)} left");
        terminal.Progress(begins + ProgressBar.Of(done, total, terminal.PageWidth - begins.Length - ends.Length - BarFrame) + ends);
    }

    // Which of several trainings it is.
    private static string PartOf(TrainingProgress value) =>
        value.Folds == 0 ? "" : value.Fold > value.Folds ? "all images  " : $"fold {value.Fold}/{value.Folds}  ";

    // Beside the bar: its brackets, the per cent, and the column that the line of progress leaves free.
    private const int BarFrame = 9;

    private static string Short(Measure measure, double value) =>
        $"{measure.Title} {(measure.IsShare ? $"{100 * value,5:F1} %" : measure.Format(value))}";

    private static string Format(TimeSpan time) =>
        time.TotalHours >= 1 ? $"{(int)time.TotalHours} h {time.Minutes:D2} min" : time.TotalMinutes >= 1
            ? $"{time.Minutes} min {time.Seconds:D2} s" : $"{time.Seconds} s";
}
