using System.Text;
using System.Text.Json.Nodes;
using EfficientNetSharp.Arrays;
using EfficientNetSharp.Files;
using EfficientNetSharp.Models;
using static EfficientNetSharp.Cli.Tests.Tool;

namespace EfficientNetSharp.Cli.Tests;

/// <summary>Names that a file or a folder brings are shown by every verb, and act in none.</summary>
public sealed class HostileNamesTests : IDisposable
{
    private readonly string _root = Directory.CreateTempSubdirectory("names").FullName;

    public HostileNamesTests() => Assert.SkipWhen(OperatingSystem.IsWindows(), "Windows has no such file names.");

    public void Dispose()
    {
        if (Directory.Exists(_root)) Directory.Delete(_root, recursive: true);
    }

    [Fact]
    public void No_verb_lets_a_name_act()
    {
        string model = At("evil\u001b[7m.safetensors"), images = HostileNames.WriteImages(At("evil \u202edata"));
        ModelFile.Save(HostileNames.Model(), model);
        string image = Path.Combine(images, HostileNames.All[2]), onnx = At("\u001b[7mm.onnx"), input = At("x\n.npy");
        NpyFile.Write(input, [1, 3, 32, 32], new float[3 * 32 * 32]);

        Check(0, "describe", model);
        Check(0, "describe", model, "--json");
        Check(0, "evaluate", model, images, "--report", At("report.html"));
        Check(0, "evaluate", model, images, "--json");
        Check(0, "predict", model, images, "--top-k", "16");
        Check(0, "predict", model, images, "--json");
        Check(0, "embed", model, image);
        Check(0, "embed", model, image, "--json");
        Check(0, "embed", model, images, "-o", At("rows\u001b[7m.npy"));
        Check(0, "cam", model, image, "-o", At("maps\u001b[7m"));
        Check(0, "cam", model, image, "-o", At("maps"), "--json");
        Check(0, "export", model, "-o", onnx);
        Check(0, "predict", onnx, image);
        Check(0, "import", onnx, "-o", At("back\u001b[7m.safetensors"));
        Check(0, "run", onnx, "--input", input, "--output", At("y\n.npy"));
        Check(0, "run", model, "--input", input, "--output", At("maps\u001b[5m"), "--features", "2,4");
        Check(0, "benchmark", model, "--rounds", "1", "--resolution", "32");
        Check(0, "data", "inspect", images);
        Check(0, "data", "inspect", images, "--json");
        Check(0, "data", "augment", Directory.EnumerateFiles(image).Order(StringComparer.Ordinal).First(), "-o", At("sheet\u001b[7m.png"));
        Check(0, "train", images, "-o", At("run\u001b[7m"), "-a", "mobilenetv3_small_100", "--resolution", "32", "--epochs", "1",
            "--batch-size", "16", "--validation-fraction", "0.25");
        Check(0, "report", "runs", At("run\u001b[7m"), "-o", At("comparison\u001b[7m"));
        CheckPages();
    }

    [Fact]
    public void No_message_lets_a_name_act()
    {
        string model = At("m.safetensors"), weights = At("w\u001b[7m.safetensors"), broken = At("broken\u001b[2J\n.png");
        ModelFile.Save(HostileNames.Model(), model);
        HostileNames.WriteWeights(weights);
        File.WriteAllText(broken, "no image");
        string evil = "\u001b[2J\n[red]\u202e";
        foreach (string verb in new[] { "describe", "export", "benchmark", "scale" }) Check(2, verb, evil);
        foreach (string verb in new[] { "describe", "export", "benchmark" }) Check(2, verb, evil + ".safetensors");
        foreach (string verb in new[] { "evaluate", "predict", "embed", "cam" }) Check(2, verb, evil, evil);
        Check(2, "data", "inspect", evil);
        Check(2, "train", evil, "--recipe", evil);
        Check(2, "train", "--repeat", evil);
        Check(2, "report", "runs", evil);
        Check(2, "import", weights, "-o", At("x.safetensors"));
        Check(2, "import", weights, "-a", "efficientnet_b0", "-o", At("x.safetensors"));
        Check(2, "import", evil + ".pth", "-o", evil);
        Check(2, "predict", weights, broken);
        Check(1, "predict", model, broken);
        Check(1, "predict", model, broken, "--json");
        Check(1, "embed", model, broken);
        Check(2, "cam", model, broken, "--class", evil, "-o", At("maps"));
        Check(1, "cam", model, broken, "-o", At("maps"));
        Check(2, "download", evil);
        Check(2, evil, evil);
        Check(2, "list", evil);
    }

    [Fact]
    public void Names_of_rows_are_read_back_as_they_are()
    {
        string model = At("m.safetensors"), images = HostileNames.WriteImages(At("data")), rows = At("rows.npy"), table = At("rows.csv");
        ModelFile.Save(HostileNames.Model(), model);
        Assert.Equal(0, Run("embed", model, images, "-o", rows).Code);
        Assert.Equal(0, Run("embed", model, images, "-o", table).Code);

        string[] files = [.. Directory.EnumerateFiles(images, "*", SearchOption.AllDirectories).Order(StringComparer.Ordinal)];
        string[] lines = File.ReadAllText(Path.ChangeExtension(rows, ".txt")).Split('\n')[..^1];
        Assert.Equal(NpyFile.Read(rows).Shape[0], lines.Length);
        Assert.All(lines, line => Assert.True(VisibleText.IsPlain(line), line));
        Assert.Equal(files, lines.Select(ListLine.Read).Order(StringComparer.Ordinal));

        // The table holds the names themselves, line breaks between quotes.
        string text = File.ReadAllText(table);
        Assert.All(files, file => Assert.Contains(CsvText.Row([file]) + ",", text, StringComparison.Ordinal));
    }

    [Fact]
    public void Progress_shows_names_too()
    {
        using var error = new StringWriter();
        var terminal = new Terminal(TextWriter.Null, error, live: true, default);
        terminal.Progress("\u001b[2Jfile\nname");
        terminal.Note("done");
        string shown = @"\u001B[2Jfile\u000Aname";
        Assert.Equal($"\r{shown}\r{new string(' ', shown.Length)}\rdone{Environment.NewLine}", error.ToString());
    }

    private string At(string name) => Path.Combine(_root, name);

    private static void Check(int expected, params string[] words)
    {
        var (code, output, error) = Run(words);
        string what = VisibleText.Of(string.Join(' ', words));
        Assert.True(code == expected, $"{what}: {code}\n{error}");
        foreach (string text in new[] { output, error })
        {
            foreach (string line in text.Split('\n')) Assert.True(VisibleText.IsPlain(line), $"{what}: {VisibleText.Of(line)}");
        }

        Assert.DoesNotContain("Exception", error, StringComparison.Ordinal);
        if (expected == 2)
            Assert.Single(error.TrimEnd('\n').Split('\n'), line => line.StartsWith("effnet: ", StringComparison.Ordinal));
        if (words.Contains("--json")) Assert.NotNull(JsonNode.Parse(output));
        // Markup of tables is text: what is in brackets is still there.
        bool hasTable = expected == 0 && words[0] == "evaluate" && !words.Contains("--json");
        if (hasTable) Assert.Contains("[bold", output, StringComparison.Ordinal);
    }

    private void CheckPages()
    {
        string[] pages = [.. Directory.EnumerateFiles(_root, "*", SearchOption.AllDirectories)
            .Where(file => Path.GetExtension(file) is ".html" or ".svg" or ".md")];
        Assert.True(pages.Length >= 4, string.Join(", ", pages));
        foreach (string page in pages)
        {
            string text = File.ReadAllText(page);
            Assert.All(text.Split('\n'), line => Assert.True(VisibleText.IsPlain(line), VisibleText.Of(line)));
            foreach (string tag in new[] { "<img src=x", "<script>alert", "<svg onload", "<b onmouseover" })
                Assert.DoesNotContain(tag, text.Replace("\\<", "", StringComparison.Ordinal), StringComparison.Ordinal);
        }
    }
}
