using EfficientNetSharp.Training.Torch.Functions;
using static TorchSharp.torch;

namespace EfficientNetSharp.Training.Tasks;

/// <summary>How often the greatest logit is the label's.</summary>
internal static class RightAnswers
{
    /// <summary>Counts them; of equal logits the lowest class is the answer.</summary>
    /// <param name="logits">[N,K], 32 bits.</param>
    /// <param name="labels">[N].</param>
    public static int Count(Tensor logits, ReadOnlySpan<int> labels)
    {
        using var host = logits.detach().cpu().contiguous();
        var rows = TensorMemory.SpanOf(host);
        int right = 0, classes = (int)logits.shape[1];
        for (int i = 0; i < labels.Length; i++)
        {
            var row = rows.Slice(i * classes, classes);
            int best = 0;
            for (int c = 1; c < row.Length; c++)
            {
                if (row[c] > row[best]) best = c;
            }

            if (best == labels[i]) right++;
        }

        return right;
    }
}
