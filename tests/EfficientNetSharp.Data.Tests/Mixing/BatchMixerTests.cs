using System.Runtime.InteropServices;
using System.Security.Cryptography;
using System.Text.Json;
using EfficientNetSharp.Data.Mixing;
using EfficientNetSharp.Graphs;
using EfficientNetSharp.Randomness;

namespace EfficientNetSharp.Data.Tests.Mixing;

public sealed class BatchMixerTests
{
    private static readonly TensorShape Shape = TensorShape.Map(3, 20, 30);

    [Fact]
    public void Given_shares_and_boxes_give_the_bytes_of_torch()
    {
        using var goldens = JsonDocument.Parse(File.ReadAllBytes(Path.Combine(AppContext.BaseDirectory, "Mixing", "mixing.json")));
        int cases = 0;
        foreach (var golden in goldens.RootElement.GetProperty("cases").EnumerateArray())
        {
            int[] sizes = [.. golden.GetProperty("shape").EnumerateArray().Select(v => v.GetInt32())];
            var shape = TensorShape.Map(sizes[1], sizes[2], sizes[3]);
            float[] images = Formula(sizes[0] * (int)shape.Count);
            MixParameters[] mixes = [.. golden.GetProperty("mixes").EnumerateArray().Select(mix => MixOf(mix, shape))];
            BatchMixer.Apply(images, shape, mixes);
            Assert.Equal(golden.GetProperty("sha256").GetString(), Hash(images));
            Assert.Equal(golden.GetProperty("shares").EnumerateArray().Select(v => v.GetSingle()), mixes.Select(mix => mix.Share));
            cases++;
        }

        Assert.Equal(15, cases);

        static MixParameters MixOf(JsonElement mix, TensorShape shape)
        {
            float share = mix[1].GetSingle();
            if (mix[0].GetString() != "cutmix") return new MixParameters(mix[0].GetString() == "none" ? 1 : share, null);
            var box = MixingBox.Around(mix[3].GetInt32(), mix[2].GetInt32(), share, shape.Width, shape.Height);
            return new MixParameters(box.ShareLeft(shape.Width, shape.Height), box);
        }
    }

    [Fact]
    public void Shares_are_what_is_in_the_images()
    {
        // Images of one value each: what is left of it is the share, for Mixup in each value, for CutMix on average.
        Gen.Select(Gen.Int[1, 9], Gen.Double[0.1, 2], Gen.Enum<MixingMode>(), Gen.ULong, Gen.Int[0, 2])
            .Sample((count, alpha, mode, seed, kind) =>
        {
            var options = new MixingOptions(kind == 0 ? 0 : alpha, kind == 1 ? 0 : alpha, 0.8, 0.5, mode);
            var (images, second, shares) = Mix(options, count, seed);
            for (int i = 0; i < count; i++)
            {
                int j = count - 1 - i;
                Assert.Equal(100 + j, second[i]);
                Assert.InRange(shares[i], 0, 1);
                double mean = images.AsSpan(i * 1800, 1800).ToArray().Average(v => (double)v);
                double expected = (shares[i] * (i + 1.0)) + ((1 - shares[i]) * (j + 1.0));
                Assert.InRange(mean, expected - 1e-5, expected + 1e-5);
            }
        }, iter: 200);
    }

    [Fact]
    public void A_batch_mode_draws_once_a_pair_mode_for_two_and_an_element_mode_for_each()
    {
        var options = new MixingOptions(MixupAlpha: 1);
        Assert.Single(Mix(options, 8, 1).Shares.Distinct());
        float[] pairs = Mix(options with { Mode = MixingMode.Pair }, 8, 1).Shares;
        Assert.Equal(pairs.Reverse(), pairs);
        Assert.Equal(4, pairs.Distinct().Count());
        Assert.Equal(8, Mix(options with { Mode = MixingMode.Element }, 8, 1).Shares.Distinct().Count());
        // The one in the middle has nobody.
        Assert.All(Enum.GetValues<MixingMode>(), mode => Assert.Equal(1, Mix(options with { Mode = mode }, 7, 1).Shares[3]));
    }

    [Theory]
    [InlineData(0.2, 0, 1, 0.5)]
    [InlineData(0, 1, 1, 0.5)]
    [InlineData(1, 1, 0.7, 0.25)]
    [InlineData(0.5, 1, 1, 0.3)]
    [InlineData(1, 0.4, 1, 1)]
    public void Kinds_and_shares_come_as_often_as_said(double mixup, double cutmix, double probability, double switching)
    {
        const int Draws = 20_000;
        var options = new MixingOptions(mixup, cutmix, probability, switching);
        var drawn = Enumerable.Range(0, Draws).Select(i =>
        {
            var random = new SeededRandom(3, (ulong)i);
            return MixParameters.Draw(options, TensorShape.Map(3, 224, 224), ref random);
        }).ToArray();
        double cut = cutmix == 0 ? 0 : mixup == 0 ? 1 : switching;
        AssertNear(probability * cut, drawn.Count(m => m.Box is not null));
        // Mixup's share is 1 in single precision now and then; with small alphas it is often.
        if (mixup is 0 or 1) AssertNear(1 - probability, drawn.Count(m => m is { Share: 1, Box: null }));
        float[] shares = [.. drawn.Where(m => m.Box is null).Select(m => m.Share)];
        if (shares.Length == 0 || probability < 1) return;
        double variance = 1 / (4 * ((2 * mixup) + 1));
        Assert.InRange(shares.Average(), 0.5 - (5 * Math.Sqrt(variance / shares.Length)), 0.5 + (5 * Math.Sqrt(variance / shares.Length)));
        // Beta(α, α): the variance is 1 / (4·(2α + 1)).
        Assert.Equal(variance, shares.Average(s => (s - 0.5) * (s - 0.5)), variance * 0.05);

        static void AssertNear(double expected, int count)
        {
            double spread = 5 * Math.Sqrt(Draws * expected * (1 - expected));
            Assert.InRange(count, (Draws * expected) - spread, (Draws * expected) + spread);
        }
    }

    [Fact]
    public void Parts_mixed_apart_are_the_parts_of_several_processes()
    {
        var options = new MixingOptions(0.4, 1, Mode: MixingMode.Element);
        float[] whole = Formula(8 * 1800);
        int[] labels = [0, 1, 2, 3, 4, 5, 6, 7], second = new int[8];
        float[] shares = new float[8];
        var mixer = new BatchMixer(options);
        for (int part = 0; part < 2; part++)
        {
            mixer.Mix(
                whole.AsSpan(part * 4 * 1800, 4 * 1800), Shape, labels.AsSpan(part * 4, 4), second.AsSpan(part * 4, 4),
                shares.AsSpan(part * 4, 4), 5, 2, 9, part);
        }

        Assert.Equal([3, 2, 1, 0, 7, 6, 5, 4], second);
        Assert.NotEqual(shares[..4], shares[4..]);
        float[] alone = Formula(8 * 1800)[(4 * 1800)..];
        new BatchMixer(options).Mix(alone, Shape, labels.AsSpan(4), new int[4], new float[4], 5, 2, 9, 1);
        Assert.Equal(whole[(4 * 1800)..], alone);
    }

    [Fact]
    public void Every_number_of_a_stream_matters_and_equal_ones_give_equal_batches()
    {
        var options = new MixingOptions(1, 1);
        string[] hashes =
            [.. new[] { (1UL, 0, 0, 0), (2UL, 0, 0, 0), (1UL, 1, 0, 0), (1UL, 0, 1, 0), (1UL, 0, 0, 1), (1UL, 0, 0, 0) }.Select(Run)];
        Assert.Equal(5, hashes.Distinct().Count());
        Assert.Equal(hashes[0], hashes[5]);

        string Run((ulong Seed, int Epoch, int Batch, int Part) stream)
        {
            float[] images = Formula(4 * 1800);
            new BatchMixer(options).Mix(
                images, Shape, [0, 1, 2, 3], new int[4], new float[4], stream.Seed, stream.Epoch, stream.Batch, stream.Part);
            return Hash(images);
        }
    }

    [Fact]
    public void What_is_off_changes_nothing()
    {
        foreach (var options in new[] { new MixingOptions(), new MixingOptions(1, 1, Probability: 0) })
        {
            Assert.False(options.IsOn);
            float[] images = Formula(4 * 1800), shares = new float[4];
            new BatchMixer(options).Mix(images, Shape, [0, 1, 2, 3], new int[4], shares, 1, 0, 0);
            Assert.Equal(Formula(4 * 1800), images);
            Assert.Equal([1f, 1, 1, 1], shares);
        }
    }

    [Fact]
    public void Wrong_numbers_are_refused()
    {
        var good = new MixingOptions(0.2, 1);
        foreach (var (bad, name) in new[]
        {
            (good with { MixupAlpha = -1 }, "MixupAlpha"), (good with { CutMixAlpha = double.NaN }, "CutMixAlpha"),
            (good with { MixupAlpha = 1e-9 }, "MixupAlpha"),
            (good with { Probability = 1.1 }, "Probability"), (good with { SwitchProbability = -0.1 }, "SwitchProbability"),
            (good with { Mode = (MixingMode)4 }, "Mode"),
        })
        {
            Assert.Contains(name, Assert.Throws<InvalidInputException>(() => new BatchMixer(bad)).Message, StringComparison.Ordinal);
        }

        var mixer = new BatchMixer(good);
        Assert.Throws<ArgumentException>(() => mixer.Mix(new float[10], Shape, [1], new int[1], new float[1], 0, 0, 0));
        Assert.Throws<ArgumentException>(() => mixer.Mix(new float[1800], Shape, [1], new int[2], new float[1], 0, 0, 0));
        Assert.Throws<ArgumentOutOfRangeException>(() => mixer.Mix(new float[1800], Shape, [1], new int[1], new float[1], 0, -1, 0));
        mixer.Mix([], Shape, [], [], [], 0, 0, 0);
    }

    private static (float[] Images, int[] Second, float[] Shares) Mix(MixingOptions options, int count, ulong seed)
    {
        float[] images = [.. Enumerable.Range(0, count * 1800).Select(i => (i / 1800) + 1f)];
        int[] labels = [.. Enumerable.Range(100, count)], second = new int[count];
        float[] shares = new float[count];
        new BatchMixer(options).Mix(images, Shape, labels, second, shares, seed, 0, 0);
        return (images, second, shares);
    }

    /// <summary>make_mixing_goldens.py has the same values.</summary>
    private static float[] Formula(int count) => [.. Enumerable.Range(0, count).Select(i => (i * 7919L % 1009 / 64f) - 7)];

    private static string Hash(float[] values) => Convert.ToHexStringLower(SHA256.HashData(MemoryMarshal.AsBytes(values.AsSpan())));
}
