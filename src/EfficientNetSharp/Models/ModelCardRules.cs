using System.Collections.Immutable;
using System.Globalization;
using EfficientNetSharp.Graphs;

namespace EfficientNetSharp.Models;

/// <summary>What a card's numbers may be; a card out of a file may say anything.</summary>
internal static class ModelCardRules
{
    private const int MaxChannels = 1_000_000;

    /// <exception cref="InvalidInputException">Something is out of range.</exception>
    public static void Check(ModelCard card)
    {
        Require(!card.Classes.IsDefault && card.Classes.All(name => name is not null), "a class has no name", "a text for each");
        CheckIds(card);
        Require(card.Provenance is not null && card.Provenance.Values.All(value => value is not null), "a provenance entry has no text",
            "one for each");
        CheckThresholds(card);
        var preprocessing = card.Preprocessing;
        Require(preprocessing is not null, "it has no preprocessing", "one");
        int channels = preprocessing!.Mean.IsDefault ? 0 : preprocessing.Mean.Length;
        Require(channels is >= 1 and <= MaxChannels, $"the mean has {channels} numbers", $"1 to {MaxChannels}, one per input channel");
        CheckSizes(preprocessing!);
        CheckNumbers("mean", preprocessing!.Mean, channels, float.IsFinite, "finite numbers");
        CheckNumbers("standard deviation", preprocessing.StandardDeviation, channels, value => float.IsFinite(value) && value > 0,
            "positive numbers");
    }

    private static void CheckThresholds(ModelCard card)
    {
        Require(!card.Thresholds.IsDefault && card.Thresholds.All(set => set is not null), "it has no list of thresholds", "one");
        Require(
            card.Thresholds.DistinctBy(set => (set.Precision, set.Flip)).Count() == card.Thresholds.Length,
            "it has thresholds for the same precision twice", "one set for each");
        foreach (var set in card.Thresholds)
        {
            Require(
                set.Precision is not null && set.Data is not null && !set.Points.IsDefault && set is { Identities: >= 0, Genuine: >= 0,
                    Impostors: >= 0 },
                "its thresholds do not say what they were measured on", "precision, data and counts");
            foreach (var point in set.Points)
            {
                Require(
                    point is { FalseAcceptRate: > 0 and < 1, Threshold: >= -1 and <= 1, Lower: >= -1 and <= 1, Upper: >= -1 and <= 1,
                        FalseRejectRate: >= 0 and <= 1 }
                        && point.Lower <= point.Upper,
                    "a threshold is no cosine for a rate", "cosines from -1 to 1, and rates above 0 and below 1");
            }
        }
    }

    private static void CheckIds(ModelCard card)
    {
        if (card.ClassIds is { IsDefault: false, IsEmpty: true }) return;
        int count = card.ClassIds.IsDefault ? 0 : card.ClassIds.Length;
        Require(count == card.Classes.Length, $"it has {count} class ids", $"{card.Classes.Length}, one per class, or none");
        Require(
            card.ClassIds.All(id => !string.IsNullOrEmpty(id)) && card.ClassIds.Distinct(StringComparer.Ordinal).Count() == count,
            "a class id is empty or stands twice", "one of its own for each class");
    }

    private static void CheckSizes(Preprocessing preprocessing)
    {
        RequirePixels("height", preprocessing.Height);
        RequirePixels("width", preprocessing.Width);
        RequirePixels("resize-to", preprocessing.ResizeTo);
        RequireDefined(preprocessing.Crop);
        RequireDefined(preprocessing.Interpolation);
        RequireDefined(preprocessing.Channels);
        int shorter = Math.Min(preprocessing.Height, preprocessing.Width);
        Require(
            preprocessing.Crop == CropRule.StretchResize || preprocessing.ResizeTo >= shorter,
            $"the shorter side is resized to {preprocessing.ResizeTo} pixels", $"at least the crop's {shorter}");
    }

    private static void RequirePixels(string what, int pixels) =>
        Require(pixels is >= 1 and <= TensorShape.MaxSide, $"the {what} is {pixels}", $"1 to {TensorShape.MaxSide} pixels");

    private static void RequireDefined<T>(T value)
        where T : struct, Enum =>
        Require(Enum.IsDefined(value), $"{typeof(T).Name} is {value}", string.Join(", ", Enum.GetNames<T>()));

    private static void CheckNumbers(string what, ImmutableArray<float> numbers, int channels, Func<float, bool> holds, string expected)
    {
        int count = numbers.IsDefault ? 0 : numbers.Length;
        Require(count == channels, $"the {what} has {count} numbers", $"{channels}, one an input channel");
        foreach (float number in numbers)
            Require(holds(number), string.Create(CultureInfo.InvariantCulture, $"the {what} has {number}"), expected);
    }

    private static void Require(bool holds, string found, string expected)
    {
        if (!holds) throw new InvalidInputException($"The model card is not usable: {found}, expected {expected}.");
    }
}
