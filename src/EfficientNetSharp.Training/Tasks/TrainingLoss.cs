using EfficientNetSharp.Training.Recipes;
using EfficientNetSharp.Training.Torch;
using TorchSharp;
using static TorchSharp.torch;
using F = TorchSharp.torch.nn.functional;

namespace EfficientNetSharp.Training.Tasks;

/// <summary>What a step makes smaller.</summary>
internal static class TrainingLoss
{
    /// <summary>Cross-entropy with the labels, smoothed, and with mixed labels where images are mixed; the mean over the images.</summary>
    /// <param name="logits">[N,K], 32 bits.</param>
    /// <param name="batch">The labels.</param>
    /// <param name="smoothing">Share of the target that is spread over all classes.</param>
    public static Tensor CrossEntropy(Tensor logits, in TrainingBatch batch, double smoothing)
    {
        if (batch.SecondLabels.IsEmpty)
        {
            var labels = tensor(batch.Labels.ToArray(), ScalarType.Int64, logits.device);
            return F.cross_entropy(logits, labels, label_smoothing: smoothing);
        }

        int classes = (int)logits.shape[1];
        var targets = tensor(SoftTargets.Of(batch, classes, smoothing), [batch.Count, classes], device: logits.device);
        return logits.log_softmax(1).mul(targets).sum(1).mean().neg();
    }

    /// <summary>
    /// T² · KL(teacher ‖ student) of the softmaxes at temperature T, the mean over the images (Hinton et al. 2015, §2; T² keeps the
    /// gradients' size whatever T is).
    /// </summary>
    /// <param name="logits">The student's [N,K].</param>
    /// <param name="teacher">The teacher's [N,K].</param>
    /// <param name="temperature">T.</param>
    public static Tensor Distillation(Tensor logits, Tensor teacher, double temperature)
    {
        var target = teacher.Over(temperature).log_softmax(1);
        var own = logits.Over(temperature).log_softmax(1);
        return target.exp().mul(target.sub(own)).sum(1).mean().Times(temperature * temperature);
    }

    /// <summary>Both, in the recipe's shares.</summary>
    public static Tensor Mixed(Tensor labels, Tensor teacher, DistillationOptions options) =>
        labels.Times(1 - options.Weight).Plus(teacher.Times(options.Weight));
}
