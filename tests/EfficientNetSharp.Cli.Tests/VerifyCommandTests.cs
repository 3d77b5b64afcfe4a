using System.Globalization;
using System.Text.Json.Nodes;
using System.Xml.Linq;
using EfficientNetSharp.Imaging;
using EfficientNetSharp.Imaging.Alignment;
using EfficientNetSharp.Imaging.Codecs;
using EfficientNetSharp.Models;

namespace EfficientNetSharp.Cli.Tests;

public sealed class VerifyCommandTests : IDisposable
{
    private readonly string _root = Directory.CreateTempSubdirectory("effnet-verify-").FullName;

    public void Dispose() => Directory.Delete(_root, recursive: true);

    [Fact]
    public void A_folder_makes_its_pairs_and_thresholds_are_kept_with_the_model()
    {
        string model = SaveModel(), data = WriteFolder();
        var document = JsonNode.Parse(Run(0, "verify", model, data, "--json", "--save", "--report", At("r.html"), "--samples",
            "50").Output)!;
        // Four identities of three images: 4 · 3 genuine of 66 pairs.
        Assert.Equal((12, 54), (document["genuinePairs"]!.GetValue<int>(), document["impostorPairs"]!.GetValue<int>()));
        Assert.Equal(4, document["identities"]!.GetValue<int>());
        var first = document["thresholds"]![0]!;
        Assert.Equal(0.1, first["far"]!.GetValue<double>());
        Assert.Null(document["thresholds"]![2]!["threshold"]);
        Assert.Equal(2_995, document["thresholds"]![2]!["pairsToClaim"]!.GetValue<int>());

        var card = ModelFile.Load(model).Card;
        Assert.Equal(first["threshold"]!.GetValue<double>(), card.ThresholdFor(0.1).Threshold);
        Assert.Contains("0.1", Assert.Throws<InvalidInputException>(() => card.ThresholdFor(1e-4)).Message, StringComparison.Ordinal);
        Assert.Contains("found float32", Assert.Throws<InvalidInputException>(() => card.ThresholdFor(0.1, flip: true)).Message,
            StringComparison.Ordinal);

        // Measured again the same way they are replaced, with mirror images they stand beside.
        Run(0, "verify", model, data, "--save", "--far", "0.2,0.1", "--samples", "50");
        Run(0, "verify", model, data, "--save", "--flip", "--samples", "50");
        card = ModelFile.Load(model).Card;
        Assert.Equal([false, true], card.Thresholds.Select(set => set.Flip));
        Assert.Equal([0.2, 0.1], card.Thresholds[0].Points.Select(point => point.FalseAcceptRate));
        Assert.True(XDocument.Parse(File.ReadAllText(At("r.html")).Replace("<!DOCTYPE html>", "",
            StringComparison.Ordinal))
            .Descendants().Count(element => element.Name.LocalName == "svg") >= 2);
    }

    [Fact]
    public void Pairs_of_a_file_are_judged_by_ten_folds_too()
    {
        string model = SaveModel();
        WriteFolder();
        var lines = new List<string>();
        for (int i = 0; i < 10; i++)
        {
            lines.Add($"{i % 4}/{i % 3}.png\t{i % 4}/{(i + 1) % 3}.png\t1");
            lines.Add($"{i % 4}/{i % 3}.png\t{(i + 1) % 4}/{i % 3}.png\t0");
        }

        File.WriteAllLines(At("pairs.tsv"), lines);
        var document = JsonNode.Parse(
            Run(0, "verify", model, At("pairs.tsv"), "--images", At("data"), "--json", "--flip", "--samples", "20").Output)!;
        Assert.Equal(10, document["insightface"]!["foldAccuracies"]!.AsArray().Count);
        Assert.Equal(10, document["facexZoo"]!["foldAccuracies"]!.AsArray().Count);
        Assert.Equal(4, document["identities"]!.GetValue<int>());
        string shown = Run(0, "verify", model, At("pairs.tsv"), "--images", At("data"), "--samples", "20").Output;
        Assert.Contains("insightface without mirror images", shown, StringComparison.Ordinal);
    }

    [Fact]
    public void What_cannot_be_verified_is_refused_in_a_line()
    {
        string model = SaveModel(), data = WriteFolder(), onnx = At("m.onnx");
        Directory.CreateDirectory(At("single/a"));
        Directory.CreateDirectory(At("single/b"));
        File.Copy(At("data/0/0.png"), At("single/a/1.png"));
        File.Copy(At("data/1/0.png"), At("single/b/1.png"));
        Assert.Contains("no identity with two images", Run(2, "verify", model, At("single")).Error, StringComparison.Ordinal);
        Assert.Contains("--far: expected rates", Run(2, "verify", model, data, "--far", "0,5").Error, StringComparison.Ordinal);
        Assert.Contains("--images goes with a file", Run(2, "verify", model, data, "--images", data).Error, StringComparison.Ordinal);
        Assert.Contains("own preprocessing", Run(2, "verify", model, data, "--save", "--resolution", "40").Error, StringComparison.Ordinal);
        Run(0, "export", model, "-o", onnx, "--features", "pooled");
        Assert.Contains("holds no thresholds", Run(2, "verify", onnx, data, "--save").Error, StringComparison.Ordinal);
    }

    [Fact]
    public void An_embedding_is_evaluated_by_retrieval()
    {
        string model = SaveModel(), data = WriteFolder();
        var document = JsonNode.Parse(Run(0, "evaluate", model, data, "--retrieval", "--recall-at", "1,2", "--json").Output)!;
        Assert.Equal((12, 11, 4), (
            document["queries"]!.GetValue<int>(), document["gallery"]!.GetValue<int>(), document["classes"]!.GetValue<int>()));
        Assert.Equal([1, 2], document["recall"]!.AsArray().Select(at => at!["k"]!.GetValue<int>()));
        Assert.InRange(document["map"]!["value"]!.GetValue<double>(), 0, 1);

        // A gallery of the same images: each is found at once.
        var searched = JsonNode.Parse(Run(0, "evaluate", model, data, "--gallery", data, "--json").Output)!;
        Assert.Equal(1, searched["recall"]![0]!["recall"]!.GetValue<double>());
        Assert.Equal(12, searched["gallery"]!.GetValue<int>());
        Assert.Contains("recall@10", Run(0, "evaluate", model, data, "--retrieval").Output, StringComparison.Ordinal);
        Assert.Contains("--recall-at: expected", Run(2, "evaluate", model, data, "--recall-at", "0").Error, StringComparison.Ordinal);
        Run(0, "evaluate", model, data, "--retrieval", "--report", At("x.html"));
        string page = System.Xml.Linq.XDocument.Load(At("x.html")).Root!.Value;
        Assert.Contains("Recall@1", page, StringComparison.Ordinal);
        Assert.Contains("What was evaluated", page, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("path,left_eye_x,left_eye_y,right_eye_x,right_eye_y,nose_x,nose_y,mouth_left_x,mouth_left_y,mouth_right_x,mouth_right_y",
        ",")]
    [InlineData("path,x1,y1,x2,y2,x3,y3,x4,y4,x5,y5,score", ",")]
    [InlineData("lefteye_x lefteye_y righteye_x righteye_y nose_x nose_y leftmouth_x leftmouth_y rightmouth_x rightmouth_y", " ")]
    [InlineData(null, " ")]
    [InlineData(null, ",")]
    public void Faces_are_aligned_from_lists_of_any_detector(string? header, string separator)
    {
        string list = At("landmarks.txt");
        File.WriteAllBytes(Make("in/p/a.png"), Noise(150, 140));
        var moved = AlignmentTemplate.Of112.Points.Select(point => new ImagePoint(point.X + 20, point.Y + 10));
        string row = string.Join(separator, ["p/a.png", .. Numbers(moved), .. header?.EndsWith("score",
            StringComparison.Ordinal) == true ? ["0.99"] : Array.Empty<string>()]);
        File.WriteAllText(list, header is null ? row : $"{header}\n{row}\n");
        Run(0, "align", At("in"), list, "-o", At("out"));
        using var from = ImageDecoder.DecodeFile(At("in/p/a.png"));
        using var aligned = ImageDecoder.DecodeFile(At("out/p/a.png"));
        Assert.Equal(new ImageSize(112, 112), aligned.Size);
        Assert.Equal(from.Row(50)[(60 * 4)..(90 * 4)], aligned.Row(40)[(40 * 4)..(70 * 4)]);
    }

    [Fact]
    public void Faces_that_cannot_be_aligned_are_named_and_the_others_are_there()
    {
        File.WriteAllBytes(Make("in/a.png"), Noise(120, 120));
        File.WriteAllBytes(Make("in/b.png"), Noise(120, 120));
        File.WriteAllBytes(Make("in/unlisted.png"), Noise(20, 20));
        File.WriteAllText(At("in/broken.png"), "no image");
        var face = AlignmentTemplate.Of112;
        string Row(string path, FaceLandmarks landmarks) => string.Join(",", [path, .. Numbers(landmarks.Points)]);
        var small = FaceLandmarks.Of([.. face.Points.Select(point => new ImagePoint(point.X / 2, point.Y / 2))]);
        File.WriteAllLines(At("l.csv"),
        [
            Row("a.png", small), Row("a.png", face), Row("b.png", face.Exchanged), Row("gone.png", face), Row("broken.png", face),
            "b.png,1,2,3,4,5,6,7,8,9,x",
        ]);
        var document = JsonNode.Parse(Run(1, "align", At("in"), At("l.csv"), "-o", At("out"), "--json").Output)!;
        Assert.Equal(["a.png"], document["written"]!.AsArray().Select(name => name!.GetValue<string>()));
        Assert.Equal([3, 4, 5, 6], document["failures"]!.AsArray().Select(failure => failure!["line"]!.GetValue<int>()));
        Assert.Equal(1, document["smallerFaces"]!.GetValue<int>());
        Assert.Equal(["unlisted.png"], document["withoutLandmarks"]!.AsArray().Select(name => name!.GetValue<string>()));
        using var larger = ImageDecoder.DecodeFile(At("out/a.png"));
        using var whole = ImageDecoder.DecodeFile(At("in/a.png"));
        Assert.Equal(whole.Row(7)[..400], larger.Row(7)[..400]);

        Run(1, "align", At("in"), At("l.csv"), "-o", At("all"), "--faces", "all");
        Assert.True(File.Exists(At("all/a_2.png")));
        string said = Run(1, "align", At("in"), At("l.csv"), "-o", At("persons"), "--sides", "person").Error;
        Assert.Contains("exchange the eyes", said, StringComparison.Ordinal);
        Assert.True(File.Exists(At("persons/b.png")));
        Assert.Contains("multiple of 112 or 128", Run(2, "align", At("in"), At("l.csv"), "-o", At("s"), "--size", "160").Error,
            StringComparison.Ordinal);
        File.WriteAllText(At("bad.csv"), "a.png,1,2,3\n");
        Assert.Contains("nothing says what they are", Run(2, "align", At("in"), At("bad.csv"), "-o", At("s")).Error,
            StringComparison.Ordinal);
    }

    private static IEnumerable<string> Numbers(IEnumerable<ImagePoint> points) =>
        points.SelectMany(point => new[] { point.X, point.Y }).Select(value => value.ToString("R", CultureInfo.InvariantCulture));

    private static (int Code, string Output, string Error) Run(int code, params string[] words)
    {
        var result = Tool.Run(words);
        Assert.True(result.Code == code, $"{result.Code} of {string.Join(' ', words)}: {result.Error}");
        return result;
    }

    private string At(string name) => Path.Combine(_root, name);

    private string Make(string name)
    {
        Directory.CreateDirectory(Path.GetDirectoryName(At(name))!);
        return At(name);
    }

    private string SaveModel()
    {
        var planted = PlantedModel.Create();
        ModelFile.Save(planted with { Weights = WeightInitializer.Initialize(planted.BuildGraph(), 1) }, At("model.safetensors"));
        return At("model.safetensors");
    }

    // Four identities, three images of each.
    private string WriteFolder()
    {
        for (int identity = 0; identity < 4; identity++)
        {
            for (int image = 0; image < 3; image++) File.WriteAllBytes(Make($"data/{identity}/{image}.png"), Noise(40 + image, 40,
                identity + 1));
        }

        return At("data");
    }

    private static byte[] Noise(int width, int height, int seed = 0)
    {
        byte[] rgb = new byte[width * height * 3];
        for (int i = 0; i < rgb.Length; i++) rgb[i] = (byte)((i * (31 + (12 * seed))) ^ (i / 7 * (seed + 3)));
        return ImageEncoder.EncodePng(rgb, width, height);
    }
}
