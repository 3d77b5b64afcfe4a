namespace EfficientNetSharp.Training.Recipes;

/// <summary>
/// How training from trained weights begins: with a head that is fitted to the network's features by logistic regression, a linear probe.
/// Fine-tuning starts from it (Kumar et al. 2022, “Fine-Tuning can Distort Pretrained Features”), and where it does not come out better,
/// the probe is kept.
/// </summary>
/// <param name="Folds">
/// Folds that probe and fine-tuning are compared on where a run sets images aside itself: each fold's images are held out of one training,
/// so all of them judge, and the mean of the fine-tuned weights has learned from all. Default 3: as many trainings, each on two thirds.
/// </param>
/// <param name="MaxFoldedImages">
/// Images above which a run does without folds: one part that is set aside judges well enough, and three trainings take too long. Default
/// 4,000.
/// </param>
/// <param name="Only">Whether the probe is all: no fine-tuning. Default false.</param>
public sealed record ProbeOptions(int Folds = 3, int MaxFoldedImages = 4000, bool Only = false);
