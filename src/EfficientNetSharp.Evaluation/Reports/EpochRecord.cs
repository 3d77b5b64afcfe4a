namespace EfficientNetSharp.Evaluation.Reports;

/// <summary>What is known about one epoch of training, for the curves of a report. A number that is not finite leaves a gap.</summary>
/// <param name="Epoch">The epoch's number, from 1.</param>
/// <param name="TrainLoss">Mean loss over the training images, as augmented and smoothed.</param>
/// <param name="ValidationLoss">
/// Mean loss over the validation images, cross-entropy for a classifier; <see langword="null"/> where it was not measured.
/// </param>
/// <param name="ValidationScore">
/// The <see cref="Measure"/> that the run is judged by, over the validation images; for a classifier top-1. <see langword="null"/> where it
/// was not measured.
/// </param>
/// <param name="LearningRate">The learning rate at the end of the epoch.</param>
/// <param name="TrainMeasure">
/// What the steps measure of the training images as augmented, beside the loss; for a classifier top-1. <see langword="null"/> for nothing.
/// </param>
public sealed record EpochRecord(
    int Epoch, double TrainLoss, double? ValidationLoss, double? ValidationScore, double LearningRate, double? TrainMeasure = null);
