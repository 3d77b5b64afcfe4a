using EfficientNetSharp.Evaluation.Reports;
using EfficientNetSharp.Evaluation.Reports.Writing;

namespace EfficientNetSharp.Quantization.Reports;

/// <summary>The numbers that matter most.</summary>
internal static class ResultSection
{
    public static void Write(MarkupWriter page, QuantizationReport report)
    {
        var cards = new List<(string Name, string Value, string Note)>
        {
            ("Size", $"{Numbers.Percent((double)report.Bytes.Integers / report.Bytes.Floats)}",
                $"{Numbers.Fixed(report.Bytes.Integers / 1e6, 1)} MB instead of {Numbers.Fixed(report.Bytes.Floats / 1e6, 1)} MB of float weights."),
        };
        if (report.HeldOut is { } held)
        {
            var found = held.Agreement;
            string on = $"On {Numbers.Counted(found.Images, "image", "images")} that nothing was chosen by";
            if (report.IsClassifier)
            {
                cards.Add(("Agreement", Numbers.Percent(found.Agreement),
                    $"{on}: the float network's class; 95 % interval {Numbers.Percent(found.AgreementInterval.Low)} to {Numbers.Percent(found.AgreementInterval.High)}."));
            }

            cards.Add(("Cosine", Numbers.Fixed(found.MeanCosine, 4), $"{on}: outputs in integers and in floats, on average; one image in a hundred is below {Numbers.Fixed(found.FirstPercentileCosine, 3)}."));
            cards.Add(("Signal to noise", $"{Numbers.Fixed(found.SignalToNoise, 1)} dB", "Of the outputs; six decibels are half the error."));
            if (held is { Floats: { } floats, Integers: { } integers })
            {
                cards.Add(("Top-1", Numbers.Percent(integers.Top1), $"By the images' labels; {Numbers.Percent(floats.Top1)} in floats."));
                cards.Add(("Calibration error", Numbers.Fixed(integers.ExpectedCalibrationError, 3),
                    $"How far confidence is from accuracy (ECE); {Numbers.Fixed(floats.ExpectedCalibrationError, 3)} in floats."));
            }
        }

        CardsSection.Write(page, cards);
    }
}
