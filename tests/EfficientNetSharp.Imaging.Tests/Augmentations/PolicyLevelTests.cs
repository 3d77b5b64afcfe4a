using System.Collections.Immutable;
using EfficientNetSharp.Imaging.Augmentations;
using EfficientNetSharp.Imaging.Augmentations.Policies;

namespace EfficientNetSharp.Imaging.Tests.Augmentations;

/// <summary>Given what chance decides, a policy's step is that of its source.</summary>
public sealed class PolicyLevelTests
{
    [Theory]
    [InlineData("Standard")]
    [InlineData("Wide")]
    [InlineData("AutoAugment")]
    public void Steps_of_torchvisions_policies_give_torchvisions_bytes(string policy)
    {
        var operations = policy == "Wide" ? TorchvisionOperations.Wide
            : policy == "Standard" ? TorchvisionOperations.Standard
            : TorchvisionOperations.WithInvert;
        int bins = policy == "AutoAugment" ? TorchvisionOperations.AutoAugmentBins : TorchvisionOperations.Bins;
        var seen = new HashSet<string>();
        foreach (var golden in AugmentationGoldens.Cases("torchvision").Where(c => c[0].GetString() == policy))
        {
            var operation = operations.Single(row => row.Name == golden[1].GetString());
            seen.Add(operation.Name);
            using var image = AugmentationGoldens.Named(golden[5].GetString()!);
            double argument = operation.Rule(golden[2].GetInt32(), golden[3].GetInt32(), new LevelScale(image.Size, Bins: bins));
            new PolicyOperation(operation.Operation, argument, AugmentationGoldens.Filter(golden[4])).Apply(image, PixelColor.Black);
            Assert.True(golden[6].GetString() == AugmentationGoldens.Hash(image), golden.ToString());
            if (golden[3].GetInt32() < 0) Assert.True(operation.IsSigned, operation.Name);
        }

        // AutoAugment has no identity.
        Assert.Equal(operations.Select(row => row.Name).Where(n => policy != "AutoAugment" || n != "Identity").Order(), seen.Order());
    }

    [Fact]
    public void Steps_of_timms_and_the_TPU_codes_policies_have_their_arguments_and_bytes()
    {
        foreach (var golden in AugmentationGoldens.Cases("timm"))
        {
            var operation = TimmOperations.Named(golden[0].GetString()!);
            using var image = AugmentationGoldens.Named(golden[5].GetString()!);
            double argument = operation.Rule(
                golden[1].GetDouble(), golden[2].GetInt32(), new LevelScale(image.Size, golden[3].GetDouble(), 40));
            Assert.Equal(golden[4].GetDouble(), argument);
            new PolicyOperation(operation.Operation, argument, WarpFilter.Bicubic).Apply(image, AugmentationGoldens.Fill);
            Assert.True(golden[6].GetString() == AugmentationGoldens.Hash(image), golden.ToString());
            if (golden[2].GetInt32() < 0) Assert.True(operation.IsSigned, operation.Name);
        }
    }

    [Fact]
    public void A_mix_of_fixed_chains_gives_the_bytes_of_numpy()
    {
        var section = AugmentationGoldens.Section("augmix");
        var chains = section.GetProperty("chains").EnumerateArray().Select(chain => chain.EnumerateArray()
            .Select(
                s => new PolicyOperation(Enum.Parse<ImageOperation>(s[0].GetString()!), s[1].GetDouble(), AugmentationGoldens.Filter(s[2])))
            .ToImmutableArray()).ToArray();
        foreach (var golden in section.GetProperty("cases").EnumerateArray())
        {
            using var image = AugmentationGoldens.Named(golden[0].GetString()!);
            var shares = golden[1].EnumerateArray().Select(s => s.GetSingle());
            AugMix.Mix(
                image,
                new AugMixDraw(golden[2].GetSingle(), [.. shares.Zip(chains, (share, operations) => new AugMixChain(share, operations))]),
                AugmentationGoldens.Fill);
            Assert.True(golden[3].GetString() == AugmentationGoldens.Hash(image), golden.ToString());
        }
    }

    [Fact]
    public void The_TPU_codes_magnitudes_beyond_ten_keep_their_meaning()
    {
        // Worked out by hand from level_to_arg at 28, EfficientNet-B7's magnitude.
        var scale = new LevelScale(new(224, 224), 100, 40);
        Assert.Equal(716, TimmOperations.Named("Solarize").Rule(28, 1, scale));
        Assert.Equal(11, TimmOperations.Named("Posterize").Rule(28, 1, scale));
        Assert.Equal(308, TimmOperations.Named("SolarizeAdd").Rule(28, 1, scale));
        Assert.Equal(112, TimmOperations.Named("Cutout").Rule(28, 1, scale));
        Assert.Equal(280, TimmOperations.Named("TranslateX").Rule(28, 1, scale), 10);
        Assert.Equal(5.14, TimmOperations.Named("Color").Rule(28, 1, scale), 10);
        Assert.Equal(-84, TimmOperations.Named("Rotate").Rule(28, -1, scale), 10);
    }
}
