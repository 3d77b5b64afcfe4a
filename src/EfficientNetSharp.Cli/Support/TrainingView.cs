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
            terminal.Progress($"reading the network's features  {reading.Done} / {reading.Total} images");
            return;
        }

        if (value.Probe is { } probe)
        {
            terminal.Note(
                $"probe: a classifier on the network's features, {task.Score.Title} {task.Score.Format(probe.ProbeScore)} " +
                $"± {100 * probe.StandardError(probe.ProbeScore):F1} by cross-validation of {probe.Judged} images");
            return;
        }

        string fold = value.Folds > 0 ? $"fold {value.Fold}/{value.Folds}  " : "";
        if (value.Ended is { } ended)
        {
            terminal.Note(
                $"{fold}epoch {ended.Epoch,3}/{value.Epochs}  loss {ended.TrainLoss:F4}  {Short(task.TrainMeasure, ended.TrainMeasure, 5)}" +
                $"val loss {ended.ValidationLoss ?? double.NaN:F4}  " +
                $"val {task.Score.Title} {task.Score.Format(ended.ValidationScore ?? 0),8}{(value.IsBest ? " *" : "  ")}  " +
                $"{value.ImagesPerSecond,6:F1} images/s  waiting {100 * value.WaitShare:F1} %  left {Format(value.Remaining)}");
            return;
        }

        terminal.Progress(
            $"{fold}epoch {value.Epoch}/{value.Epochs}  step {value.Batch}/{value.Batches}  loss {value.Loss:F4}  " +
            $"{Short(task.TrainMeasure, value.TrainMeasure)}{value.ImagesPerSecond:F1} images/s  left {Format(value.Remaining)}");
    }

    // What a step measures wavers, so a decimal is enough.
    private static string Short(Measure? measure, double? value, int width = 0)
    {
        if (measure is null) return "";
        double number = value ?? 0;
        return $"{measure.Title} {(measure.IsShare ? $"{(100 * number).ToString("F1").PadLeft(width)} %" : measure.Format(number))}  ";
    }

    private static string Format(TimeSpan time) =>
        time.TotalHours >= 1 ? $"{(int)time.TotalHours} h {time.Minutes:D2} min" : time.TotalMinutes >= 1
            ? $"{time.Minutes} min {time.Seconds:D2} s" : $"{time.Seconds} s";
}
