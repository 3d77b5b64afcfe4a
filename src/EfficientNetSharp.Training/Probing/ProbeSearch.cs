namespace EfficientNetSharp.Training.Probing;

/// <summary>How a head did on images that it was not fitted to.</summary>
/// <param name="Penalty">The penalty that it was fitted with.</param>
/// <param name="Top1">Share of the images that it names rightly.</param>
/// <param name="Loss">Mean cross-entropy.</param>
internal sealed record JudgedPenalty(double Penalty, double Top1, double Loss);

/// <summary>Fits heads to features by logistic regression whose penalty is chosen by cross-validation.</summary>
internal sealed class ProbeSearch : IDisposable
{
    // Half decades from a head that hardly says anything to one that knows the images by heart.
    private const double Strongest = 1, Factor = 0.31622776601683794;

    private const int MaxPenalties = 13;

    // The loss is flat about its minimum and rises behind it; what comes after two worse ones is worse.
    private const int Patience = 2;

    private static readonly LbfgsOptions Rough = new(60, 1e-5, 1e-6), Fine = new(300, 1e-6, 1e-8);

    private readonly FeatureTable _table;
    private readonly LogisticRegression _regression;

    /// <summary>Takes the images' features.</summary>
    /// <param name="table">The features.</param>
    /// <param name="classes">K.</param>
    public ProbeSearch(FeatureTable table, int classes)
    {
        _table = table;
        int[] labels = new int[table.Count * table.Views];
        for (int i = 0; i < labels.Length; i++) labels[i] = table.Labels[i / table.Views];
        _regression = new LogisticRegression(table.Rows, labels, classes);
    }

    /// <summary>Finds the penalty of the lowest held-out loss, from strong ones to weak ones.</summary>
    /// <param name="foldOf">The fold of each image of the table; below 0 for those that are never held out.</param>
    /// <param name="folds">How many folds are held out in turn; images of further ones are always learned from.</param>
    /// <param name="cancellationToken">Ends it.</param>
    public JudgedPenalty Choose(ReadOnlySpan<int> foldOf, int folds, CancellationToken cancellationToken)
    {
        double[][] shares = new double[folds][];
        for (int fold = 0; fold < folds; fold++) shares[fold] = SharesWithout(foldOf, fold);
        double[][] points = [.. shares.Select(_ => _regression.Start)];
        JudgedPenalty? best = null;
        double penalty = Strongest;
        for (int i = 0, worse = 0; i < MaxPenalties && worse < Patience; i++, penalty *= Factor)
        {
            var heads = new LinearHead[folds];
            for (int fold = 0; fold < folds; fold++)
            {
                cancellationToken.ThrowIfCancellationRequested();
                heads[fold] = _regression.Fit(shares[fold], penalty, points[fold], Rough);
            }

            var judged = Judge(heads, foldOf, penalty);
            worse = best is null || judged.Loss < best.Loss ? 0 : worse + 1;
            if (worse == 0) best = judged;
        }

        return best!;
    }

    /// <summary>The head of all images.</summary>
    public LinearHead Fit(double penalty) => Fit(new int[_table.Count], 1, penalty);

    /// <summary>The head of all images but a fold's.</summary>
    public LinearHead Fit(ReadOnlySpan<int> foldOf, int fold, double penalty) =>
        _regression.Fit(SharesWithout(foldOf, fold), penalty, _regression.Start, Fine);

    /// <inheritdoc />
    public void Dispose() => _regression.Dispose();

    private double[] SharesWithout(ReadOnlySpan<int> foldOf, int fold)
    {
        double[] shares = new double[_table.Count * _table.Views];
        int kept = _table.Views * (_table.Count - foldOf.Count(fold));
        for (int i = 0; i < shares.Length; i++) shares[i] = foldOf[i / _table.Views] == fold ? 0 : 1.0 / kept;
        return shares;
    }

    private JudgedPenalty Judge(LinearHead[] heads, ReadOnlySpan<int> foldOf, double penalty)
    {
        float[] row = new float[heads[0].Classes];
        int count = 0, right = 0;
        double loss = 0;
        for (int i = 0; i < _table.Count; i++)
        {
            if (foldOf[i] < 0 || foldOf[i] >= heads.Length) continue;
            heads[foldOf[i]].Apply(_table.Row(i), row);
            int first = 0;
            for (int k = 1; k < row.Length; k++) first = row[k] > row[first] ? k : first;
            double sum = 0;
            foreach (float logit in row) sum += Math.Exp(logit - row[first]);
            loss += row[first] + Math.Log(sum) - row[_table.Labels[i]];
            if (first == _table.Labels[i]) right++;
            count++;
        }

        return new JudgedPenalty(penalty, (double)right / count, loss / count);
    }
}
