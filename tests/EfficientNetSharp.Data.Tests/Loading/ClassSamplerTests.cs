using System.Collections.Immutable;
using EfficientNetSharp.Data.Loading;

namespace EfficientNetSharp.Data.Tests.Loading;

/// <summary>Orders by classes: groups of one class, and classes that come equally often.</summary>
public sealed class ClassSamplerTests
{
    private static readonly Gen<(int[] Labels, int GroupSize, int Groups, ulong Seed, int Ranks)> Cases =
        Gen.Select(Gen.Int[0, 6].Array[1, 80], Gen.Int[1, 5], Gen.Int[1, 8], Gen.ULong, Gen.Int[1, 4]);

    [Fact]
    public void Groups_are_of_one_class_and_ranks_together_see_what_one_process_sees()
    {
        Cases.Sample((labels, size, groups, seed, ranks) =>
        {
            var images = ClassSampler.Filled(new Labelled(labels), size, balanced: false);
            var sampler = ClassSampler.Of(images, size, balanced: false);
            if (Math.Min(sampler.Count / size, groups) < ranks) return;
            var alone = SampleOrder.ByClasses(sampler, groups * size, seed, 3);
            int[] seen = alone.Epoch.ToArray();
            Assert.Equal(seen.Length, seen.Distinct().Count());
            Assert.Equal(sampler.Count / Math.Min(sampler.Count, groups * size) * Math.Min(sampler.Count, groups * size), seen.Length);
            Assert.Equal(labels.Distinct().Count(), images.Classes.Where((_, label) => images.CountsOfClasses()[label] >= size).Count());
            for (int i = 0; i < seen.Length; i += size)
                Assert.Single(Enumerable.Range(i, size).Select(at => images.LabelOf(seen[at])).Distinct());
            var parts = Enumerable.Range(0, ranks).Select(rank => SampleOrder.ByClasses(sampler, groups * size, seed, 3, rank, ranks)).ToList();
            for (int batch = 0; batch < alone.BatchCount; batch++)
            {
                Assert.Equal(alone.Batch(batch).ToArray(), parts.SelectMany(part => part.Batch(batch).ToArray()));
                Assert.All(parts, part => Assert.Equal(0, part.Batch(batch).Length % size));
                Assert.All(parts, part => Assert.InRange(part.Batch(batch).Length, size, part.MaxRows));
            }
        });
    }

    [Fact]
    public void Balanced_epochs_show_every_class_equally_often_and_every_image_in_turn()
    {
        Cases.Sample((labels, _, _, seed, _) =>
        {
            var images = ClassSampler.Filled(new Labelled(labels), 1, balanced: true);
            var sampler = ClassSampler.Of(images, 1, balanced: true);
            int each = (labels.Length + labels.Distinct().Count() - 1) / labels.Distinct().Count();
            var seen = new HashSet<int>();
            for (int epoch = 0; epoch < 60; epoch++)
            {
                int[] order = SampleOrder.ByClasses(sampler, 1, seed, epoch).Epoch.ToArray();
                Assert.All(order.GroupBy(images.LabelOf), group => Assert.Equal(each, group.Count()));
                seen.UnionWith(order);
            }

            Assert.True(seen.Count >= Math.Min(labels.Length, each), "images are drawn in turn");
        }, iter: 50);
    }

    [Fact]
    public void Classes_are_spread_over_the_epoch()
    {
        // 40 classes of 8 images, batches of 16 groups of 4: 80 groups in 5 batches; hardly a class twice in a batch, none thrice.
        var images = new Labelled([.. Enumerable.Range(0, 320).Select(i => i / 8)]);
        var sampler = ClassSampler.Of(images, 4, balanced: false);
        for (int epoch = 0; epoch < 20; epoch++)
        {
            var order = SampleOrder.ByClasses(sampler, 64, 7, epoch);
            for (int batch = 0; batch < order.BatchCount; batch++)
            {
                int[] labels = [.. order.Batch(batch).ToArray().Select(images.LabelOf)];
                Assert.InRange(labels.Distinct().Count(), 12, 16);
                Assert.All(labels.GroupBy(label => label), group => Assert.InRange(group.Count(), 4, 8));
            }
        }
    }

    [Fact]
    public void Epochs_differ_and_are_repeated_by_their_seed()
    {
        var sampler = ClassSampler.Of(new Labelled([.. Enumerable.Range(0, 60).Select(i => i % 10)]), 3, balanced: false);
        int[] Order(ulong seed, int epoch) => SampleOrder.ByClasses(sampler, 12, seed, epoch).Epoch.ToArray();
        Assert.Equal(Order(1, 2), Order(1, 2));
        Assert.NotEqual(Order(1, 2), Order(1, 3));
        Assert.NotEqual(Order(1, 2), Order(2, 2));
    }

    [Fact]
    public void What_does_not_fit_is_said()
    {
        var sampler = ClassSampler.Of(new Labelled([0, 0, 0, 1, 1, 1]), 3, balanced: false);
        Assert.Contains("multiple of 3", Assert.Throws<InvalidInputException>(() => SampleOrder.ByClasses(sampler, 4, 0, 0)).Message,
            StringComparison.Ordinal);
        Assert.Contains("3 processes", Assert.Throws<InvalidInputException>(() => SampleOrder.ByClasses(sampler, 6, 0, 0, 0, 3)).Message,
            StringComparison.Ordinal);
        var thin = ClassSampler.Of(new Labelled([0, 1]), 2, balanced: false);
        Assert.Contains("0 images in groups", Assert.Throws<InvalidInputException>(() => SampleOrder.ByClasses(thin, 4, 0, 0)).Message,
            StringComparison.Ordinal);
    }

    [Fact]
    public void A_class_of_few_images_fills_its_group_with_them_again()
    {
        var source = new Labelled([0, 1, 1, 1]);
        var filled = Assert.IsType<SubsetDataset>(ClassSampler.Filled(source, 3, balanced: false));
        Assert.Equal([0, 1, 2, 3, 0, 0], filled.Indices);
        Assert.Same(source, ClassSampler.Filled(source, 1, balanced: false));
    }

    private sealed class Labelled(int[] labels) : IImageDataset
    {
        public int Count => labels.Length;

        public ImmutableArray<string> Classes { get; } = [.. Enumerable.Range(0, labels.Max() + 1).Select(label => $"class {label}")];

        public int LabelOf(int index) => labels[index];

        public string NameOf(int index) => $"{index}.png";

        public long SizeOf(int index) => 0;

        public void ReadEncoded(int index, EncodedBuffer buffer) => throw new NotSupportedException();
    }
}
