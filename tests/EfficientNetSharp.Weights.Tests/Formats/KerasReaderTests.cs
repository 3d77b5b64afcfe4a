using EfficientNetSharp.Tests.Files;
using EfficientNetSharp.Weights.Formats;
using static EfficientNetSharp.Weights.Tests.Formats.FormatGolden;

namespace EfficientNetSharp.Weights.Tests.Formats;

public sealed class KerasReaderTests
{
    private static readonly (string Name, int[] Shape, float[] Values)[] Stem =
    [
        ("stem_conv/kernel", [1, 1, 3, 2], Grid(6, 1)),
        ("stem_bn/gamma", [2], Grid(2, 2)),
        ("stem_bn/beta", [2], Grid(2, 3)),
        ("stem_bn/moving_mean", [2], Grid(2, 4)),
        ("stem_bn/moving_variance", [2], Grid(2, 5)),
    ];

    private static readonly (string Name, int[] Shape, float[] Values)[] Top =
    [
        ("predictions/kernel", [2, 3], Grid(6, 6)),
        ("predictions/bias", [3], Grid(3, 7)),
    ];

    [Theory]
    [InlineData("keras2_weights.h5")]
    [InlineData("keras2_model.h5")]
    public void Layers_come_in_their_order_as_layer_and_weight(string name)
    {
        using var file = WeightFile.Open(At(name));
        Assert.Equal(WeightFormat.Keras, file.Format);
        AssertHolds(file, [.. Stem, .. Top]);
        Assert.Equal("2.11.0", file.Metadata["keras_version"]);
    }

    [Fact]
    public void Layers_of_an_inner_model_have_their_own_names()
    {
        using var file = WeightFile.Open(At("keras2_nested.h5"));
        AssertHolds(file, [.. Stem, ("top_level/kernel", [2, 2], Grid(4, 8)), .. Top]);
    }

    [Fact]
    public void Newer_file_versions_and_other_types_are_read()
    {
        using var file = WeightFile.Open(At("keras2_latest.h5"));
        AssertHolds(
            file,
            ("stem_bn/beta", [3], Grid(3, 2)),
            ("stem_bn/counts", [2], [-3, 7]),
            ("stem_bn/gamma", [3], Grid(3, 3)));
    }

    [Fact]
    public void Chunks_of_the_newest_file_version_are_refused_with_what_to_do() =>
        HostileInput.AssertRefused(() => WeightFile.Open(At("keras2_latest_chunked.h5")), "save it again");

    [Fact]
    public void Compressed_weights_are_read()
    {
        using var file = WeightFile.Open(At("keras2_chunked.h5"));
        AssertHolds(
            file,
            ("stem_bn/beta", [3], Grid(3, 2)),
            ("stem_conv/kernel", [5, 7, 3], Grid(105, 1)),
            ("stem_dense/kernel", [64, 3], Grid(192, 1)));
    }

    [Theory]
    [InlineData("keras3.weights.h5", "layers")]
    [InlineData("keras3.keras", "layers")]
    [InlineData("keras3_deflated.keras", "layers")]
    [InlineData("keras3_dependencies.weights.h5", "_layer_checkpoint_dependencies")]
    public void Weights_of_Keras_3_have_their_paths(string name, string top)
    {
        using var file = WeightFile.Open(At(name));
        AssertHolds(
            file,
            ($"{top}/batch_normalization/vars/0", [2], Grid(2, 2)),
            ($"{top}/batch_normalization/vars/1", [2], Grid(2, 3)),
            ($"{top}/batch_normalization/vars/2", [2], Grid(2, 4)),
            ($"{top}/batch_normalization/vars/3", [2], Grid(2, 5)),
            ($"{top}/conv2d/vars/0", [1, 1, 3, 2], Grid(6, 1)),
            ($"{top}/functional/layers/dense/vars/0", [2, 3], Grid(6, 6)));
    }

    [Fact]
    public void Files_of_texts_are_refused() =>
        HostileInput.AssertRefused(() => WeightFile.Open(At("hdf5_other.h5")), "without Keras's weights");

    [Fact]
    public void Links_to_other_files_and_to_groups_around_are_not_followed()
    {
        using var file = WeightFile.Open(At("hdf5_links.h5"));
        AssertHolds(file, ("layer/kernel", [2], Grid(2, 1)));
    }

    [Fact]
    public void Values_in_other_files_are_refused() =>
        HostileInput.AssertRefused(() => WeightFile.Open(At("hdf5_outside.h5")), "'layer/outside' with values in other files");

    [Fact]
    public void Many_layers_are_found_in_a_tree_of_names()
    {
        using var file = WeightFile.Open(At("keras2_many.h5"));
        Assert.Equal(["zeta/bias", .. Enumerable.Range(0, 300).Select(i => $"many/w{i:000}")], file.Tensors.Select(tensor => tensor.Name));
        Assert.All(file.Tensors, tensor => Assert.Equal([1], tensor.ReadTensor().Values));
        Assert.Equal("€", file.Metadata["backend"]);
    }
}
