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
    public void Compressed_weights_of_newer_file_versions_and_other_types_are_read()
    {
        using var file = WeightFile.Open(At("keras2_compressed.h5"));
        Assert.Equal(
            ["stem_bn/beta", "stem_bn/gamma", "stem_conv/kernel"],
            file.Tensors.Select(tensor => tensor.Name).Order(StringComparer.Ordinal));
        var byName = file.Tensors.ToDictionary(tensor => tensor.Name, tensor => tensor.ReadTensor().Values);
        Assert.Equal(Grid(192, 1), byName["stem_conv/kernel"]);
        Assert.Equal(Grid(3, 2), byName["stem_bn/beta"]);
        Assert.Equal(Grid(3, 3), byName["stem_bn/gamma"]);
    }

    [Fact]
    public void Compressed_weights_are_read()
    {
        using var file = WeightFile.Open(At("keras2_chunked.h5"));
        AssertHolds(file, ("stem_conv/kernel", [64, 3], Grid(192, 1)));
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
    public void Files_of_texts_are_refused() => HostileInput.AssertRefused(() => WeightFile.Open(At("hdf5_other.h5")), "without Keras's weights");

    [Fact]
    public void Links_to_other_files_and_to_groups_around_are_not_followed()
    {
        using var file = WeightFile.Open(At("hdf5_external.h5"));
        Assert.DoesNotContain(file.Tensors, tensor => tensor.Name.Contains("linked", StringComparison.Ordinal));
        HostileInput.AssertRefused(() => ReadAll(At("hdf5_external.h5")), "");
    }
}
