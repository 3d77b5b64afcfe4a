using EfficientNetSharp.Files;
using EfficientNetSharp.Models;

namespace EfficientNetSharp.Imaging.Augmentations.Policies;

/// <summary>
/// Policies by name, in timm's form: a name and, after dashes, keys with their values. <c>rand-m9-n2-p0.5-mstd0.5-mmax10-inc1</c> or
/// <c>-tweights</c>, <c>-t3a</c>, <c>-t3aw</c>; <c>v0</c>, <c>v0r</c>, <c>original</c>, <c>originalr</c> with <c>-mstd0.5</c>;
/// <c>augmix-m3-w3-d2-a1-mstd0.5</c>; <c>3a</c>; and beyond timm <c>trivial</c>, <c>tpu-v0</c>, <c>tpu-rand-m17-n2</c>,
/// <c>torchvision-imagenet</c>, <c>torchvision-rand-m9-n2</c>.
/// </summary>
internal static class AugmentationPolicies
{
    // Two words each; they are joined before names are looked up.
    private static readonly string[] Families = ["tpu", "torchvision"];

    /// <summary>All names.</summary>
    public static IReadOnlyList<string> Names { get; } = Array.AsReadOnly(
    [
        "rand", "v0", "v0r", "original", "originalr", "augmix", "3a", "trivial", "tpu-v0", "tpu-rand", "torchvision-imagenet",
        "torchvision-rand",
    ]);

    /// <summary>The policy of a text.</summary>
    /// <param name="text">Name and keys.</param>
    /// <param name="preprocessing">The network's preprocessing: timm's policies fill with its mean colour.</param>
    /// <param name="magnitude">
    /// In place of the text's magnitude, for strengths that grow in a run; <see langword="null"/> for the text's own. torchvision's is
    /// rounded to a whole number.
    /// </param>
    /// <exception cref="InvalidInputException">
    /// The text is not a policy's, or a magnitude is given to one that has none; the message names it.
    /// </exception>
    public static IAugmentation Parse(string text, Preprocessing preprocessing, double? magnitude = null)
    {
        ArgumentNullException.ThrowIfNull(text);
        var timm = PolicySettings.Timm(preprocessing);
        string[] words = text.Split('-');
        int length = words.Length > 1 && Families.Contains(words[0]) ? 2 : 1;
        string name = string.Join('-', words[..length]);
        string[] rest = words[length..];
        if (magnitude is not null && Names.Contains(name) && !name.EndsWith("rand", StringComparison.Ordinal) && name != "augmix")
        {
            throw new InvalidInputException(
                $"The augmentation policy '{name}' has no magnitude to set; take one of rand, tpu-rand, torchvision-rand, augmix.");
        }
        return name switch
        {
            "rand" => new RandAugment(Rand(text, rest, magnitude), timm),
            "tpu-rand" => new RandAugment(PlainRand(RandAugmentTable.Tpu, text, rest, magnitude), PolicySettings.Tpu),
            "torchvision-rand" => new RandAugment(
                PlainRand(RandAugmentTable.Torchvision, text, rest, magnitude is { } m ? Math.Round(m) : null), PolicySettings.Torchvision),
            "v0" => Auto(AutoAugmentTable.V0, text, rest, timm),
            "v0r" => Auto(AutoAugmentTable.V0R, text, rest, timm),
            "original" => Auto(AutoAugmentTable.Original, text, rest, timm),
            "originalr" => Auto(AutoAugmentTable.OriginalR, text, rest, timm),
            "tpu-v0" => WithoutArguments(text, rest, new AutoAugment(AutoAugmentTable.Tpu, PolicySettings.Tpu)),
            "torchvision-imagenet" => WithoutArguments(
                text, rest, new AutoAugment(AutoAugmentTable.Torchvision, PolicySettings.Torchvision)),
            "trivial" => WithoutArguments(text, rest, new TrivialAugmentWide(PolicySettings.Torchvision)),
            "3a" => WithoutArguments(text, rest, new ThreeAugment()),
            "augmix" => Mix(text, rest, magnitude, timm),
            _ => throw new InvalidInputException(
                $"There is no augmentation policy {OneLine.Quote(name)}; nearest: {NearestNames.Of(name, Names, 1)[0]}. Known: " +
                $"{string.Join(", ", Names)}."),
        };
    }

    private static RandAugmentOptions Rand(string text, string[] rest, double? magnitude)
    {
        string[] known = ["m", "n", "p", "mstd", "mmax", "inc", "t"];
        var words = new PolicyArguments(text, rest, known);
        // timm takes any value of inc for a yes, also 0; a text that means no is not to be read as yes.
        if (words.Whole("inc") is not (null or 1)) throw words.Refused("'inc' is 1 or left out", known);
        var table = (words.Text("t"), words.Whole("inc")) switch
        {
            (null, 1) => RandAugmentTable.TimmIncreasing,
            (null, _) => RandAugmentTable.Timm,
            ("weights", _) => RandAugmentTable.TimmWeighted,
            ("3a", _) => RandAugmentTable.TimmThree,
            ("3aw", _) => RandAugmentTable.TimmThreeWeighted,
            _ => throw words.Refused("'t' is tweights, t3a or t3aw", known),
        };
        var defaults = new RandAugmentOptions();
        // timm reads a deviation above 100 as uniform from 0 on.
        double deviation = words.Number("mstd") is { } given ? given > PolicyChecks.MaxDeviation ? double.PositiveInfinity : given : 0;
        var options = new RandAugmentOptions(
            table, magnitude ?? words.Number("m") ?? defaults.Magnitude, words.Whole("n") ?? defaults.Layers, deviation,
            words.Number("mmax"), words.Number("p"));
        options.Check();
        return options;
    }

    private static RandAugmentOptions PlainRand(RandAugmentTable table, string text, string[] rest, double? magnitude)
    {
        var words = new PolicyArguments(text, rest, "m", "n");
        // torchvision's default of 9; the TPU code has none and 10 ends its ranges.
        double usual = table == RandAugmentTable.Torchvision ? 9 : TimmOperations.TopLevel;
        var options = new RandAugmentOptions(
            table, magnitude ?? words.Number("m") ?? usual, words.Whole("n") ?? new RandAugmentOptions().Layers);
        options.Check();
        return options;
    }

    private static AutoAugment Auto(AutoAugmentTable table, string text, string[] rest, PolicySettings settings) =>
        new(table, settings, new PolicyArguments(text, rest, "mstd").Number("mstd") ?? 0);

    private static AugMix Mix(string text, string[] rest, double? magnitude, PolicySettings settings)
    {
        var words = new PolicyArguments(text, rest, "m", "w", "d", "a", "mstd");
        var defaults = new AugMixOptions();
        return new AugMix(
            new AugMixOptions(
                magnitude ?? words.Number("m") ?? defaults.Magnitude, words.Whole("w") ?? defaults.Width, words.Whole("d"),
                words.Number("a") ?? defaults.Alpha, words.Number("mstd")),
            settings);
    }

    private static SequentialPolicy WithoutArguments(string text, string[] rest, SequentialPolicy policy)
    {
        _ = new PolicyArguments(text, rest);
        return policy;
    }
}
