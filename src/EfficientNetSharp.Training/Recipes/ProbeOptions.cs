namespace EfficientNetSharp.Training.Recipes;

/// <summary>
/// How training from trained weights begins: with a head that is fitted to the network's features by logistic regression, a linear probe.
/// Fine-tuning starts from it (Kumar et al. 2022, “Fine-Tuning can Distort Pretrained Features”), and where it does not come out better,
/// the probe is kept.
/// </summary>
/// <param name="Folds">
/// Folds that probe and fine-tuning are compared on where a run sets images aside itself: each fold's images are held out of one training,
/// so all of them judge, and the mean of the fine-tuned weights has learned from all. Default 3: as many trainings, each on two thirds.
/// 1 sets a part aside for good, which judges.
/// </param>
/// <param name="MaxFoldedImages">
/// Images above which two folds do: trainings on one half each see as many images as one training on all. Default 4,000.
/// </param>
/// <param name="Only">Whether the probe is all: no fine-tuning. Default false.</param>
public sealed record ProbeOptions(int Folds = 3, int MaxFoldedImages = 4000, bool Only = false)
{
    /// <summary>The folds of so many images.</summary>
    /// <param name="images">Number of images.</param>
    public int FoldsOf(int images) => images <= MaxFoldedImages ? Folds : Math.Min(Folds, 2);
}
