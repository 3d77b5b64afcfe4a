using EfficientNetSharp.Imaging.Augmentations;
using EfficientNetSharp.Imaging.Augmentations.Policies;
using EfficientNetSharp.Models;
using EfficientNetSharp.Randomness;

namespace EfficientNetSharp.Imaging.Tests.Augmentations;

/// <summary>What policies draw, counted.</summary>
public sealed class PolicyDrawTests
{
    private const int Draws = 20_000;
    private static readonly ImageSize Size = new(200, 100);
    private static readonly PolicySettings Timm = new(PixelColor.Grey(128), null);

    [Fact]
    public void RandAugment_of_timm_draws_all_fifteen_alike_and_applies_half()
    {
        var policy = new RandAugment(new RandAugmentOptions(RandAugmentTable.TimmIncreasing, 9), Timm);
        var operations = Operations(policy);
        AssertNear(Draws, 0.5, 2, operations.Count);
        // Each of the fifteen comes as often; none of them shares its operation with another.
        foreach (var operation in operations.GroupBy(s => s.Operation)) AssertNear(Draws, 0.5 / 15, 2, operation.Count());
        Assert.Equal(15, operations.Select(s => s.Operation).Distinct().Count());
        // Without noise the magnitude is one, directions are even and filters too.
        var turns = operations.Where(s => s.Operation == ImageOperation.Rotate).ToArray();
        Assert.Equal([-27, 27], turns.Select(s => s.Argument).Distinct().Order());
        AssertNear(turns.Length, 0.5, 1, turns.Count(s => s.Argument < 0));
        AssertNear(turns.Length, 0.5, 1, turns.Count(s => s.Filter == WarpFilter.Bicubic));
        Assert.DoesNotContain(turns, s => s.Filter == WarpFilter.Nearest);
        Assert.All(
            operations.Where(s => s.Operation == ImageOperation.TranslateX), s => Assert.Equal(200 * 0.405, Math.Abs(s.Argument), 9));
        Assert.All(
            operations.Where(s => s.Operation == ImageOperation.TranslateY), s => Assert.Equal(100 * 0.405, Math.Abs(s.Argument), 9));
    }

    [Fact]
    public void Layers_and_probability_are_obeyed()
    {
        var policy = new RandAugment(new RandAugmentOptions(RandAugmentTable.Timm, 9, Layers: 5, Probability: 1), Timm);
        for (ulong i = 0; i < 50; i++)
        {
            var random = new SeededRandom(3, i);
            Assert.Equal(5, policy.Draw(Size, ref random).Length);
        }

        Assert.Empty(Operations(new RandAugment(new RandAugmentOptions(Probability: 0), Timm)));
    }

    [Fact]
    public void Magnitudes_are_normal_and_cut_to_their_range()
    {
        var policy = new RandAugment(new RandAugmentOptions(RandAugmentTable.TimmIncreasing, 9, MagnitudeDeviation: 0.5), Timm);
        double[] levels = [.. Operations(policy).Where(s => s.Operation == ImageOperation.ShearX).Select(s => Math.Abs(s.Argument) / 0.03)];
        // Normal(9, 0.5) cut at 10: the mean falls by σ·(φ(2) − 2·(1 − Φ(2))) = 0.5·(0.053991 − 0.045500).
        double mean = 9 - (0.5 * (0.053991 - 0.0455003));
        Assert.InRange(levels.Average(), mean - (5 * 0.5 / Math.Sqrt(levels.Length)), mean + (5 * 0.5 / Math.Sqrt(levels.Length)));
        AssertNear(levels.Length, 0.02275, 1, levels.Count(l => l > 9.999999));
        Assert.InRange(levels.Max(), 0, 10.0000001);
    }

    [Fact]
    public void An_infinite_deviation_is_uniform_from_zero_on()
    {
        var policy = new RandAugment(new RandAugmentOptions(RandAugmentTable.Timm, 8, MagnitudeDeviation: double.PositiveInfinity), Timm);
        double[] levels = [.. Operations(policy).Where(s => s.Operation == ImageOperation.ShearY).Select(s => Math.Abs(s.Argument) / 0.03)];
        Assert.InRange(levels.Average(), 4 - (5 * 8 / Math.Sqrt(12.0 * levels.Length)), 4 + (5 * 8 / Math.Sqrt(12.0 * levels.Length)));
        Assert.InRange(levels.Max(), 7.8, 8);
    }

    [Fact]
    public void Weighted_operations_never_come_twice_and_keep_their_weights()
    {
        var policy = new RandAugment(new RandAugmentOptions(RandAugmentTable.TimmWeighted, 5, Layers: 2, Probability: 1), Timm);
        int first = 0, both = 0;
        for (ulong i = 0; i < Draws; i++)
        {
            var random = new SeededRandom(5, i);
            var operations = policy.Draw(Size, ref random);
            Assert.NotEqual(operations[0].Operation, operations[1].Operation);
            if (operations[0].Operation == ImageOperation.Rotate) first++;
            else if (operations[1].Operation == ImageOperation.Rotate) both++;
        }

        // The weights of timm's table add up to 10.1.
        AssertNear(Draws, 3 / 10.1, 1, first);
        // Second after any other: the sum over the first one's chances of 3 over what is left.
        double[] others = [2, 2, 1, 1, 0.25, 0.25, 0.25, 0.05, 0.05, 0.05, 0.05, 0.05, 0.05, 0.05];
        AssertNear(Draws, others.Sum(w => w / 10.1 * (3 / (10.1 - w))), 1, both);
        // More layers than operations: when all are out, one comes again.
        var three = new RandAugment(new RandAugmentOptions(RandAugmentTable.TimmThree, 5, Layers: 4, Probability: 1), Timm);
        Assert.Equal(4 * Draws, Operations(three).Count);
    }

    [Fact]
    public void The_TPU_codes_set_has_cutouts_around_any_point_and_applies_all()
    {
        var operations = Operations(new RandAugment(new RandAugmentOptions(RandAugmentTable.Tpu, 17), PolicySettings.Tpu));
        Assert.Equal(2 * Draws, operations.Count);
        foreach (var operation in operations.GroupBy(s => s.Operation)) AssertNear(Draws, 1.0 / 16, 2, operation.Count());
        var cutouts = operations.Where(s => s.Operation == ImageOperation.Cutout).ToArray();
        Assert.All(cutouts, s => Assert.Equal(68, s.Argument));
        double root = Math.Sqrt(12.0 * cutouts.Length);
        Assert.InRange(cutouts.Average(s => s.Column), 99.5 - (5 * 200 / root), 99.5 + (5 * 200 / root));
        Assert.InRange(cutouts.Average(s => s.Row), 49.5 - (5 * 100 / root), 49.5 + (5 * 100 / root));
        Assert.All(operations, s => Assert.Equal(WarpFilter.Nearest, s.Filter));
    }

    [Theory]
    [InlineData(nameof(AutoAugmentTable.V0))]
    [InlineData(nameof(AutoAugmentTable.V0R))]
    [InlineData(nameof(AutoAugmentTable.Original))]
    [InlineData(nameof(AutoAugmentTable.OriginalR))]
    [InlineData(nameof(AutoAugmentTable.Tpu))]
    [InlineData(nameof(AutoAugmentTable.Torchvision))]
    public void AutoAugment_applies_as_often_as_its_table_says(string name)
    {
        var table = Enum.Parse<AutoAugmentTable>(name);
        bool isOriginal = table is AutoAugmentTable.Original or AutoAugmentTable.OriginalR or AutoAugmentTable.Torchvision;
        var rows = isOriginal ? AutoAugmentRows.Original : AutoAugmentRows.V0;
        Assert.Equal(25, rows.Length);
        var policy = new AutoAugment(table, Timm);
        var all = rows.SelectMany(r => new[] { r.First, r.Second }).ToArray();
        var operations = Operations(policy);
        AssertNear(Draws, all.Sum(r => r.Probability) / 50, 2, operations.Count);
        foreach (var group in all.GroupBy(r => policy.Resolve(r.Name, Size).Operation.Operation))
            AssertNear(Draws, group.Sum(r => r.Probability) / 25 / 2, 2, operations.Count(s => s.Operation == group.Key));
    }

    [Fact]
    public void The_tables_of_AutoAugment_differ_as_their_sources_do()
    {
        // Level 9 of a shift and levels of posterize, worked out from the sources' formulas.
        Assert.Equal(225, Argument(AutoAugmentTable.Tpu, "TranslateY", 9), 9);
        Assert.Equal(40.5, Argument(AutoAugmentTable.V0, "TranslateY", 9), 9);
        Assert.Equal(2, Argument(AutoAugmentTable.V0, "Posterize", 6));
        Assert.Equal(2, Argument(AutoAugmentTable.V0R, "Posterize", 6));
        Assert.Equal(0, Argument(AutoAugmentTable.Tpu, "Posterize", 2));
        Assert.Equal(4, Argument(AutoAugmentTable.V0R, "Posterize", 2));
        Assert.Equal(7, Argument(AutoAugmentTable.Original, "Posterize", 8));
        Assert.Equal(1, Argument(AutoAugmentTable.OriginalR, "Posterize", 8));
        Assert.Equal(4, Argument(AutoAugmentTable.Torchvision, "Posterize", 8));

        static double Argument(AutoAugmentTable table, string name, double level)
        {
            var (operation, scale) = new AutoAugment(table, Timm).Resolve(name, Size);
            return operation.Rule(level, 1, scale);
        }
    }

    [Fact]
    public void TrivialAugment_draws_one_of_fourteen_at_any_of_31_levels()
    {
        var operations = Operations(new TrivialAugmentWide(PolicySettings.Torchvision));
        Assert.Equal(Draws, operations.Count);
        foreach (var operation in operations.GroupBy(s => s.Operation)) AssertNear(Draws, 1.0 / 14, 1, operation.Count());
        // 31 levels in two directions, of which the two of level 0 are one.
        Assert.Equal(61, operations.Where(s => s.Operation == ImageOperation.Rotate).Select(s => s.Argument).Distinct().Count());
    }

    [Fact]
    public void Three_augment_is_a_third_grey_a_third_solarized_and_a_third_blurred()
    {
        var operations = Operations(new ThreeAugment());
        AssertNear(Draws, 1.0 / 3, 1, operations.Count(s => s is { Operation: ImageOperation.Color, Argument: 0 }));
        AssertNear(Draws, 1.0 / 3, 1, operations.Count(s => s is { Operation: ImageOperation.Solarize, Argument: 128 }));
        double[] blurs = [.. operations.Where(s => s.Operation == ImageOperation.GaussianBlur).Select(s => s.Argument)];
        Assert.All(blurs, b => Assert.InRange(b, 0.1, 2));
        Assert.InRange(
            blurs.Average(), 1.05 - (5 * 1.9 / Math.Sqrt(12.0 * blurs.Length)), 1.05 + (5 * 1.9 / Math.Sqrt(12.0 * blurs.Length)));
    }

    [Fact]
    public void AugMix_draws_shares_that_add_up_and_chains_of_one_to_three()
    {
        var policy = new AugMix(new AugMixOptions(), Timm);
        double mixed = 0;
        var depths = new int[4];
        for (ulong i = 0; i < Draws; i++)
        {
            var random = new SeededRandom(8, i);
            var draw = policy.Draw(Size, ref random);
            mixed += draw.Mixed;
            Assert.Equal(1, draw.Chains.Sum(c => c.Share), 5);
            foreach (var chain in draw.Chains) depths[chain.Operations.Length]++;
        }

        // Beta(1, 1) is uniform.
        Assert.InRange(mixed / Draws, 0.5 - (5 / Math.Sqrt(12.0 * Draws)), 0.5 + (5 / Math.Sqrt(12.0 * Draws)));
        for (int depth = 1; depth <= 3; depth++) AssertNear(Draws, 1.0 / 3, 3, depths[depth]);
    }

    [Fact]
    public void Equal_streams_give_equal_images_and_every_policy_changes_some()
    {
        using var source = Golden.Source();
        foreach (string text in AugmentationPolicies.Names)
        {
            var policy = AugmentationPolicies.Parse(text, Preprocessing.ForSize(64));
            var seen = new HashSet<string>();
            for (ulong i = 0; i < 24; i++)
            {
                string hash = Run(policy, i);
                Assert.Equal(hash, Run(policy, i));
                seen.Add(hash);
            }

            Assert.True(seen.Count > 5, text);
        }

        string Run(IAugmentation policy, ulong stream)
        {
            using var image = Image.FromRgb(source.ToRgb(), source.Width, source.Height);
            var random = new SeededRandom(1, 2, stream);
            policy.Apply(image, ref random);
            return AugmentationGoldens.Hash(image);
        }
    }

    private static List<PolicyOperation> Operations(SequentialPolicy policy)
    {
        var operations = new List<PolicyOperation>();
        for (ulong i = 0; i < Draws; i++)
        {
            var random = new SeededRandom(11, i);
            operations.AddRange(policy.Draw(Size, ref random));
        }

        return operations;
    }

    /// <summary>Within five standard deviations of the binomial; for several trials a draw this is generous.</summary>
    private static void AssertNear(int draws, double probability, int trials, int count)
    {
        double mean = draws * trials * probability,
            spread = 5 * Math.Sqrt(draws * (double)trials * trials * probability * (1 - probability));
        Assert.InRange(count, mean - spread, mean + spread);
    }
}
