using EfficientNetSharp.Imaging.Augmentations;
using EfficientNetSharp.Imaging.Augmentations.Policies;
using EfficientNetSharp.Models;
using EfficientNetSharp.Randomness;

namespace EfficientNetSharp.Imaging.Tests.Augmentations;

public sealed class PolicyTextTests
{
    private static readonly Preprocessing Preprocessing = Preprocessing.ForSize(32);
    private static readonly PolicySettings Timm = PolicySettings.Timm(Preprocessing);

    private static readonly Dictionary<string, RandAugmentOptions> RandOptions = new()
    {
        ["rand"] = new RandAugmentOptions(),
        ["rand-m9-mstd0.5"] = new RandAugmentOptions(RandAugmentTable.Timm, 9, MagnitudeDeviation: 0.5),
        ["rand-m9-mstd0.5-inc1"] = new RandAugmentOptions(RandAugmentTable.TimmIncreasing, 9, MagnitudeDeviation: 0.5),
        ["rand-n3-m7-p0.8-mmax20"] = new RandAugmentOptions(RandAugmentTable.Timm, 7, 3, 0, 20, 0.8),
        ["rand-m9-mstd101-inc1"] = new RandAugmentOptions(RandAugmentTable.TimmIncreasing, 9, MagnitudeDeviation: double.PositiveInfinity),
        ["rand-mstd1-tweights"] = new RandAugmentOptions(RandAugmentTable.TimmWeighted, MagnitudeDeviation: 1),
        ["rand-t3a-inc1"] = new RandAugmentOptions(RandAugmentTable.TimmThree),
        ["rand-m5-t3aw"] = new RandAugmentOptions(RandAugmentTable.TimmThreeWeighted, 5),
    };

    public static TheoryData<string> RandTexts => [.. RandOptions.Keys];

    [Theory]
    [MemberData(nameof(RandTexts))]
    public void Timms_texts_of_RandAugment_mean_what_they_mean_there(string text) =>
        AssertSame(new RandAugment(RandOptions[text], Timm), AugmentationPolicies.Parse(text, Preprocessing));

    [Fact]
    public void Other_texts_name_their_policies()
    {
        AssertSame(new AutoAugment(AutoAugmentTable.V0, Timm), Parse("v0"));
        AssertSame(new AutoAugment(AutoAugmentTable.OriginalR, Timm, 0.5), Parse("originalr-mstd0.5"));
        AssertSame(new AutoAugment(AutoAugmentTable.Tpu, PolicySettings.Tpu), Parse("tpu-v0"));
        AssertSame(new AutoAugment(AutoAugmentTable.Torchvision, PolicySettings.Torchvision), Parse("torchvision-imagenet"));
        AssertSame(new RandAugment(new RandAugmentOptions(RandAugmentTable.Tpu, 17, 2), PolicySettings.Tpu), Parse("tpu-rand-m17"));
        AssertSame(
            new RandAugment(new RandAugmentOptions(RandAugmentTable.Torchvision, 9, 2), PolicySettings.Torchvision),
            Parse("torchvision-rand"));
        AssertSame(new TrivialAugmentWide(PolicySettings.Torchvision), Parse("trivial"));
        AssertSame(new ThreeAugment(), Parse("3a"));
        AssertSame(new AugMix(new AugMixOptions(5, 4, 2, 0.5, 1), Timm), Parse("augmix-m5-w4-d2-a0.5-mstd1"));

        static IAugmentation Parse(string text) => AugmentationPolicies.Parse(text, Preprocessing);
    }

    [Fact]
    public void A_magnitude_may_be_set_where_there_is_one()
    {
        AssertSame(
            new RandAugment(new RandAugmentOptions(Magnitude: 8.5), Timm), AugmentationPolicies.Parse("rand-m3", Preprocessing, 8.5));
        AssertSame(
            new RandAugment(new RandAugmentOptions(RandAugmentTable.Tpu, 15), PolicySettings.Tpu),
            AugmentationPolicies.Parse("tpu-rand", Preprocessing, 15));
        // torchvision's magnitudes are positions: 25 / 3 is nearest to 8.
        AssertSame(
            new RandAugment(new RandAugmentOptions(RandAugmentTable.Torchvision, 8), PolicySettings.Torchvision),
            AugmentationPolicies.Parse("torchvision-rand-m1", Preprocessing, 25.0 / 3));
        AssertSame(new AugMix(new AugMixOptions(2.5), Timm), AugmentationPolicies.Parse("augmix", Preprocessing, 2.5));
        foreach (string text in new[] { "v0", "trivial", "3a", "torchvision-imagenet" })
            Assert.Contains("no magnitude", Refusal(text, 5), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("rnd-m9", "nearest: rand")]
    [InlineData("", "nearest:")]
    [InlineData("V0", "nearest: v0")]
    [InlineData("tpu-v1", "nearest: tpu-v0")]
    [InlineData("tpu", "nearest:")]
    [InlineData("rand-m9-msdt0.5", "nearest: mstd")]
    [InlineData("rand-m", "'m' has no value")]
    [InlineData("rand-m9-m8", "'m' comes twice")]
    [InlineData("rand-m9.5.5", "a number after 'm'")]
    [InlineData("rand-n2.5", "a whole number after 'n'")]
    [InlineData("rand-n99", "number of layers")]
    [InlineData("rand-p1.5", "probability")]
    [InlineData("rand-inc0", "'inc' is 1 or left out")]
    [InlineData("rand-tfoo", "tweights")]
    [InlineData("rand-m9-", "is not known")]
    [InlineData("rand-m101", "magnitude")]
    [InlineData("rand-mmax0", "magnitude limit")]
    [InlineData("torchvision-rand-m31", "magnitude")]
    [InlineData("torchvision-rand-m3.5", "whole magnitude")]
    [InlineData("trivial-m9", "'m9' is not known")]
    [InlineData("v0-m9", "nearest: mstd")]
    [InlineData("augmix-m11", "magnitude")]
    [InlineData("augmix-w0", "width")]
    [InlineData("augmix-d17", "depth")]
    [InlineData("augmix-a0", "alpha")]
    [InlineData("rand\n-m9", "no augmentation policy")]
    public void Wrong_texts_are_refused_on_one_line(string text, string part)
    {
        string message = Refusal(text, null);
        Assert.Contains(part, message, StringComparison.Ordinal);
        Assert.DoesNotContain('\n', message);
    }

    [Fact]
    public void Any_text_is_a_policy_or_refused() =>
        Gen.String[Gen.Char["randmstdincpw0129.-tv"], 0, 24].Sample(
            tail =>
            {
                try
                {
                    AugmentationPolicies.Parse(tail, Preprocessing);
                    AugmentationPolicies.Parse("rand-" + tail, Preprocessing);
                }
                catch (InvalidInputException)
                {
                }
            },
            iter: 5000);

    [Fact]
    public void Timms_fill_is_the_mean_colour_of_the_network()
    {
        // 255 · ImageNet's mean: 123.675, 116.28, 103.53.
        Assert.Equal(new PixelColor(124, 116, 104), Timm.Fill);
        Assert.Equal(new PixelColor(104, 116, 124), PolicySettings.Timm(Preprocessing with { Channels = ChannelOrder.Bgr }).Fill);
        Assert.Equal(
            PixelColor.Grey(64), PolicySettings.Timm(Preprocessing with { Mean = [0.25f], StandardDeviation = [1] }).Fill);
        Assert.Equal(new PixelColor(0, 255, 128), PolicySettings.Timm(Preprocessing with { Mean = [-1, 2, 0.5f] }).Fill);
        Assert.Null(Timm.Filter);
    }

    private static string Refusal(string text, double? magnitude) =>
        Assert.Throws<InvalidInputException>(() => AugmentationPolicies.Parse(text, Preprocessing, magnitude)).Message;

    /// <summary>Two augmentations are the same when they do the same by the same streams.</summary>
    private static void AssertSame(IAugmentation expected, IAugmentation actual)
    {
        Assert.Equal(expected.GetType(), actual.GetType());
        for (ulong i = 0; i < 60; i++)
        {
            Assert.Equal(Run(expected, i), Run(actual, i));
        }

        static string Run(IAugmentation policy, ulong stream)
        {
            using var image = TestImages.Pattern(19, 14);
            var random = new SeededRandom(6, stream);
            policy.Apply(image, ref random);
            return AugmentationGoldens.Hash(image);
        }
    }
}
