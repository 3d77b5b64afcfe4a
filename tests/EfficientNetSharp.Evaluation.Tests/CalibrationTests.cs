namespace EfficientNetSharp.Evaluation.Tests;

public sealed class CalibrationTests
{
    [Fact]
    public void The_error_is_the_weighted_gap_worked_out_by_hand()
    {
        // Four images are 90% sure and three of them right; two are 70% sure and both right; five bins.
        var meter = new ClassificationMeter(["a", "b"], calibrationBins: 5);
        float ninety = MathF.Log(9), seventy = MathF.Log(7 / 3f);
        foreach (int label in new[] { 0, 0, 0, 1 }) meter.Add([ninety, 0], label, 0);
        foreach (int label in new[] { 1, 1 }) meter.Add([0, seventy], label, 0);
        var result = meter.ToResult();

        // 4/6 · |0.75 − 0.9| + 2/6 · |1 − 0.7| = 0.1 + 0.1
        Assert.Equal(0.2, result.ExpectedCalibrationError, 6);
        Assert.Equal([0, 0, 0, 2, 4], result.Calibration.Select(bin => bin.Count));
        Assert.Equal(0.75, result.Calibration[4].Accuracy, 12);
        Assert.Equal(0.9, result.Calibration[4].Confidence, 6);
        Assert.Equal(1, result.Calibration[3].Accuracy);
        Assert.Equal(0.7, result.Calibration[3].Confidence, 6);
        Assert.Equal((0.6, 0.8), (result.Calibration[3].Lower, result.Calibration[3].Upper));
        Assert.Equal(0, result.Calibration[0].Confidence);
    }

    [Fact]
    public void Opposite_gaps_of_one_bin_cancel_and_of_two_bins_do_not()
    {
        // 60% sure and all right; 90% sure and half right.
        static double Error(int bins)
        {
            var meter = new CalibrationMeter(bins);
            for (int i = 0; i < 10; i++) meter.Add(0.6, true);
            for (int i = 0; i < 10; i++) meter.Add(0.9, i < 5);
            return meter.ExpectedCalibrationError;
        }

        Assert.Equal(Math.Abs(0.75 - 0.75), Error(1), 12);
        Assert.Equal(0.5 * 0.4 + 0.5 * 0.4, Error(10), 12);
    }

    [Fact]
    public void An_edge_belongs_to_the_bin_below_it()
    {
        for (int bins = 1; bins <= 60; bins++)
        {
            for (int edge = 1; edge <= bins; edge++)
            {
                var meter = new CalibrationMeter(bins);
                meter.Add((double)edge / bins, true);
                Assert.Equal(1, meter.Bins[edge - 1].Count);
            }

            var above = new CalibrationMeter(bins);
            if (bins == 1) continue;
            above.Add(Math.BitIncrement(1.0 / bins), true);
            Assert.Equal(1, above.Bins[1].Count);
        }
    }

    [Fact]
    public void A_confidence_of_one_falls_into_the_last_bin()
    {
        var meter = new ClassificationMeter(["a", "b"]);
        meter.Add([1000, 0], 0, 0);
        var result = meter.ToResult();
        Assert.Equal(1, result.Calibration[14].Count);
        Assert.Equal(0, result.ExpectedCalibrationError);
    }
}
