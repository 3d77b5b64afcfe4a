using EfficientNetSharp.Training;

namespace EfficientNetSharp.Cli.Support;

/// <summary>Shows training as it goes: one live line for the epoch under way, one lasting line for each that ended.</summary>
internal sealed class TrainingView(Terminal terminal) : IProgress<TrainingProgress>
{
    public void Report(TrainingProgress value)
    {
        if (value.Ended is { } ended)
        {
            terminal.Note(
                $"epoch {ended.Epoch,3}/{value.Epochs}  loss {ended.TrainLoss:F4}  top-1 {100 * ended.TrainTop1 ?? 0,5:F1} %  " +
                $"val loss {ended.ValidationLoss ?? double.NaN:F4}  val top-1 {100 * ended.ValidationTop1 ?? 0,6:F2} %{(value.IsBest ? " *" : "  ")}  " +
                $"{value.ImagesPerSecond,6:F1} images/s  waiting {100 * value.WaitShare:F1} %  left {Format(value.Remaining)}");
            return;
        }

        terminal.Progress(
            $"epoch {value.Epoch}/{value.Epochs}  step {value.Batch}/{value.Batches}  loss {value.Loss:F4}  top-1 {100 * value.Top1:F1} %  " +
            $"{value.ImagesPerSecond:F1} images/s  left {Format(value.Remaining)}");
    }

    private static string Format(TimeSpan time) =>
        time.TotalHours >= 1 ? $"{(int)time.TotalHours} h {time.Minutes:D2} min" : time.TotalMinutes >= 1 ? $"{time.Minutes} min {time.Seconds:D2} s" : $"{time.Seconds} s";
}
