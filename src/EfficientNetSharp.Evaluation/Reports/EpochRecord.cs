namespace EfficientNetSharp.Evaluation.Reports;

/// <summary>What is known about one epoch of training, for the curves of a report. A number that is not finite leaves a gap.</summary>
/// <param name="Epoch">The epoch's number, from 1.</param>
/// <param name="TrainLoss">Mean loss over the training images, as augmented and smoothed.</param>
/// <param name="ValidationLoss">Mean cross-entropy over the validation images; <see langword="null"/> where it was not measured.</param>
/// <param name="ValidationTop1">Share of validation images that were right, 0…1; <see langword="null"/> where not measured.</param>
/// <param name="LearningRate">The learning rate at the end of the epoch.</param>
/// <param name="TrainTop1">Share of training images, as augmented, that were right, 0…1.</param>
public sealed record EpochRecord(
    int Epoch, double TrainLoss, double? ValidationLoss, double? ValidationTop1, double LearningRate, double? TrainTop1 = null);
