using EfficientNetSharp.Architectures;
using EfficientNetSharp.Weights.Downloads;
using EfficientNetSharp.Weights.NameMaps;

namespace EfficientNetSharp.Weights.Tests.Downloads;

public sealed class PublishedWeightsTests
{
    public static TheoryData<string> Names => [.. PublishedWeightsTable.All.Select(row => row.Name)];

    [Fact]
    public void Names_and_addresses_are_unique()
    {
        Assert.Distinct(PublishedWeightsTable.All.Select(row => row.Name.ToUpperInvariant()));
        Assert.Distinct(PublishedWeightsTable.All.Select(row => row.Url));
        Assert.Distinct(PublishedWeightsTable.All.Select(row => WeightCache.PathOf("/cache", row).ToUpperInvariant()));
    }

    [Theory]
    [MemberData(nameof(Names))]
    public void A_row_is_sound(string name)
    {
        var row = Assert.Single(PublishedWeightsTable.Find(name));
        Assert.Equal(Uri.UriSchemeHttps, row.Url.Scheme);
        Assert.Empty(row.Url.Query);
        Assert.Matches("\\.(pth|safetensors|h5|tar\\.gz|tgz)$", row.Url.AbsolutePath);
        Assert.Contains(row.Source, PublishedSources.All);
        Assert.StartsWith(row.Source + "/", row.Name, StringComparison.Ordinal);
        Assert.Matches("^([0-9a-f]{8}|[0-9a-f]{10}|[0-9a-f]{64})$", row.Sha256 ?? "01234567");
        Assert.Matches("^[0-9a-f]{32}$", row.Md5 ?? new string('0', 32));
        if (row.Url.AbsolutePath.EndsWith(".pth", StringComparison.Ordinal)) Assert.EndsWith($"-{row.Sha256}.pth", row.FileName,
            StringComparison.Ordinal);
        Assert.True(row.Preprocessing.ResizeTo >= row.Preprocessing.Height && row.Preprocessing.Height == row.Preprocessing.Width);
        if (row.Top1 is { } top1) Assert.InRange(top1, 55, 90);
        if (row.Top5 is { } top5) Assert.InRange(top5, row.Top1!.Value, 100);
    }

    [Theory]
    [MemberData(nameof(Names))]
    public void A_row_has_a_registered_architecture_and_a_known_name_map(string name)
    {
        var row = PublishedWeightsTable.Find(name)[0];
        Assert.NotNull(ArchitectureRegistry.Find(row.Architecture));
        Assert.Equal(row.NameMap, NameMapRegistry.Get(row.NameMap).Name);
        Assert.Contains(row, PublishedWeightsTable.ForArchitecture(row.Architecture));
    }

    [Theory]
    [MemberData(nameof(Names))]
    public void The_name_map_of_the_source_has_the_architecture_and_means_the_same_one(string name)
    {
        var row = PublishedWeightsTable.Find(name)[0];
        var map = NameMapRegistry.Get(row.NameMap);
        var named = ArchitectureRegistry.Get(row.Architecture);
        var adapted = map.Adapt(named);
        Assert.Equal(named.Padding, adapted.Padding);
        Assert.NotEmpty(map.Map(adapted, adapted.Build(), new HashSet<string>()));
    }

    [Fact]
    public void A_file_is_known_by_its_place_in_the_cache_or_by_its_name()
    {
        var hub = PublishedWeightsTable.Find("timm/efficientnet_b0.ra_in1k")[0];
        Assert.Equal(hub, PublishedWeightsTable.OfFile(WeightCache.PathOf("/cache", hub)));
        Assert.Null(PublishedWeightsTable.OfFile("/somewhere/model.safetensors"));
        var torchvision = PublishedWeightsTable.Find("torchvision/resnet50.IMAGENET1K_V1")[0];
        Assert.Equal(torchvision, PublishedWeightsTable.OfFile($"/downloads/{torchvision.FileName}"));
    }

    [Theory]
    [InlineData("torchvision/resnet50.IMAGENET1K_V1", "torchvision/resnet50.IMAGENET1K_V1")]
    [InlineData("TORCHVISION/ResNet50.imagenet1k_v1", "torchvision/resnet50.IMAGENET1K_V1")]
    [InlineData("efficientnet_b0.ra_in1k", "timm/efficientnet_b0.ra_in1k")]
    [InlineData("efficientnet-b0.aa", "tpu/efficientnet-b0.aa")]
    [InlineData(" torchvision/resnet50 ", "torchvision/resnet50.IMAGENET1K_V2")]
    [InlineData("resnet50", "torchvision/resnet50.IMAGENET1K_V2")]
    // The best at the network's own 224 pixels, not the one at 256.
    [InlineData("efficientnet_b0", "timm/efficientnet_b0.ra_in1k")]
    [InlineData("efficientnet-b0", "timm/efficientnet_b0.ra_in1k")]
    [InlineData("mobilenet_v1", "timm/mobilenetv1_100.ra4_e3600_r224_in1k")]
    [InlineData("tf_efficientnet_b0", "tpu/efficientnet-b0.noisystudent")]
    [InlineData("tpu/efficientnet-b7", "tpu/efficientnet-b7.noisystudent")]
    [InlineData("keras/efficientnetb0", "keras/efficientnetb0")]
    public void Names_are_understood(string typed, string first) => Assert.Equal(first, PublishedWeightsTable.Find(typed)[0].Name);

    [Theory]
    [InlineData("efficientnet_b0.ra_in2k", "efficientnet_b0.ra_in1k")]
    [InlineData("torchvison/resnet18.IMAGENET1K_V1", "torchvision/resnet18.IMAGENET1K_V1")]
    [InlineData("", "--list")]
    public void An_unknown_name_gets_the_nearest(string typed, string nearest) =>
        Assert.Contains(nearest, Assert.Throws<InvalidInputException>(() => PublishedWeightsTable.Find(typed)).Message,
            StringComparison.Ordinal);

    [Fact]
    public void Torchvisions_rows_say_what_torchvision_says()
    {
        // Printed by torchvision's own objects: crop, resize, interpolation, mean, deviation, top-1, top-5.
        var golden = File.ReadLines(Path.Combine(AppContext.BaseDirectory, "Goldens", "torchvision", "published-weights.tsv")).Skip(1)
            .ToList();
        var ours = PublishedWeightsTable.All.Where(row => row.Source == PublishedSources.Torchvision)
            .Select(row => (row, p: row.Preprocessing)).Select(pair => string.Join('\t',
            pair.row.ShortName, pair.p.Height, pair.p.ResizeTo, pair.p.Interpolation.ToString().ToLowerInvariant(), pair.p.Mean[0],
            pair.p.StandardDeviation[0], pair.row.Top1, pair.row.Top5));
        Assert.All(ours, row => Assert.Contains(row, golden));
    }

    [Fact]
    public void The_preprocessing_is_that_of_the_publisher()
    {
        // timm: ⌊240 / 0.882⌋.
        Assert.Equal(272, PublishedWeightsTable.Find("timm/tf_efficientnet_b1.ap_in1k")[0].Preprocessing.ResizeTo);
        // AdvProp and the lite networks see other statistics.
        Assert.Equal(0.5f, PublishedWeightsTable.Find("tpu/efficientnet-b0.advprop")[0].Preprocessing.Mean[0]);
        var lite = PublishedWeightsTable.Find("tpu/efficientnet-lite0")[0].Preprocessing;
        Assert.Equal(0, (127f / 255 - lite.Mean[0]) / lite.StandardDeviation[0]);
        Assert.Equal(1, (1 - lite.Mean[0]) / lite.StandardDeviation[0], 1e-6f);
    }
}
