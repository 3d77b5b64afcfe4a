using System.Text;
using EfficientNetSharp.Data.Pairs;

namespace EfficientNetSharp.Data.Tests.Pairs;

public sealed class VerificationPairsTests
{
    // What Python 3 (protocols 2 and 4), NumPy and Python 2 wrote of the same images and labels.
    [Theory]
    [InlineData("python2")]
    [InlineData("protocol1")]
    [InlineData("proto2")]
    [InlineData("proto4")]
    [InlineData("numpy2")]
    [InlineData("scalars")]
    public void A_bin_file_gives_its_images_whatever_wrote_it(string name)
    {
        var pairs = VerificationPairs.Open(Golden($"pair-bins/{name}.bin"));
        Assert.Equal([true, false, false], pairs.IsSame);
        // Images a, b, a, c, b, c: three that differ.
        Assert.Equal([0, 1, 0, 2, 1, 2], pairs.Members);
        Assert.Equal(3, pairs.Images.Count);
        byte[][] expected =
        [
            [0xff, 0xd8, 0xff, .. " first image"u8], [0x89, .. "PNG"u8, 0, 0xe9, .. " second"u8],
            [.. Enumerable.Range(0, 256).Select(i => (byte)i), .. Enumerable.Repeat<byte[]>([.. "long "u8, 0xe9, 0], 10).SelectMany(b =>
                b)],
        ];
        var buffer = new EncodedBuffer();
        for (int i = 0; i < 3; i++)
        {
            pairs.Images.ReadEncoded(i, buffer);
            Assert.Equal(expected[i], buffer.Bytes.ToArray());
        }

        // The first two are the same, the third is somebody else.
        Assert.Equal([0, 0, 1], Enumerable.Range(0, 3).Select(pairs.Images.LabelOf));
        Assert.Equal($"{name}.bin:3", pairs.Images.NameOf(2));
    }

    [Fact]
    public void Code_in_a_bin_file_is_refused_by_its_name()
    {
        using var folder = new TemporaryFolder();
        File.WriteAllBytes(folder["evil.bin"],
            Encoding.Latin1.GetBytes("\u0080\u0002cos\nsystem\nq\0X\u0002\0\0\0lsq\u0001\u0085Rq\u0002."));
        var refusal = Assert.Throws<InvalidInputException>(() => VerificationPairs.Open(folder["evil.bin"]));
        Assert.Contains("os.system", refusal.Message, StringComparison.Ordinal);
        Assert.Contains("never run", refusal.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("\u0080\u0002K\u0001.", "no pair of images and labels")]
    [InlineData("\u0080\u0002]](\u0088\u0088e\u0086.", "0 images and 2 pairs")]
    [InlineData("\u0080\u0002]]\u0086.", "no pair")]
    [InlineData("\u0080\u0002](K\u0001K\u0002e](\u0088e\u0086.", "no file of bytes")]
    [InlineData("\u0080\u0002](U\u0001aU\u0001be](K\u0007e\u0086.", "neither true nor false")]
    [InlineData("\u0080\u0002](U\u0001aU\u0001be](K\u0001", "ends early")]
    public void Damaged_bin_files_are_refused(string pickle, string reason)
    {
        using var folder = new TemporaryFolder();
        File.WriteAllBytes(folder["x.bin"], Encoding.Latin1.GetBytes(pickle));
        Assert.Contains(reason, Assert.Throws<InvalidInputException>(
            () => VerificationPairs.Open(folder["x.bin"])).Message, StringComparison.OrdinalIgnoreCase);
    }

    [Fact]
    public void A_bin_file_may_refer_to_an_image_any_number_of_times()
    {
        // 100,000 pairs of one image of 200 KB: read once, it takes no time.
        using var folder = new TemporaryFolder();
        var pickle = new List<byte>([0x80, 2, (byte)']', (byte)'(', (byte)'T', 0x40, 0x0d, 3, 0]);
        pickle.AddRange(new byte[200_000]);
        pickle.AddRange([(byte)'q', 1, (byte)'h', 1]);
        for (int i = 0; i < 99_999; i++) pickle.AddRange([(byte)'h', 1, (byte)'h', 1]);
        pickle.AddRange([(byte)'e', (byte)']', (byte)'(']);
        pickle.AddRange(Enumerable.Repeat((byte)0x88, 100_000));
        pickle.AddRange([(byte)'e', 0x86, (byte)'.']);
        File.WriteAllBytes(folder["many.bin"], [.. pickle]);
        var pairs = VerificationPairs.Open(folder["many.bin"]);
        Assert.Equal((1, 100_000), (pairs.Images.Count, pairs.IsSame.Length));
    }

    [Fact]
    public void LFW_pairs_are_found_by_name_and_number()
    {
        using var folder = Faces().With("Ada_L/Ada_L_0003.jpg");
        File.Copy(Golden("pair-lists/pairs.txt"), folder["pairs.txt"]);
        var pairs = VerificationPairs.Open(folder["pairs.txt"]);
        Assert.Equal("LFW pairs", pairs.Format);
        Assert.Equal([true, false, true, false], pairs.IsSame);
        Assert.Equal(
            ["Ada_L/Ada_L_0001.jpg", "Ada_L/Ada_L_0002.jpg", "Bob/Bob_0001.png", "Bob/Bob_0002.jpg"],
            Enumerable.Range(0, pairs.Images.Count).Select(pairs.Images.NameOf));
        Assert.Equal([0, 1, 0, 2, 2, 3, 1, 3], pairs.Members);
        Assert.Equal(["Ada_L", "Bob"], pairs.Images.Classes);
        Assert.Empty(pairs.Warnings);
        var buffer = new EncodedBuffer();
        pairs.Images.ReadEncoded(3, buffer);
        Assert.Equal("Bob/Bob_0002.jpg", Encoding.UTF8.GetString(buffer.Bytes));
    }

    [Theory]
    [InlineData("table.tsv")]
    [InlineData("two_lines.txt")]
    public void Other_lists_are_told_by_their_rows(string list)
    {
        using var folder = Faces();
        File.Copy(Golden($"pair-lists/{list}"), folder[list]);
        var pairs = VerificationPairs.Open(folder[list]);
        Assert.Equal([true, false], pairs.IsSame);
        Assert.Equal([0, 1, 0, 2], pairs.Members);
        Assert.Equal(["Ada_L", "Bob"], pairs.Images.Classes);
    }

    [Theory]
    [InlineData("first,second,same\nAda_L/Ada_L_0001.jpg,Ada_L/Ada_L_0002.jpg,True\nAda_L/Ada_L_0001.jpg,Bob/Bob_0001.png,False\n")]
    [InlineData("1 Ada_L/Ada_L_0001.jpg Ada_L/Ada_L_0002.jpg\n-1 Ada_L/Ada_L_0001.jpg Bob/Bob_0001.png\n")]
    [InlineData("Ada_L\\Ada_L_0001.jpg;Ada_L\\Ada_L_0002.jpg;genuine\nAda_L\\Ada_L_0001.jpg;Bob\\Bob_0001.png;impostor")]
    public void Columns_may_stand_in_any_order_and_labels_be_words(string text)
    {
        using var folder = Faces();
        File.WriteAllText(folder["p.txt"], text);
        var pairs = VerificationPairs.Open(folder["p.txt"]);
        Assert.Equal([true, false], pairs.IsSame);
        Assert.Equal([0, 1, 0, 2], pairs.Members);
    }

    [Fact]
    public void Pairs_of_sorted_lines_become_folds_of_both_kinds()
    {
        using var folder = new TemporaryFolder();
        string[] names = [.. Enumerable.Range(0, 80).Select(i => $"i{i:00}.jpg")];
        folder.With(names);
        File.WriteAllLines(folder["p.txt"], names.Select((name, i) => $"{name} {(i < 40 ? (i / 4) + 1 : 0)}"));
        var pairs = VerificationPairs.Open(folder["p.txt"]);
        Assert.Equal(Enumerable.Range(0, 40).Select(i => i % 4 < 2), pairs.IsSame);
        Assert.Equal("i04.jpg", pairs.Images.NameOf(pairs.Members[8]));
        Assert.Equal("i44.jpg", pairs.Images.NameOf(pairs.Members[12]));
    }

    [Fact]
    public void What_is_not_there_is_left_out_and_told()
    {
        using var folder = Faces();
        File.WriteAllText(folder["p.tsv"], "Ada_L/Ada_L_0001.jpg\tBob/gone.jpg\t0\nAda_L/Ada_L_0001.jpg\tAda_L/Ada_L_0002.jpg\t1\n");
        var pairs = VerificationPairs.Open(folder["p.tsv"]);
        Assert.Equal([true], pairs.IsSame);
        Assert.Contains("1 of its 2 pairs", Assert.Single(pairs.LeftOut).ToString(), StringComparison.Ordinal);
        using var empty = new TemporaryFolder();
        Assert.Contains("none of its 2 pairs", Refusal(folder["p.tsv"], empty.Path), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("Ada_L/Ada_L_0001.jpg\tAda_L/Ada_L_0002.jpg\n", "2 columns of images and 0 of labels")]
    [InlineData("Ada_L/Ada_L_0001.jpg\tAda_L/Ada_L_0002.jpg\tmaybe\n", "0 of labels")]
    [InlineData("Ada_L/Ada_L_0001.jpg\tAda_L/Ada_L_0002.jpg\t1\nAda_L/Ada_L_0001.jpg\t1\n", "line 2 has 2 columns")]
    [InlineData("Ada_L/Ada_L_0001.jpg\tAda_L/Ada_L_0001.jpg\t0\n", "different from itself")]
    [InlineData("Ada_L_0001.jpg 1\nAda_L_0002.jpg 0\n", "two labels")]
    [InlineData("Ada_L_0001.jpg 1\nAda_L_0002.jpg 1\nBob_0001.png 0\n", "3 lines")]
    [InlineData("", "empty")]
    [InlineData("first,second,same\n", "no pair")]
    public void What_is_no_list_of_pairs_is_refused(string text, string reason)
    {
        using var folder = Faces();
        File.WriteAllText(folder["p.txt"], text);
        Assert.Contains(reason, Refusal(folder["p.txt"]), StringComparison.Ordinal);
    }

    [Fact]
    public void Contradictions_are_told()
    {
        using var folder = new TemporaryFolder().With("a.jpg", "b.jpg", "c.jpg");
        File.WriteAllText(folder["p.txt"], "a.jpg b.jpg 1\nb.jpg c.jpg 1\na.jpg c.jpg 0\n");
        Assert.Contains("other pairs make them the same", Assert.Single(VerificationPairs.Open(folder["p.txt"]).Warnings),
            StringComparison.Ordinal);
        File.WriteAllText(folder["q.txt"], "300\nAda\t1\t2\n");
        folder.With("Ada/Ada_0001.jpg", "Ada/Ada_0002.jpg");
        Assert.Contains("600 as its first line says", Assert.Single(VerificationPairs.Open(folder["q.txt"]).Warnings),
            StringComparison.Ordinal);
        Assert.Contains("holds its images itself", Refusal(Golden("pair-bins/proto4.bin"), folder.Path), StringComparison.Ordinal);
    }

    private static TemporaryFolder Faces() =>
        new TemporaryFolder().With("Ada_L/Ada_L_0001.jpg", "Ada_L/Ada_L_0002.jpg", "Bob/Bob_0001.png", "Bob/Bob_0002.jpg");

    private static string Golden(string name) => Path.Combine(AppContext.BaseDirectory, "Goldens", name);

    private static string Refusal(string path, string? images = null) =>
        Assert.Throws<InvalidInputException>(() => VerificationPairs.Open(path, images)).Message;
}
