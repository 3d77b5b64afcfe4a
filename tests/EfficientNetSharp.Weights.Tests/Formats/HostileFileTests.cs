using EfficientNetSharp.Tests.Files;
using EfficientNetSharp.Weights.Formats;
using static EfficientNetSharp.Weights.Tests.Formats.FormatGolden;

namespace EfficientNetSharp.Weights.Tests.Formats;

/// <summary>Cut, changed and mixed-up files of every format: each is read or refused with one line, within little memory.</summary>
public sealed class HostileFileTests : IDisposable
{
    // Cuts of a file; more tell nothing new where most of a file is padding.
    private const int MaxCuts = 1_500;

    private readonly TemporaryFolder _folder = new();

    public static TheoryData<string> Files =>
    [
        "torch_zip.pth", "torch_legacy.pth", "torch_deflated.pth", "torch_protocol4.pth", "torch_checkpoint.pth",
        "torch_checkpoint_legacy.pth",
        "numpy.npz", "numpy_compressed.npz",
        "keras2_weights.h5", "keras2_latest.h5", "hdf5_links.h5", "keras2_nested.h5", "keras2_chunked.h5", "keras3.weights.h5",
        "keras3.keras", "keras3_deflated.keras",
        "tensorflow.tar.gz",
    ];

    public void Dispose() => _folder.Dispose();

    [Theory]
    [MemberData(nameof(Files))]
    public void A_file_that_is_cut_anywhere_is_read_or_refused(string name)
    {
        byte[] valid = File.ReadAllBytes(At(name));
        int step = Math.Max(1, valid.Length / MaxCuts);
        for (int length = 0; length < valid.Length; length += step)
        {
            TemporaryFolder.Overwrite(_folder["cut"], valid[..length]);
            try
            {
                ReadAll(_folder["cut"]);
            }
            catch (InvalidInputException refusal)
            {
                Assert.DoesNotContain('\n', refusal.Message);
            }
            catch (Exception e) when (e is not Xunit.Sdk.XunitException)
            {
                Assert.Fail($"cut at {length}: {e}");
            }
        }
    }

    [Theory]
    [MemberData(nameof(Files))]
    public void A_file_that_is_changed_anywhere_is_read_or_refused(string name)
    {
        byte[] valid = File.ReadAllBytes(At(name));
        int refused = HostileInput.Mutate(valid, valid.Length, _folder["changed"], ReadAll, seed: 1, rounds: 600);
        Assert.InRange(refused, 60, 600);
    }

    [Fact]
    public void The_index_of_a_checkpoint_that_is_changed_anywhere_is_read_or_refused()
    {
        foreach (string part in Directory.GetFiles(At("tensorflow"))) File.Copy(part, _folder[Path.GetFileName(part)]);
        byte[] valid = File.ReadAllBytes(_folder["model.ckpt.index"]);
        HostileInput.Mutate(valid, valid.Length, _folder["model.ckpt.index"], ReadAll, seed: 1, rounds: 2_000);
    }
}
