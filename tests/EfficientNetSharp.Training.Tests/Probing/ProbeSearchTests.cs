using EfficientNetSharp.Randomness;
using EfficientNetSharp.Training.Probing;
using EfficientNetSharp.Training.Torch;

namespace EfficientNetSharp.Training.Tests.Probing;

public sealed class ProbeSearchTests
{
    private const int Folds = 4;

    public ProbeSearchTests() => TorchRuntime.Prepare();

    [Fact]
    public void Rows_that_tell_the_classes_apart_get_a_weak_penalty_and_noise_a_strong_one()
    {
        var clear = Choose(Table(signal: 3, views: 1));
        var noise = Choose(Table(signal: 0, views: 1));
        Assert.InRange(clear.Top1, 0.9, 1);
        Assert.True(clear.Penalty < noise.Penalty / 9, $"{clear.Penalty} and {noise.Penalty}");
        // A head that says nothing has the loss of chance; one that knows noise by heart a greater one.
        Assert.InRange(noise.Loss, 0.9 * Math.Log(3), 1.15 * Math.Log(3));
    }

    [Fact]
    public void No_penalty_of_the_grid_has_a_lower_held_out_loss_than_the_chosen_one()
    {
        var table = Table(signal: 1, views: 2);
        using var search = new ProbeSearch(table, 3);
        var chosen = search.Choose(FoldOf(table), Folds, TestContext.Current.CancellationToken);
        foreach (double factor in new[] { 0.1, 0.316, 3.16, 10 })
            Assert.True(LossAt(search, table, chosen.Penalty * factor) > chosen.Loss - 1e-3, $"factor {factor}");
    }

    [Fact]
    public void Images_in_no_fold_are_always_learned_from_and_never_judge()
    {
        var table = Table(signal: 1, views: 1);
        int[] foldOf = [.. FoldOf(table)];
        int[] withNone = [.. foldOf.Select((fold, i) => i == 7 ? -1 : fold)];
        using var search = new ProbeSearch(table, 3);
        Assert.NotEqual(
            search.Choose(foldOf, Folds, TestContext.Current.CancellationToken).Loss,
            search.Choose(withNone, Folds, TestContext.Current.CancellationToken).Loss);
        // Without a fold of its own an image is in the head of each.
        Assert.Equal(search.Fit(0.1).Weights, search.Fit([.. foldOf.Select(_ => -1)], 0, 0.1).Weights);
    }

    private static JudgedPenalty Choose(FeatureTable table)
    {
        using var search = new ProbeSearch(table, 3);
        return search.Choose(FoldOf(table), Folds, TestContext.Current.CancellationToken);
    }

    private static double LossAt(ProbeSearch search, FeatureTable table, double penalty)
    {
        int[] foldOf = FoldOf(table);
        LinearHead[] heads = [.. Enumerable.Range(0, Folds).Select(fold => search.Fit(foldOf, fold, penalty))];
        var logits = LogitTable.Of(table, [.. Enumerable.Range(0, table.Count)], row => heads[foldOf[row]]);
        return logits.Measure(["a", "b", "c"]).Loss!.Value;
    }

    private static int[] FoldOf(FeatureTable table) => [.. Enumerable.Range(0, table.Count).Select(i => i / 3 % Folds)];

    private static FeatureTable Table(double signal, int views)
    {
        const int count = 48, features = 10;
        var random = new SeededRandom(11);
        float[] rows = new float[count * views * features];
        for (int i = 0; i < rows.Length; i++)
        {
            int image = i / (views * features), feature = i % features;
            rows[i] = (float)(random.NextDouble() + random.NextDouble() - 1 + (feature == image % 3 ? signal : 0));
        }

        int[] numbers = [.. Enumerable.Range(0, count)];
        return new FeatureTable(rows, views, [.. numbers.Select(i => i % 3)], numbers, []);
    }
}
