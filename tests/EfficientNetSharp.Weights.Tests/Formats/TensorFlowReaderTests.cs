using System.Formats.Tar;
using EfficientNetSharp.Tests.Files;
using EfficientNetSharp.Weights.Formats;
using EfficientNetSharp.Weights.Formats.TensorFlow;
using static EfficientNetSharp.Weights.Tests.Formats.FormatGolden;

namespace EfficientNetSharp.Weights.Tests.Formats;

public sealed class TensorFlowReaderTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Theory]
    [InlineData("tensorflow/model.ckpt.index")]
    [InlineData("tensorflow/model.ckpt")]
    [InlineData("tensorflow/model.ckpt.data-00000-of-00002")]
    [InlineData("tensorflow/checkpoint")]
    [InlineData("tensorflow")]
    [InlineData("tensorflow.tar.gz")]
    [InlineData("tensorflow_pax.tar.gz")]
    public void A_checkpoint_is_opened_by_any_of_its_names(string name)
    {
        using var file = WeightFile.Open(At(name));
        Assert.Equal(WeightFormat.TensorFlow, file.Format);
        Assert.Equal(["efficientnet-b0/blocks_0/conv2d/kernel", "efficientnet-b0/head/dense/bias"],
            file.Tensors.Take(2).Select(tensor => tensor.Name));
        var byName = file.Tensors.Where(tensor => tensor.Name != "split")
            .ToDictionary(tensor => tensor.Name, tensor => tensor.ReadTensor());
        Assert.Equal(6, byName.Count);
        Assert.Equal([1, 1, 3, 2], byName["efficientnet-b0/stem/conv2d/kernel"].Shape);
        Assert.Equal(Grid(6, 1), byName["efficientnet-b0/stem/conv2d/kernel"].Values);
        Assert.Equal(Grid(2, 2), byName["efficientnet-b0/stem/tpu_batch_normalization/beta"].Values);
        Assert.Equal(Grid(2, 3), byName["efficientnet-b0/stem/tpu_batch_normalization/gamma"].Values);
        Assert.Equal(Grid(9, 4), byName["efficientnet-b0/blocks_0/conv2d/kernel"].Values);
        Assert.Equal(Grid(3, 5), byName["efficientnet-b0/head/dense/bias"].Values);
        Assert.Equal([1234567], byName["global_step"].Values);
        Assert.Empty(byName["global_step"].Shape);
    }

    [Fact]
    public void A_split_variable_is_refused_when_it_is_read()
    {
        using var file = WeightFile.Open(At("tensorflow"));
        var split = Assert.Single(file.Tensors, tensor => tensor.Name == "split");
        HostileInput.AssertRefused(() => split.ReadTensor(), "split into parts");
    }

    [Fact]
    public void The_temporary_folder_of_an_archive_goes_with_the_file()
    {
        string[] before = Directory.GetDirectories(Path.GetTempPath(), "efficientnetsharp-*");
        using (WeightFile.Open(At("tensorflow.tar.gz")))
        {
        }

        Assert.Empty(Directory.GetDirectories(Path.GetTempPath(), "efficientnetsharp-*").Except(before));
    }

    [Fact]
    public void Several_checkpoints_are_not_chosen_from()
    {
        HostileInput.AssertRefused(() => WeightFile.Open(At("tensorflow_several.tar.gz")), "several files");
        _folder.Write("a.index", []);
        _folder.Write("b.index", []);
        HostileInput.AssertRefused(() => WeightFile.Open(_folder.Path), "several checkpoints (a.index, b.index)");
    }

    [Fact]
    public void A_folder_without_and_a_data_file_alone_say_what_is_missing()
    {
        HostileInput.AssertRefused(() => WeightFile.Open(_folder.Path), "a folder without a TensorFlow checkpoint");
        HostileInput.AssertRefused(() => WeightFile.Open(_folder.Write("m.data-00000-of-00001", [1])), "m.index' is missing");
        File.Copy(At("tensorflow/model.ckpt.index"), _folder["c.index"]);
        HostileInput.AssertRefused(() => WeightFile.Open(_folder["c.index"]), "c.data-00000-of-00002");
    }

    [Fact]
    public void A_changed_value_is_found_by_its_checksum()
    {
        foreach (string part in Directory.GetFiles(At("tensorflow"))) File.Copy(part, _folder[Path.GetFileName(part)]);
        byte[] bytes = File.ReadAllBytes(_folder["model.ckpt.data-00000-of-00002"]);
        bytes[0] ^= 1;
        TemporaryFolder.Overwrite(_folder["model.ckpt.data-00000-of-00002"], bytes);
        HostileInput.AssertRefused(() => ReadAll(_folder["model.ckpt"]),
            "'efficientnet-b0/blocks_0/conv2d/kernel' does not have its checksum");
    }

    [Fact]
    public void The_ancient_format_of_PyTorch_is_told()
    {
        using (var tar = new TarWriter(File.Create(_folder["old.pth"]), TarEntryFormat.Ustar))
            tar.WriteEntry(new UstarTarEntry(TarEntryType.RegularFile, "sys_info") { DataStream = new MemoryStream([1, 2, 3]) });
        HostileInput.AssertRefused(() => WeightFile.Open(_folder["old.pth"]), "PyTorch before 0.1.10");
    }
}
