using System.Text;
using System.Text.Json.Nodes;
using EfficientNetSharp.Cli.Support.Predicting;
using EfficientNetSharp.Imaging.Codecs;
using EfficientNetSharp.Models;
using static EfficientNetSharp.Cli.Tests.Tool;

namespace EfficientNetSharp.Cli.Tests;

/// <summary>Many images: a line for each, as people and programs want it, of names that are typed or come in.</summary>
public sealed class PredictStreamTests : IDisposable
{
    private readonly string _root = Directory.CreateTempSubdirectory("predict").FullName;
    private readonly string _model;
    private readonly string[] _images;

    public PredictStreamTests()
    {
        _model = Path.Combine(_root, "m.safetensors");
        ModelFile.Save(PlantedModel.Create(), _model);
        _images = [.. Enumerable.Range(0, 4).Select(i => Path.Combine(_root, "images", $"a, {i}.png"))];
        Directory.CreateDirectory(Path.Combine(_root, "images"));
        foreach (var (i, image) in _images.Index()) File.WriteAllBytes(image, PlantedModel.Image(i > 1, i % 2 > 0));
    }

    public void Dispose() => Directory.Delete(_root, recursive: true);

    [Fact]
    public void Several_images_get_a_line_each()
    {
        var (code, output, _) = Run(["predict", _model, .. _images]);
        string[] lines = output.TrimEnd().Split('\n');
        Assert.Equal((0, 4), (code, lines.Length));
        Assert.All(lines.Zip(_images), one => Assert.Matches($@"^{one.Second}: \S+ \(\d+\.\d %\)\r?$", one.First));
        Assert.Equal(1 + 4, Run("predict", _model, _images[0]).Output.TrimEnd().Split('\n').Length);
        Assert.Equal(2, Run("predict", _model, Path.Combine(_root, "images"), "--top-k", "2").Output.Split('\n')[0].Split(" %)").Length - 1);
    }

    [Theory]
    [InlineData("--csv")]
    [InlineData("--jsonl")]
    public void Programs_get_a_row_for_each_image_broken_ones_too(string form)
    {
        string broken = Path.Combine(_root, "broken.png");
        File.WriteAllText(broken, "no image");
        var (code, output, error) = Run(["predict", _model, .. _images, broken, form, "--top-k", "2"]);
        Assert.Equal((1, ""), (code, error));
        string[] lines = output.TrimEnd().Split('\n', StringSplitOptions.TrimEntries);
        var whole = JsonNode.Parse(Run(["predict", _model, .. _images, broken, "--json", "--top-k", "2"]).Output)!.AsArray();
        if (form == "--jsonl")
        {
            Assert.Equal(whole.Select(entry => entry!.ToJsonString()), lines.Select(line => JsonNode.Parse(line)!.ToJsonString()));
            return;
        }

        Assert.Equal("path,error,class,index,probability,class_2,index_2,probability_2", lines[0]);
        Assert.Equal(6, lines.Length);
        var best = whole[0]!["predictions"]![0]!;
        Assert.StartsWith($"\"{_images[0]}\",,{best["class"]},{best["index"]},{best["probability"]}", lines[1], StringComparison.Ordinal);
        Assert.StartsWith($"{broken},", lines[5], StringComparison.Ordinal);
        Assert.EndsWith(",,,,,,", lines[5], StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("\n")]
    [InlineData("\r\n")]
    [InlineData("\0")]
    public void Names_come_from_standard_input(string end)
    {
        string names = string.Join(end, _images.Append(Path.Combine(_root, "images")));
        string[] words = ["predict", _model, "-", "--csv", .. end == "\0" ? ["-0"] : Array.Empty<string>()];
        var (code, output, _) = RunWith(new MemoryStream(Encoding.UTF8.GetBytes(names)), words);
        Assert.Equal((0, 1 + 4 + 4), (code, output.TrimEnd().Split('\n').Length));
        Assert.Equal(output, RunWith(new MemoryStream(Encoding.UTF8.GetBytes(names + end)), words).Output);
        Assert.Equal(Run(["predict", _model, .. _images, Path.Combine(_root, "images"), "--csv"]).Output, output);
    }

    [Fact]
    public async Task An_answer_does_not_wait_for_the_next_name()
    {
        using var input = new StepStream();
        using var output = new StringWriter();
        var terminal = new Terminal(output, TextWriter.Null, live: false, TestContext.Current.CancellationToken) { Input = () => input };
        var run = Task.Run(() => EffnetCommand.Run(["predict", _model, "-"], terminal), TestContext.Current.CancellationToken);
        for (int i = 0; i < 2; i++)
        {
            input.Add(Encoding.UTF8.GetBytes(_images[i] + "\n"));
            string expected = _images[i] + ": ";
            Assert.True(SpinWait.SpinUntil(() => Text(output).Contains(expected, StringComparison.Ordinal), TimeSpan.FromMinutes(2)));
        }

        input.Complete();
        Assert.Equal(0, await run);
    }

    [Fact]
    public void Names_that_are_there_are_taken_together()
    {
        byte[] text = Encoding.UTF8.GetBytes(string.Concat(Enumerable.Range(0, 1000).Select(i => $"{i}\n\n")));
        var chunks = NameStream.Read(new MemoryStream(text), '\n', 16, TestContext.Current.CancellationToken).ToList();
        Assert.All(chunks, chunk => Assert.InRange(chunk.Length, 1, 16));
        Assert.Equal(Enumerable.Range(0, 1000).Select(i => $"{i}"), chunks.SelectMany(chunk => chunk));
        Assert.Throws<InvalidInputException>(
            () => NameStream.Read(new MemoryStream(new byte[1 << 20]), '\n', 16, TestContext.Current.CancellationToken).Count());
    }

    [Theory]
    [InlineData("--csv --jsonl", "--jsonl and --csv")]
    [InlineData("--json --csv", "--json and --csv")]
    [InlineData("--null", "--null")]
    public void What_does_not_go_together_is_refused(string words, string named)
    {
        var (code, output, error) = Run(["predict", _model, _images[0], .. words.Split(' ')]);
        Assert.Equal((2, ""), (code, output));
        Assert.Contains(named, error, StringComparison.Ordinal);
    }

    [Fact]
    public void Drawn_images_are_the_images_with_a_line_below()
    {
        string folder = Path.Combine(_root, "drawn"), twin = Path.Combine(_root, Path.GetFileName(_images[0]));
        File.Copy(_images[0], twin);
        Assert.Equal(0, Run(["predict", _model, .. _images, twin, "--draw", folder]).Code);
        Assert.Equal(
            ["a, 0-2.png", "a, 0.png", "a, 1.png", "a, 2.png", "a, 3.png"],
            Directory.EnumerateFiles(folder).Select(file => Path.GetFileName(file)!).Order(StringComparer.Ordinal));
        foreach (string image in _images)
        {
            using var before = ImageDecoder.Decode(File.ReadAllBytes(image), image);
            using var drawn = ImageDecoder.Decode(File.ReadAllBytes(Path.Combine(folder, Path.GetFileName(image))), image);
            int left = (drawn.Width - before.Width) / 2;
            Assert.True(drawn.Height > before.Height && left >= 0);
            for (int y = 0; y < before.Height; y++)
                Assert.True(before.Row(y).SequenceEqual(drawn.Row(y).Slice(4 * left, before.Stride)));
            bool isWritten = false;
            for (int y = before.Height; y < drawn.Height; y++) isWritten |= drawn.Row(y).IndexOfAnyExcept((byte)255) >= 0;
            Assert.True(isWritten);
        }

        Assert.Equal(2, Run("predict", _model, Path.Combine(_root, "images"), "--draw", Path.Combine(_root, "images", "drawn")).Code);
        Assert.Equal(2, Run("predict", _model, _images[0], "--draw", Path.Combine(_root, "images")).Code);
    }

    // What a writer holds while another thread writes.
    private static string Text(StringWriter writer)
    {
        try
        {
            return writer.ToString();
        }
        catch (ArgumentOutOfRangeException)
        {
            return "";
        }
    }

    private static (int Code, string Output, string Error) RunWith(Stream input, string[] words)
    {
        using var output = new StringWriter();
        using var error = new StringWriter();
        var terminal = new Terminal(output, error, live: false, TestContext.Current.CancellationToken) { Input = () => input };
        return (EffnetCommand.Run(words, terminal), output.ToString(), error.ToString());
    }

    /// <summary>A pipe: it gives what was put in, and waits.</summary>
    private sealed class StepStream : MemoryStream
    {
        private readonly System.Collections.Concurrent.BlockingCollection<byte[]> _parts = [];

        public void Add(byte[] part) => _parts.Add(part);

        public void Complete() => _parts.CompleteAdding();

        public override int Read(Span<byte> buffer)
        {
            if (!_parts.TryTake(out byte[]? part, Timeout.Infinite)) return 0;
            part.CopyTo(buffer);
            return part.Length;
        }
    }
}
