using EfficientNetSharp.Prediction;

namespace EfficientNetSharp.Evaluation.Tests;

/// <summary>Random logits against a slow reference that sorts whole rows and writes out whole softmaxes.</summary>
public sealed class ReferenceTests
{
    private sealed record Case(int Classes, float[] Logits, int[] Labels);

    // Halves between −6 and 6, so that equal logits are common; now and then NaN and infinities.
    private static readonly Gen<float> Logit = Gen.Frequency(
        (200, Gen.Int[-12, 12].Select(value => value / 2f)),
        (1, Gen.Int[0, 2].Select(i => i == 0 ? float.NaN : i == 1 ? float.PositiveInfinity : float.NegativeInfinity)));

    private static readonly Gen<Case> Cases =
        from classes in Gen.Int[1, 12]
        from count in Gen.Int[0, 60]
        from logits in Logit.Array[classes * count]
        from labels in Gen.Int[0, classes - 1].Array[count]
        select new Case(classes, logits, labels);

    [Fact]
    public void The_meter_agrees_with_sorting() => Cases.Sample(test =>
    {
        var result = Measure(test, test.Labels.Length);
        int count = test.Labels.Length, top1 = 0, top5 = 0, invalid = 0, constant = 0;
        double loss = 0;
        var judged = new List<(int Label, int Predicted, double Confidence)>();
        var binned = new List<(double Confidence, bool Right)>();
        for (int i = 0; i < count; i++)
        {
            float[] row = test.Logits[(i * test.Classes)..((i + 1) * test.Classes)];
            double sum = row.Sum(logit => Math.Exp(logit));
            if (!double.IsFinite(sum) || sum == 0)
            {
                invalid++;
                continue;
            }

            int[] order = [.. Enumerable.Range(0, test.Classes).OrderByDescending(c => row[c]).ThenBy(c => c)];
            bool isConstant = test.Classes > 1 && row.Distinct().Count() == 1, right = !isConstant && order[0] == test.Labels[i];
            double confidence = row.Max(logit => Math.Exp(logit) / sum);
            loss += -Math.Log(Math.Exp(row[test.Labels[i]]) / sum);
            binned.Add((confidence, right));
            if (isConstant) constant++;
            else
            {
                judged.Add((test.Labels[i], order[0], confidence));
                if (right) top1++;
                if (order.Take(5).Contains(test.Labels[i])) top5++;
            }
        }

        Assert.Equal((count, invalid, constant), ((int)result.Count, (int)result.InvalidRows, (int)result.ConstantRows));
        Assert.Equal(count == 0 ? 0 : (double)top1 / count, result.Top1, tolerance: 1e-12);
        Assert.Equal(count == 0 ? 0 : (double)top5 / count, result.Top5, tolerance: 1e-12);
        loss /= count - invalid;
        if (double.IsFinite(loss)) Assert.Equal(loss, result.Loss!.Value, tolerance: 1e-9);
        else Assert.Null(result.Loss);

        // A confidence on an edge may fall to either side of it in this cruder softmax; those cases prove nothing here.
        if (!binned.Exists(bin => Math.Abs((bin.Confidence * 15) - Math.Round(bin.Confidence * 15)) < 1e-9))
        {
            double error = binned.GroupBy(bin => Math.Ceiling(bin.Confidence * 15)).Sum(bin =>
                (double)bin.Count() / binned.Count * Math.Abs(bin.Average(b => b.Right ? 1.0 : 0.0) - bin.Average(b => b.Confidence)));
            Assert.Equal(error, result.ExpectedCalibrationError, tolerance: 1e-9);
        }

        for (int c = 0; c < test.Classes; c++)
        {
            int hits = judged.Count(row => row.Label == c && row.Predicted == c), predicted = judged.Count(row => row.Predicted == c);
            int support = test.Labels.Count(label => label == c);
            Assert.Equal(predicted == 0 ? 0 : (double)hits / predicted, result.Classes[c].Precision, tolerance: 1e-12);
            Assert.Equal(support == 0 ? 0 : (double)hits / support, result.Classes[c].Recall, tolerance: 1e-12);
            for (int p = 0; p < test.Classes; p++)
                Assert.Equal(judged.Count(row => row.Label == c && row.Predicted == p), result.Confusion[c, p]);
        }

        var worst = judged.Where(row => row.Label != row.Predicted).OrderByDescending(row => row.Confidence).Take(10).ToArray();
        Assert.Equal(worst.Length, result.WorstMistakes.Length);
        for (int i = 0; i < worst.Length; i++) Assert.Equal(worst[i].Confidence, result.WorstMistakes[i].Confidence, tolerance: 1e-9);
    });

    [Fact]
    public void Any_cut_into_batches_gives_the_same_result_to_the_last_bit() => Gen.Select(Cases, Gen.Int[1, 20]).Sample((test, batch) =>
        Assert.Equal(EvaluationJson.Serialize(Measure(test, Math.Max(1, test.Labels.Length))),
            EvaluationJson.Serialize(Measure(test, batch))));

    [Fact]
    public void The_best_classes_are_those_of_a_stable_sort() =>
        Gen.Select(Gen.Int[-6, 6].Select(value => value / 2f).Array[1, 40], Gen.Int[1, 50]).Sample((row, k) =>
        {
            string[] names = [.. row.Select((_, i) => $"c{i}")];
            var best = TopK.Of(row, names, k);
            int[] order = [.. Enumerable.Range(0, row.Length).OrderByDescending(c => row[c]).ThenBy(c => c).Take(k)];
            double sum = row.Sum(logit => Math.Exp(logit));
            Assert.Equal(order, best.Select(prediction => prediction.ClassIndex));
            Assert.All(best, prediction =>
            {
                Assert.Equal(names[prediction.ClassIndex], prediction.Class);
                Assert.Equal(Math.Exp(row[prediction.ClassIndex]) / sum, prediction.Probability, tolerance: 1e-12);
            });
        });

    private static ClassificationResult Measure(Case test, int batch)
    {
        var meter = new ClassificationMeter([.. Enumerable.Range(0, test.Classes).Select(i => $"c{i}")], worstMistakes: 10);
        int[] indices = [.. Enumerable.Range(0, test.Labels.Length)];
        for (int start = 0; start < test.Labels.Length; start += batch)
        {
            int end = Math.Min(start + batch, test.Labels.Length);
            meter.Add(test.Logits.AsSpan((start * test.Classes)..(end * test.Classes)), test.Labels.AsSpan(start..end),
                indices.AsSpan(start..end));
        }

        return meter.ToResult();
    }
}
