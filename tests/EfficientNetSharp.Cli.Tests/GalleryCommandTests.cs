using System.Text.Json.Nodes;
using EfficientNetSharp.Imaging.Codecs;
using EfficientNetSharp.Models;
using EfficientNetSharp.Randomness;

namespace EfficientNetSharp.Cli.Tests;

/// <summary>Galleries from the first image to the last, and what they refuse.</summary>
public sealed class GalleryCommandTests : IDisposable
{
    private const int Identities = 5, ImagesEach = 3;

    private readonly string _root = Directory.CreateTempSubdirectory("effnet-gallery-").FullName;

    private string Gallery => InRoot("gallery");

    public void Dispose() => Directory.Delete(_root, recursive: true);

    [Fact]
    public void Images_are_enrolled_once_and_known_again()
    {
        string images = WriteImages();
        Create();
        var enrolled = JsonNode.Parse(Done("enroll", Gallery, images, "--review", "off", "--json"))!;
        Assert.Equal((Identities * ImagesEach, 0), (enrolled["enrolled"]!.GetValue<int>(), enrolled["rejected"]!.AsArray().Count));
        Assert.Equal($"0 enrolled, {Identities * ImagesEach} already enrolled, 0 rejected\n",
            Done("enroll", Gallery, images, "--review", "off"));

        var list = JsonNode.Parse(Done("gallery", "list", Gallery, "--json"))!;
        Assert.Equal(
            Enumerable.Range(0, Identities).Select(i => ($"part {i}", ImagesEach)),
            list["identities"]!.AsArray().Select(one => (one!["name"]!.GetValue<string>(), one["samples"]!.GetValue<int>())));

        // The images themselves, each nearest to itself.
        var found = JsonNode.Parse(Done("identify", Gallery, images, "--json", "--threshold", "0.9999"))!.AsArray();
        Assert.Equal(Identities * ImagesEach, found.Count);
        foreach (var one in found)
        {
            string path = one!["path"]!.GetValue<string>();
            Assert.Equal(Path.GetFileName(Path.GetDirectoryName(path)), one["identity"]!.GetValue<string>());
            Assert.Equal(path, one["matches"]![0]!["source"]!.GetValue<string>());
            Assert.InRange(one["matches"]![0]!["score"]!.GetValue<float>(), 0.9999f, 1);
        }

        string image = Path.Combine(images, "part 2", "0.png");
        string[] lines = Done("identify", Gallery, image, "--top", "2").Trim().Split('\n');
        Assert.Contains("part 2", lines[2], StringComparison.Ordinal);
        Assert.Equal(4, lines.Length);

        // The graph of neighbours finds all of so few.
        Assert.Equal(Done("identify", Gallery, images), Done("identify", Gallery, images, "--index", "hnsw"));

        // One image by its number, then the identity.
        long number = JsonNode.Parse(Done("gallery", "list", Gallery, "part 2", "--json"))![0]!["id"]!.GetValue<long>();
        Done("gallery", "remove", Gallery, "--image", $"{number}");
        Assert.Equal(ImagesEach - 1, JsonNode.Parse(Done("gallery", "list", Gallery, "part 2", "--json"))!.AsArray().Count);
        Assert.Equal($"{ImagesEach - 1} images removed\n", Done("gallery", "remove", Gallery, "part 2"));
        Assert.DoesNotContain("part 2", Done("identify", Gallery, image, "--top", "9"), StringComparison.Ordinal);
    }

    [Fact]
    public void An_export_makes_the_same_gallery()
    {
        string images = WriteImages(), file = InRoot("gallery.jsonl"), copy = InRoot("copy");
        Create("--precision", "int8");
        Done("enroll", Gallery, images, "--review", "off");
        Done("gallery", "export", Gallery, "-o", file);
        Assert.Equal($"{Identities * ImagesEach} images added, 0 already there\n", Done("gallery", "import", copy, file));
        Assert.Equal($"0 images added, {Identities * ImagesEach} already there\n", Done("gallery", "import", copy, file));
        Assert.Equal(Done("gallery", "list", Gallery, "--json"), Done("gallery", "list", copy, "--json"));
        Assert.Equal(Done("identify", Gallery, images), Done("identify", copy, images));
    }

    [Fact]
    public void Review_names_its_reasons()
    {
        string images = WriteImages();
        Create();
        Done("enroll", Gallery, Path.Combine(images, "part 0"), "--name", "ours");
        Write(InRoot("blank.png"), 96, 64, _ => 90);
        Write(InRoot("tiny.png"), 14, 12, i => (byte)(i * 37));
        File.WriteAllText(InRoot("broken.png"), "no image");
        string copy = InRoot("copy.png"), other = Path.Combine(images, "part 3", "0.png");
        File.Copy(Path.Combine(images, "part 0", "1.png"), copy);
        var (code, output, _) = Tool.Run("enroll", Gallery, InRoot("blank.png"), InRoot("tiny.png"), InRoot("broken.png"), copy, other,
            "--name", "theirs", "--json");
        Assert.Equal(EffnetCommand.Failed, code);
        var result = JsonNode.Parse(output)!;
        Assert.Equal(
            ["blank", "duplicate", "tiny", "unreadable"],
            result["rejected"]!.AsArray().Select(one => one!["reason"]!.GetValue<string>()).Order());
        Assert.Equal(1, result["enrolled"]!.GetValue<int>());
        // An image that was enrolled under a wrong name is nearest to its own.
        (code, output, _) = Tool.Run("enroll", Gallery, Path.Combine(images, "part 0", "2.png"), other, "--name", "wrong", "--threshold",
            "-1", "--json");
        Assert.Equal(EffnetCommand.Failed, code);
        Assert.Equal(2, JsonNode.Parse(output)!["rejected"]!.AsArray().Count);
        Assert.Equal("3 enrolled, 1 already enrolled, 0 rejected\n",
            Done("enroll", Gallery, InRoot("blank.png"), InRoot("tiny.png"), copy, other, "--name", "theirs", "--review", "off"));
    }

    [Fact]
    public void Another_model_another_size_and_a_moved_model_are_told()
    {
        string images = WriteImages(), moved = InRoot("moved.safetensors");
        Create();
        Done("enroll", Gallery, Path.Combine(images, "part 0"), "--name", "part 0");
        string other = SaveModel("other.safetensors", 2);
        Assert.Contains("other weights", Refused("identify", Gallery, images, "--model", other), StringComparison.Ordinal);
        Assert.Contains("other weights", Refused("enroll", Gallery, images, "--model", other), StringComparison.Ordinal);
        // The same with another card is the same.
        var model = ModelFile.Load(InRoot("model.safetensors"));
        ModelFile.Save(model with { Card = model.Card with { Classes = ["a", "b", "c", "d"] } }, moved);
        File.Delete(InRoot("model.safetensors"));
        Assert.Contains("--model", Refused("identify", Gallery, images), StringComparison.Ordinal);
        Done("identify", Gallery, images, "--model", moved);

        string sized = InRoot("sized");
        Done("gallery", "create", sized, "--model", moved, "--resolution", "32x32");
        Done("enroll", sized, Path.Combine(images, "part 0"), "--name", "part 0");
        Done("gallery", "export", sized, "-o", InRoot("sized.jsonl"));
        Assert.Contains("32x32", Refused("gallery", "import", Gallery, InRoot("sized.jsonl")), StringComparison.Ordinal);
    }

    [Fact]
    public void What_cannot_be_is_refused_in_a_line()
    {
        string images = WriteImages();
        Create();
        Refused("gallery", "create", Gallery, "--model", InRoot("model.safetensors"));
        Refused("gallery", "create", images, "--model", InRoot("model.safetensors"));
        Refused("gallery", "create", InRoot("new"), "--model", InRoot("nothing.safetensors"));
        Refused("gallery", "list", images);
        Refused("gallery", "list", InRoot("nothing"));
        Refused("gallery", "list", "postgresql://host/database");
        Refused("gallery", "list", "qdrant://host");
        Assert.Contains("empty", Refused("identify", Gallery, images), StringComparison.Ordinal);
        // Whose it is has to be said.
        Assert.Contains("--name", Refused("enroll", Gallery, Path.Combine(images, "part 0", "0.png")), StringComparison.Ordinal);
        Assert.Contains("--name", Refused("enroll", Gallery, Path.Combine(images, "part 0"), Path.Combine(images, "part 0", "0.png")),
            StringComparison.Ordinal);
        Done("enroll", Gallery, Path.Combine(images, "part 0", "0.png"), "--name", "part 0");
        Assert.Contains("'part 0'", Refused("gallery", "remove", Gallery, "part O"), StringComparison.Ordinal);
        Assert.Contains("capitals", Refused("enroll", Gallery, Path.Combine(images, "part 1"), "--name", "PART 0"),
            StringComparison.Ordinal);
        Directory.CreateDirectory(Path.Combine(images, "more", "part 1"));
        File.Copy(Path.Combine(images, "part 1", "0.png"), Path.Combine(images, "more", "part 1", "0.png"));
        Assert.Contains("Two folders", Refused("enroll", Gallery, images), StringComparison.Ordinal);
        foreach (string name in new[] { "", " a", "a\tb", new string('a', 501) }) Refused("enroll", Gallery,
            Path.Combine(images, "part 1"), "--name", name);
        Refused("gallery", "remove", Gallery);
        Assert.Contains("effnet verify", Refused("identify", Gallery, images, "--far", "1e-4"), StringComparison.Ordinal);
        Assert.Contains("leave one out", Refused("identify", Gallery, images, "--far", "1e-4", "--threshold", "0.5"), StringComparison.Ordinal);
        Refused("gallery", "remove", Gallery, "part 0", "--image", "1");
        Refused("gallery", "remove", Gallery, "--image", "99");
        Refused("gallery", "import", InRoot("new"), Path.Combine(images, "part 0", "0.png"));
        Assert.False(Directory.Exists(InRoot("new")));
        using (var vectors = new FileStream(Path.Combine(Gallery, "vectors-1.bin"), FileMode.Open)) vectors.SetLength(vectors.Length / 2);
        Assert.Contains("cut short", Refused("identify", Gallery, images), StringComparison.Ordinal);
    }

    private void Create(params string[] words)
    {
        SaveModel("model.safetensors", 1);
        Done(["gallery", "create", Gallery, "--model", InRoot("model.safetensors"), .. words]);
    }

    private static string Done(params string[] words)
    {
        var (code, output, error) = Tool.Run(words);
        Assert.True(code == EffnetCommand.Done, $"{string.Join(' ', words)}\n{output}{error}");
        return output;
    }

    private static string Refused(params string[] words)
    {
        var (code, output, error) = Tool.Run(words);
        string line = $"{string.Join(' ', words)}\n{output}{error}";
        Assert.True(code == EffnetCommand.WrongInput, line);
        Assert.True(error.Trim().Split('\n').Length == 1 && output.Length == 0, line);
        return error;
    }

    private string InRoot(string name) => Path.Combine(_root, name);

    private string SaveModel(string name, ulong seed)
    {
        var planted = PlantedModel.Create();
        ModelFile.Save(planted with { Weights = WeightInitializer.Initialize(planted.BuildGraph(), seed) }, InRoot(name));
        return InRoot(name);
    }

    // A folder for each identity: a pattern of its own with noise in each image.
    private string WriteImages()
    {
        string folder = InRoot("images");
        for (int identity = 0; identity < Identities; identity++)
        {
            string own = Directory.CreateDirectory(Path.Combine(folder, $"part {identity}")).FullName;
            for (int image = 0; image < ImagesEach; image++)
            {
                var noise = new SeededRandom((ulong)identity, (ulong)image);
                int period = 5 + (7 * identity);
                Write(Path.Combine(own, $"{image}.png"), 96, 64, i => (byte)((i / period * 53 % 200) + noise.NextInt(50)));
            }
        }

        return folder;
    }

    private static void Write(string path, int width, int height, Func<int, byte> value)
    {
        byte[] rgb = [.. Enumerable.Range(0, width * height * 3).Select(value)];
        File.WriteAllBytes(path, ImageEncoder.EncodePng(rgb, width, height));
    }
}
