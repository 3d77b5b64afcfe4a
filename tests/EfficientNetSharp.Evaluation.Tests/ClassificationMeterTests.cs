namespace EfficientNetSharp.Evaluation.Tests;

/// <summary>Small cases whose measures are worked out by hand.</summary>
public sealed class ClassificationMeterTests
{
    private static readonly string[] Three = ["a", "b", "c"];

    [Fact]
    public void Confusion_precision_recall_and_f1_are_those_counted_by_hand()
    {
        // Labels     a a a a b b c
        // Predicted  a a b c b a c
        var result = Predicting(Three, (0, 0), (0, 0), (0, 1), (0, 2), (1, 1), (1, 0), (2, 2));

        Assert.Equal(7, result.Count);
        Assert.Equal(4 / 7.0, result.Top1, 12);
        int[][] expected = [[2, 1, 1], [1, 1, 0], [0, 0, 1]];
        for (int label = 0; label < 3; label++)
        {
            for (int predicted = 0; predicted < 3; predicted++)
                Assert.Equal(expected[label][predicted], result.Confusion[label, predicted]);
        }

        AssertClass(result.Classes[0], precision: 2 / 3.0, recall: 2 / 4.0, f1: 4 / 7.0, support: 4, predicted: 3);
        AssertClass(result.Classes[1], precision: 1 / 2.0, recall: 1 / 2.0, f1: 2 / 4.0, support: 2, predicted: 2);
        AssertClass(result.Classes[2], precision: 1 / 2.0, recall: 1 / 1.0, f1: 2 / 3.0, support: 1, predicted: 2);
        Assert.Equal(((2 / 3.0) + 0.5 + 0.5) / 3, result.MacroPrecision, 12);
        Assert.Equal((0.5 + 0.5 + 1) / 3, result.MacroRecall, 12);
        Assert.Equal(((4 / 7.0) + 0.5 + (2 / 3.0)) / 3, result.MacroF1, 12);
    }

    [Fact]
    public void A_class_without_images_has_zero_measures_and_no_part_in_the_means()
    {
        var result = Predicting(Three, (0, 0), (0, 0), (1, 1), (1, 2));

        AssertClass(result.Classes[2], precision: 0, recall: 0, f1: 0, support: 0, predicted: 1);
        Assert.Equal((1 + 1) / 2.0, result.MacroPrecision, 12);
        Assert.Equal((1 + 0.5) / 2.0, result.MacroRecall, 12);
    }

    [Fact]
    public void A_class_that_is_never_predicted_has_zero_precision_and_counts_in_the_means()
    {
        var result = Predicting(["a", "b"], (0, 0), (1, 0));

        AssertClass(result.Classes[1], precision: 0, recall: 0, f1: 0, support: 1, predicted: 0);
        Assert.Equal(0.25, result.MacroPrecision, 12);
        Assert.Equal(0.5, result.MacroRecall, 12);
    }

    [Fact]
    public void An_empty_set_has_zero_everywhere_and_no_loss()
    {
        var result = new ClassificationMeter(Three).ToResult();

        Assert.Equal(0, result.Count);
        Assert.Equal(0, result.Top1);
        Assert.Equal(0, result.Top5);
        Assert.Null(result.Loss);
        Assert.Equal(0, result.MacroF1);
        Assert.Equal(0, result.ExpectedCalibrationError);
        Assert.Empty(result.WorstMistakes);
        Assert.Empty(result.Confusion.Cells);
        Assert.Equal(15, result.Calibration.Length);
        Assert.All(result.Classes, measures => AssertClass(measures, 0, 0, 0, 0, 0));
    }

    [Fact]
    public void Loss_is_the_mean_of_minus_log_softmax()
    {
        var meter = new ClassificationMeter(["a", "b"]);
        meter.Add([MathF.Log(3), 0], label: 0, index: 0); // softmax 3/4
        meter.Add([MathF.Log(3), 0], label: 1, index: 1); // softmax 1/4
        Assert.Equal((Math.Log(4 / 3.0) + Math.Log(4)) / 2, meter.ToResult().Loss!.Value, 6);
    }

    [Theory]
    [InlineData(1e4f)]
    [InlineData(-1e4f)]
    [InlineData(3e38f)]
    public void A_shift_of_all_logits_changes_nothing_however_great(float shift)
    {
        // At 3e38 neighbouring floats lie 2e31 apart, so the margin has to be that great as well: the loss is then 0 or the margin.
        float margin = Math.Abs(shift) > 1e30f ? 1e37f : 8;
        var meter = new ClassificationMeter(["a", "b"]);
        meter.Add([shift - margin, shift], label: 1, index: 0);
        var result = meter.ToResult();
        Assert.Equal(1, result.Top1);
        Assert.Equal(margin == 8 ? Math.Log(1 + Math.Exp(-8)) : 0, result.Loss!.Value, 12);
        Assert.Equal(0, result.InvalidRows);
    }

    [Fact]
    public void Top_5_of_three_classes_is_wrong_for_rows_without_an_answer_only()
    {
        var meter = new ClassificationMeter(Three);
        meter.Add([3, 2, 1], label: 2, index: 0);
        meter.Add([float.NaN, 2, 1], label: 1, index: 1);
        meter.Add([1, 1, 1], label: 0, index: 2);
        meter.Add([1, 2, 1], label: 0, index: 3);
        Assert.Equal(0.5, meter.ToResult().Top5, 12);
    }

    [Fact]
    public void Top_5_takes_the_fifth_class_and_not_the_sixth()
    {
        var meter = new ClassificationMeter(["a", "b", "c", "d", "e", "f", "g"]);
        float[] row = [7, 6, 5, 4, 3, 2, 1];
        for (int label = 0; label < 7; label++) meter.Add(row, label, label);
        Assert.Equal(5 / 7.0, meter.ToResult().Top5, 12);
        Assert.Equal(1 / 7.0, meter.ToResult().Top1, 12);
    }

    [Fact]
    public void Of_equal_logits_the_lowest_class_comes_first()
    {
        var meter = new ClassificationMeter(Three);
        meter.Add([1, 5, 5], label: 1, index: 0);
        meter.Add([1, 5, 5], label: 2, index: 1);
        var result = meter.ToResult();
        Assert.Equal(0.5, result.Top1);
        Assert.Equal(1, result.Confusion[2, 1]);
    }

    [Fact]
    public void A_network_that_always_says_the_same_of_all_classes_is_never_right()
    {
        var meter = new ClassificationMeter(Three);
        for (int i = 0; i < 9; i++) meter.Add([0, 0, 0], label: 0, i);
        var result = meter.ToResult();
        Assert.Equal(0, result.Top1);
        Assert.Equal(0, result.Top5);
        Assert.Equal(9, result.ConstantRows);
        Assert.Equal(0, result.InvalidRows);
        Assert.Equal(Math.Log(3), result.Loss!.Value, 12);
        Assert.Equal(1 / 3.0, result.ExpectedCalibrationError, 12);
        AssertClass(result.Classes[0], precision: 0, recall: 0, f1: 0, support: 9, predicted: 0);
    }

    [Fact]
    public void A_single_class_is_always_right()
    {
        var meter = new ClassificationMeter(["only"]);
        meter.Add([0], 0, 0);
        var result = meter.ToResult();
        Assert.Equal(1, result.Top1);
        Assert.Equal(1, result.Top5);
        Assert.Equal(0, result.Loss);
        Assert.Equal(0, result.ConstantRows);
    }

    [Theory]
    [InlineData(float.NaN, 1, 2)]
    [InlineData(1, 2, float.NaN)]
    [InlineData(float.PositiveInfinity, 0, 0)]
    [InlineData(float.NegativeInfinity, float.NegativeInfinity, float.NegativeInfinity)]
    public void Rows_without_a_softmax_are_wrong_and_counted_and_leave_loss_and_calibration_alone(float a, float b, float c)
    {
        var meter = new ClassificationMeter(Three);
        meter.Add([0, 0, 100], label: 2, index: 0);
        for (int label = 0; label < 3; label++) meter.Add([a, b, c], label, label + 1);
        var result = meter.ToResult();

        Assert.Equal(4, result.Count);
        Assert.Equal(3, result.InvalidRows);
        Assert.Equal(0.25, result.Top1);
        Assert.Equal(0.25, result.Top5);
        Assert.Equal(0, result.Loss!.Value, 12);
        Assert.Equal(0, result.ExpectedCalibrationError, 12);
        Assert.Equal(1, result.Calibration.Sum(bin => bin.Count));
        Assert.Empty(result.WorstMistakes);
        Assert.Equal(1, result.Confusion.Cells.Sum(cell => cell.Count));
        AssertClass(result.Classes[2], precision: 1, recall: 0.5, f1: 2 / 3.0, support: 2, predicted: 1);
    }

    [Fact]
    public void A_masked_class_has_probability_zero_and_its_image_an_infinite_loss()
    {
        var meter = new ClassificationMeter(Three);
        meter.Add([0, 0.5f, float.NegativeInfinity], label: 1, index: 0);
        Assert.Equal(Math.Log(1 + Math.Exp(-0.5)), meter.ToResult().Loss!.Value, 12);
        Assert.Equal(1, meter.ToResult().Top1);

        meter.Add([0, 0.5f, float.NegativeInfinity], label: 2, index: 1);
        Assert.Null(meter.ToResult().Loss);
        Assert.Equal(0.5, meter.ToResult().Top1);
    }

    [Fact]
    public void A_set_of_invalid_rows_only_has_no_loss()
    {
        var meter = new ClassificationMeter(Three);
        meter.Add([float.NaN, 0, 0], 0, 0);
        var result = meter.ToResult();
        Assert.Null(result.Loss);
        Assert.Equal(0, result.Top1);
        Assert.Equal(0, result.ExpectedCalibrationError);
    }

    [Fact]
    public void Worst_mistakes_are_the_surest_ones_whatever_the_order_of_adding()
    {
        // Row i is sure of class 1 with a margin of i; images 20 and up repeat the margins of 0 … 4.
        var rows = Enumerable.Range(0, 25).Select(i => (Index: i, Margin: (float)(i < 20 ? i + 1 : i - 19))).ToArray();
        foreach (var order in new[] { rows, [.. rows.Reverse()] })
        {
            var meter = new ClassificationMeter(["a", "b"], worstMistakes: 18);
            foreach (var (index, margin) in order)
            {
                meter.Add([0, margin], label: 0, index);
                meter.Add([0, margin], label: 1, index + 100); // right ones are no mistakes
            }

            var mistakes = meter.ToResult().WorstMistakes;
            Assert.Equal([19, 18, 17, 16, 15, 14, 13, 12, 11, 10, 9, 8, 7, 6, 5, 4, 24, 3], mistakes.Select(mistake => mistake.Index));
            Assert.All(mistakes, mistake => Assert.Equal((0, 1), (mistake.Label, mistake.Predicted)));
            Assert.Equal(1 / (1 + Math.Exp(-20)), mistakes[0].Confidence, 12);
        }
    }

    [Fact]
    public void No_mistakes_are_kept_where_none_are_wanted()
    {
        var meter = new ClassificationMeter(["a", "b"], worstMistakes: 0);
        meter.Add([0, 1], 0, 0);
        Assert.Empty(meter.ToResult().WorstMistakes);
    }

    [Fact]
    public void Speed_and_broken_images_come_from_the_driver()
    {
        var result = new ClassificationMeter(Three).ToResult(imagesPerSecond: 12.5, brokenImages: 3);
        Assert.Equal(12.5, result.ImagesPerSecond);
        Assert.Equal(3, result.BrokenImages);
    }

    [Fact]
    public void Rows_and_labels_that_do_not_fit_are_refused_and_add_nothing()
    {
        var meter = new ClassificationMeter(Three);
        Assert.Throws<ArgumentException>(() => meter.Add([1, 2], 0, 0));
        Assert.Throws<ArgumentOutOfRangeException>(() => meter.Add([1, 2, 3], 3, 0));
        Assert.Throws<ArgumentOutOfRangeException>(() => meter.Add([1, 2, 3], -1, 0));
        Assert.Throws<ArgumentException>(() => meter.Add([1, 2, 3], [0, 1], [0, 1]));
        Assert.Throws<ArgumentException>(() => meter.Add([1, 2, 3], [0], [0, 1]));
        Assert.Throws<ArgumentOutOfRangeException>(() => meter.Add([1, 2, 3, 1, 2, 3], [0, 3], [0, 1]));
        Assert.Throws<ArgumentOutOfRangeException>(() => new ClassificationMeter([]));
        Assert.Equal(0, meter.Count);
    }

    private static ClassificationResult Predicting(string[] classes, params (int Label, int Predicted)[] images)
    {
        var meter = new ClassificationMeter(classes);
        for (int i = 0; i < images.Length; i++)
        {
            float[] row = new float[classes.Length];
            row[images[i].Predicted] = 4;
            meter.Add(row, images[i].Label, i);
        }

        return meter.ToResult();
    }

    private static void AssertClass(ClassMeasures actual, double precision, double recall, double f1, long support, long predicted)
    {
        Assert.Equal(precision, actual.Precision, 12);
        Assert.Equal(recall, actual.Recall, 12);
        Assert.Equal(f1, actual.F1, 12);
        Assert.Equal(support, actual.Support);
        Assert.Equal(predicted, actual.Predicted);
    }
}
