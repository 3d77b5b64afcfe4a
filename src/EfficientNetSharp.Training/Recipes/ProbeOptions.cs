namespace EfficientNetSharp.Training.Recipes;

/// <summary>
/// How training from trained weights begins: with a head that is fitted to the network's features by logistic regression, a linear probe.
/// Fine-tuning starts from it (Kumar et al. 2022, “Fine-Tuning can Distort Pretrained Features”), and where it does not come out better,
/// the probe is kept.
/// </summary>
/// <param name="Folds">
/// Folds that probe and fine-tuning are compared on where a run sets images aside itself: each fold's images are held out of one training,
/// so all of them judge, and what they choose then learns from all. Default 3: as many trainings, each on two thirds. 1 sets a part aside for
/// good, which judges.
/// </param>
/// <param name="MaxFoldedImages">
/// Images above which one fold's are enough to choose by, and the others are held out of no training. Default 1,500: a third of more tells
/// shares to two per cent.
/// </param>
/// <param name="Only">Whether the probe is all: no fine-tuning. Default false.</param>
public sealed record ProbeOptions(int Folds = 3, int MaxFoldedImages = 1500, bool Only = false)
{
    /// <summary>How many of the folds are held out of a training of their own.</summary>
    /// <param name="images">Number of images.</param>
    public int HeldOutFolds(int images) => images <= MaxFoldedImages ? Folds : Math.Min(Folds, 1);
}
