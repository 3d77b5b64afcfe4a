using System.Text.Json.Nodes;
using EfficientNetSharp.Architectures;
using EfficientNetSharp.Prediction.ActivationMaps;
using EfficientNetSharp.Imaging;
using EfficientNetSharp.Imaging.Codecs;
using EfficientNetSharp.Models;

namespace EfficientNetSharp.Cli.Tests;

public sealed class CamCommandTests : IDisposable
{
    private readonly string _root = Directory.CreateTempSubdirectory("effnet-cam-").FullName;

    public void Dispose() => Directory.Delete(_root, recursive: true);

    [Theory]
    [InlineData(false, false)]
    [InlineData(false, true)]
    [InlineData(true, false)]
    [InlineData(true, true)]
    public void What_the_network_answers_to_is_marked_where_it_lies_and_nothing_else(bool bottom, bool right)
    {
        string model = Save(PlantedModel.Create()), image = Save("scene.png", PlantedModel.Image(bottom, right));
        var (code, output, _) = Run("cam", model, image, "-o", _root, "--class", "red", "--method", "both", "--json");
        Assert.Equal(0, code);
        var entry = JsonNode.Parse(output)![0]!;
        Assert.Equal("red", entry["class"]!.GetValue<string>());
        Assert.Equal(0, entry["index"]!.GetValue<int>());
        Assert.InRange(entry["probability"]!.GetValue<double>(), 0.25, 1);

        byte[] encoded = File.ReadAllBytes(image);
        using var seen = NetworkView.Render(PlantedModel.Create().Card.Preprocessing, encoded, image);
        foreach (string key in new[] { "cam", "gradCam" })
        {
            var map = entry[key]!;
            Assert.Equal((8, 12), (map["height"]!.GetValue<int>(), map["width"]!.GetValue<int>()));
            float[] values = [.. map["values"]!.AsArray().Select(value => value!.GetValue<float>())];
            int best = Array.IndexOf(values, values.Max());
            Assert.Equal(bottom, best / 12 >= 5);
            Assert.Equal(right, best % 12 >= 9);

            using var drawn = ImageDecoder.DecodeFile(map["file"]!.GetValue<string>());
            Assert.Equal(seen.Size, drawn.Size);
            CheckColours(seen, drawn, bottom, right);
        }

        using var compare = ImageDecoder.DecodeFile(entry["compare"]!.GetValue<string>());
        CheckSheet(compare, seen, [.. new[] { "cam", "gradCam" }.Select(key => entry[key]!["file"]!.GetValue<string>())]);
    }

    // The image and its maps as they are, 8 pixels apart below the class's name, and the bar of colours at the end: brighter upwards.
    private static void CheckSheet(Image sheet, Image seen, string[] overlays)
    {
        const int Head = 34, Gap = 8;
        for (int i = 0; i <= overlays.Length; i++)
        {
            using var expected = i == 0 ? seen.Copy() : ImageDecoder.DecodeFile(overlays[i - 1]);
            int left = Gap + (i * (seen.Width + Gap));
            for (int y = 0; y < seen.Height; y++)
                Assert.True(sheet.Row(Head + y).Slice(4 * left, 4 * seen.Width).SequenceEqual(expected.Row(y)));
            Assert.True(HasInk(sheet, left, Head + seen.Height, seen.Width, 24), $"Part {i} has no caption.");
        }

        Assert.True(HasInk(sheet, 0, 0, sheet.Width, Head));
        int bar = Gap + ((1 + overlays.Length) * (seen.Width + Gap)) + 8;
        int[] greens = [.. Enumerable.Range(0, seen.Height).Select(y => (int)sheet.Row(Head + y)[(4 * bar) + 1])];
        Assert.True(greens[0] > 200);
        Assert.Equal(128, greens[^1]);
    }

    private static bool HasInk(Image image, int left, int top, int width, int height) =>
        Enumerable.Range(top, height).Any(y => image.Row(y).Slice(4 * left, 4 * width).ContainsAnyInRange((byte)0, (byte)150));

    // The quarter of the image opposite the object stays as it was; in the object's own much changes.
    private static void CheckColours(Image seen, Image drawn, bool bottom, bool right)
    {
        long near = 0;
        for (int y = 0; y < seen.Height; y++)
        {
            bool isFarRow = bottom ? y < seen.Height / 2 : y >= seen.Height / 2;
            for (int x = 0; x < seen.Width; x++)
            {
                bool isFarColumn = right ? x < seen.Width / 2 : x >= seen.Width / 2;
                int at = 4 * x;
                int change = Math.Abs(seen.Row(y)[at + 1] - drawn.Row(y)[at + 1]) + Math.Abs(seen.Row(y)[at] - drawn.Row(y)[at]);
                if (isFarRow && isFarColumn) Assert.InRange(change, 0, 3);
                else near += change;
            }
        }

        Assert.True(near > 1_000_000, $"The object changes by {near} only.");
    }

    [Fact]
    public void Files_are_named_after_their_images_and_methods_can_be_chosen()
    {
        string model = Save(PlantedModel.Create()), folder = Path.Combine(_root, "out");
        Directory.CreateDirectory(Path.Combine(_root, "a"));
        Directory.CreateDirectory(Path.Combine(_root, "b"));
        string[] images = [Save("a/1.png", PlantedModel.Image(true, true)), Save("b/1.png", PlantedModel.Image(false, true))];
        Assert.Equal(0, Run(["cam", model, .. images, "-o", folder, "--method", "cam"]).Code);
        Assert.Equal(["1-2.cam-compare.png", "1-2.cam.png", "1.cam-compare.png", "1.cam.png"],
            Directory.EnumerateFiles(folder).Select(Path.GetFileName).Order(StringComparer.Ordinal));

        var (code, output, _) =
            Run("cam", model, images[0], "-o", folder, "--method", "grad-cam", "--layer", "4", "--class", "0", "--json");
        Assert.Equal(0, code);
        var entry = JsonNode.Parse(output)![0]!;
        Assert.Null(entry["cam"]);
        Assert.Equal((16, 24), (entry["gradCam"]!["height"]!.GetValue<int>(), entry["gradCam"]!["width"]!.GetValue<int>()));

        // Without a class it is the one that 'predict' names.
        string text = Run("cam", model, images[0], "-o", folder).Output;
        string best = JsonNode.Parse(
            Run("predict", model, images[0], "--json").Output)![0]!["predictions"]![0]!["class"]!.GetValue<string>();
        Assert.Contains($"%  {best}", text, StringComparison.Ordinal);
        Assert.Contains("1.cam.png", text, StringComparison.Ordinal);
    }

    // At the last map both methods are one map up to a factor; at another, Grad-CAM's is its own.
    [Theory]
    [InlineData(null, true, false)]
    [InlineData("4", true, true)]
    [InlineData("2", true, true)]
    public void Where_both_methods_are_equal_one_map_is_drawn(string? layer, bool cam, bool gradCam)
    {
        string model = Save(PlantedModel.Create()), image = Save("scene.png", PlantedModel.Image(true, false));
        string[] words = layer is null ? [] : ["--layer", layer];
        var entry = JsonNode.Parse(Run(["cam", model, image, "-o", _root, "--json", .. words]).Output)![0]!;
        Assert.Equal((cam, gradCam), (entry["cam"] is not null, entry["gradCam"] is not null));
        var both = JsonNode.Parse(Run(["cam", model, image, "-o", _root, "--json", "--method", "both", .. words]).Output)![0]!;
        Assert.Equal(!gradCam, AreOneMap(Values(both["cam"]!), Values(both["gradCam"]!)));

        static float[] Values(JsonNode map) => [.. map["values"]!.AsArray().Select(value => Math.Max(0, value!.GetValue<float>()))];

        static bool AreOneMap(float[] a, float[] b) => a.Length == b.Length
            && a.Zip(b).All(pair => Math.Abs((pair.First / a.Max()) - (pair.Second / b.Max())) < 1e-3);
    }

    [Fact]
    public void A_network_for_grey_images_works_too()
    {
        string model = Save(PlantedModel.Create(channels: 1)), image = Save("scene.png", PlantedModel.Image(true, false));
        Assert.Equal(0, Run("cam", model, image, "-o", _root).Code);
        Assert.True(File.Exists(Path.Combine(_root, "scene.cam-compare.png")));
    }

    [Fact]
    public void A_hidden_layer_leaves_grad_cam_alone()
    {
        string model = Save(PlantedModel.Create(hidden: 6)), image = Save("scene.png", PlantedModel.Image(true, false));
        var (code, _, error) = Run("cam", model, image, "-o", _root);
        Assert.Equal(0, code);
        Assert.Contains("Grad-CAM only", error, StringComparison.Ordinal);
        Assert.True(File.Exists(Path.Combine(_root, "scene.grad-cam.png")));
        Assert.False(File.Exists(Path.Combine(_root, "scene.cam.png")));
        Refused("grad-cam", "cam", model, image, "--method", "both");
    }

    [Fact]
    public void What_cannot_be_explained_gets_one_line()
    {
        var planted = PlantedModel.Create();
        string model = Save(planted), image = Save("scene.png", PlantedModel.Image(true, false));
        Refused("red", "cam", model, image, "--class", "green");
        Refused("0 to 3", "cam", model, image, "--class", "4");
        Refused("index 2, index 3", "cam", model, image, "--class", "twin");
        Refused("strides 2, 4, 8", "cam", model, image, "--layer", "5");
        Refused("--layer", "cam", model, image, "--method", "cam", "--layer", "4");
        Refused("nowhere.png", "cam", model, Path.Combine(_root, "nowhere.png"));

        var embedding = Model.Of(
            planted.Architecture! with { Embedding = new EmbeddingHead(EmbeddingKind.Pooled, 8) }, planted.Card with { Classes = [] },
            new WeightSet([]));
        var weights = WeightInitializer.Initialize(embedding.BuildGraph(), 1);
        Refused("no classifier", "cam", Save(embedding with { Weights = weights }), image);
    }

    [Fact]
    public void A_broken_image_is_told_and_the_rest_go_on()
    {
        string model = Save(PlantedModel.Create()), good = Save("good.png", PlantedModel.Image(true, false)),
            bad = Save("bad.png", [1, 2, 3]);
        var (code, output, error) = Run("cam", model, bad, good, "-o", _root, "--method", "cam");
        Assert.Equal(1, code);
        Assert.Contains("good.cam.png", output, StringComparison.Ordinal);
        Assert.Contains("bad.png", error, StringComparison.Ordinal);
    }

    private void Refused(string named, params string[] words)
    {
        var (code, output, error) = Run([.. words, "-o", _root]);
        Assert.Equal(2, code);
        Assert.Empty(output);
        Assert.Single(error.Trim().Split('\n'));
        Assert.Contains(named, error, StringComparison.Ordinal);
    }

    private string Save(string name, byte[] bytes)
    {
        string path = Path.Combine(_root, name);
        File.WriteAllBytes(path, bytes);
        return path;
    }

    private string Save(Model model)
    {
        string path = Path.Combine(_root, $"{Directory.GetFiles(_root).Length}.safetensors");
        ModelFile.Save(model, path);
        return path;
    }

    private static (int Code, string Output, string Error) Run(params string[] words)
    {
        using var output = new StringWriter();
        using var error = new StringWriter();
        int code = EffnetCommand.Run(words, new Terminal(output, error, live: false, TestContext.Current.CancellationToken));
        return (code, output.ToString(), error.ToString());
    }
}
