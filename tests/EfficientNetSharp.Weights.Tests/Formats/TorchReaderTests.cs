using EfficientNetSharp.Tests.Files;
using EfficientNetSharp.Weights.Formats;
using static EfficientNetSharp.Weights.Tests.Formats.FormatGolden;

namespace EfficientNetSharp.Weights.Tests.Formats;

public sealed class TorchReaderTests
{
    [Theory]
    [InlineData("torch_zip.pth")]
    [InlineData("torch_legacy.pth")]
    [InlineData("torch_deflated.pth")]
    [InlineData("torch_protocol4.pth")]
    [InlineData("torch_protocol5.pth")]
    public void Every_type_and_view_of_a_state_dictionary_is_read(string name)
    {
        using var file = WeightFile.Open(At(name));
        Assert.Equal(WeightFormat.Torch, file.Format);
        AssertHolds(
            file,
            ("conv.weight", [2, 3, 1, 1], Grid(6, 0)),
            // The base is [4, 3]: 1, 1.125, 1.25; 1.375, …
            ("transposed", [3, 4], [1, 1.375f, 1.75f, 2.125f, 1.125f, 1.5f, 1.875f, 2.25f, 1.25f, 1.625f, 2, 2.375f]),
            ("row", [3], [1.75f, 1.875f, 2]),
            ("every_other", [2, 2], [1.125f, 1.25f, 1.875f, 2]),
            ("half", [3], Grid(3, 2)),
            ("bfloat16", [3], Grid(3, 3)),
            ("double", [2], Grid(2, 4)),
            ("long", [2], [-3, 70000]),
            ("int", [2], [-3, 70000]),
            ("short", [2], [-3, 300]),
            ("char", [2], [-3, 100]),
            ("byte", [2], [3, 200]),
            ("bool", [2], [1, 0]),
            ("bn.num_batches_tracked", [], [7]),
            ("empty", [0, 5], []),
            ("expanded", [3], [2.5f, 2.5f, 2.5f]));
    }

    [Fact]
    public void A_file_of_a_big_endian_machine_says_so_and_is_read()
    {
        using var file = WeightFile.Open(At("torch_big_endian.pth"));
        Assert.Equal(Grid(6, 0), file.Tensors[0].ReadTensor().Values);
    }

    [Theory]
    [InlineData("torch_checkpoint.pth")]
    [InlineData("torch_checkpoint_legacy.pth")]
    public void A_checkpoint_gives_its_state_dictionary_without_the_wrapper_s_prefix(string name)
    {
        using var file = WeightFile.Open(At(name));
        AssertHolds(file, Module(0));
        Assert.Equal("12", file.Metadata["epoch"]);
        Assert.Equal("efficientnet_b0", file.Metadata["arch"]);
        Assert.Equal("0.75", file.Metadata["metric"]);
    }

    [Theory]
    [InlineData("torch_checkpoint.pth")]
    [InlineData("torch_checkpoint_legacy.pth")]
    public void Moving_averages_are_taken_when_they_are_preferred(string name)
    {
        using var file = WeightFile.Open(At(name), preferEma: true);
        AssertHolds(file, Module(100));
    }

    [Fact]
    public void An_averaged_model_is_read_without_its_count()
    {
        using var file = WeightFile.Open(At("torch_averaged.pth"));
        AssertHolds(file, Module(0));
    }

    [Fact]
    public void Parameters_are_tensors()
    {
        using var file = WeightFile.Open(At("torch_parameters.pth"));
        AssertHolds(file, Module(0)[..4]);
    }

    [Fact]
    public void A_whole_pickled_model_is_read_as_its_state_dictionary_and_not_run()
    {
        using var file = WeightFile.Open(At("torch_module.pth"));
        AssertHolds(file, Module(0));
    }

    [Theory]
    [InlineData("torch_list.pth", "a list")]
    [InlineData("torch_no_tensors.pth", "'weights'")]
    public void What_is_no_state_dictionary_is_refused_by_name(string name, string expected) =>
        HostileInput.AssertRefused(() => WeightFile.Open(At(name)), expected);

    private static (string Name, int[] Shape, float[] Values)[] Module(int more) =>
    [
        ("conv.weight", [2, 1, 1, 1], Grid(2, more)),
        ("conv.bias", [2], Grid(2, more + 1)),
        ("bn.weight", [2], Grid(2, more + 2)),
        ("bn.bias", [2], Grid(2, more + 3)),
        ("bn.running_mean", [2], Grid(2, more + 4)),
        ("bn.running_var", [2], Grid(2, more + 5)),
        ("bn.num_batches_tracked", [], [more + 6]),
    ];
}
