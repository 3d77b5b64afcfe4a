using EfficientNetSharp.Evaluation.Reports;

namespace EfficientNetSharp.Evaluation;

/// <summary>
/// Which epoch of a training is the best: the one with the better score over the validation images, of equal scores the one with the lower
/// validation loss, of equal losses the earlier one. What was not measured, or is not a number, comes last. Whatever chooses or names a
/// run's best epoch goes by this.
/// </summary>
public static class EpochOrder
{
    /// <summary>The best of some epochs; <see langword="null"/> where there is none with a score.</summary>
    /// <param name="history">The epochs.</param>
    /// <param name="score">What <see cref="EpochRecord.ValidationScore"/> is.</param>
    public static EpochRecord? Best(IEnumerable<EpochRecord> history, Measure score) =>
        BestFirst(history, score, record => (record.ValidationScore, record.ValidationLoss), record => record.Epoch)
            .FirstOrDefault(record => record.ValidationScore is { } value && double.IsFinite(value));

    /// <summary>Sorts whatever was judged by a score and a loss, the best first.</summary>
    /// <param name="judged">What was judged.</param>
    /// <param name="score">What the scores are.</param>
    /// <param name="resultOf">Score and loss of one.</param>
    /// <param name="numberOf">What decides where both are equal: the lower comes first.</param>
    public static IEnumerable<T> BestFirst<T>(
        IEnumerable<T> judged, Measure score, Func<T, (double? Score, double? Loss)> resultOf, Func<T, int> numberOf)
    {
        ArgumentNullException.ThrowIfNull(score);
        return judged
            .OrderBy(one => score.OrderOf(resultOf(one).Score))
            .ThenBy(one => resultOf(one).Loss is { } loss && !double.IsNaN(loss) ? loss : double.PositiveInfinity)
            .ThenBy(numberOf);
    }
}
