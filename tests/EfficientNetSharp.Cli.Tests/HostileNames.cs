using System.Text;
using EfficientNetSharp.Architectures;
using EfficientNetSharp.Graphs;
using EfficientNetSharp.Imaging.Codecs;
using EfficientNetSharp.Models;
using EfficientNetSharp.Models.Safetensors;
using EfficientNetSharp.Randomness;

namespace EfficientNetSharp.Cli.Tests;

/// <summary>
/// A model and folders whose names, of classes, files, layers and in the card, try to break out of a terminal, a table's markup, a page, a
/// line, or a spreadsheet.
/// </summary>
internal static class HostileNames
{
    public const string Title = "\u001b]0;pwned\u0007";

    // Without slashes, so that a folder can have them.
    public static readonly string[] All =
    [
        "<img src=x onerror=alert(1)>", "\"><script>alert(2)<∕script>", "\u001b[31mRED\u001b[0m" + Title, "=cmd|'∕c calc'!A0", "a,b\"c",
        "javascript:alert(3)", "\u202egnp.exe\u2066", "<∕title><svg onload=alert(4)>", "'); alert(5);∕∕", "nine\nline2\r\u0085\u2028",
        "[red]", "[/".Replace('/', '∕') + "]", "[bold", "\u009b31m\u007f\b\b\b", "tab\there\u200b", "tag\U000E0041\ufeff",
    ];

    private static readonly string[] Files = 
        ["<b onmouseover=alert(9)>.png", "\u001b[2J\u001b[1;1Hcleared.png", "new\nline.png", "[red]ok.png"];

    /// <summary>A tiny network with these classes; its layers keep their names, its card's provenance does not.</summary>
    public static Model Model()
    {
        var architecture = ArchitectureRegistry.Get("efficientnet_b0") with
        {
            Name = "small [red]", Stem = new Stem(8), HeadChannels = 16,
            Stages = [new Stage(BlockKind.MBConv, Kernel: 3, Stride: 2, Expansion: 1, Channels: 8, Repeats: 1, SqueezeExcite: 0.25)],
        };
        var card = new ModelCard { Classes = [.. All], Preprocessing = Preprocessing.ForSize(32) };
        card = card with { Provenance = card.Provenance.Add("evil\u001b[5m", "<script>alert(6)</script>\u001b[5mblink\nx: y\u202e") };
        var graph = architecture.Build(new BuildOptions { Height = 32, Width = 32, Classes = All.Length });
        return Models.Model.Of(architecture, card, WeightInitializer.Initialize(graph, 1));
    }

    /// <summary>Folders of these classes, with four images each.</summary>
    public static string WriteImages(string folder)
    {
        for (int label = 0; label < All.Length; label++)
        {
            Directory.CreateDirectory(Path.Combine(folder, All[label]));
            for (int i = 0; i < Files.Length; i++)
                File.WriteAllBytes(Path.Combine(folder, All[label], Files[i]), Image(label, i));
        }

        return folder;
    }

    /// <summary>Weights of nobody, with such names.</summary>
    public static void WriteWeights(string path) => SafetensorsWriter.Write(
        path, new Dictionary<string, string> { ["note\u001b[5m"] = "\u001b[5m" },
        All.Select(name => SafetensorsEntry.FromFloats(name, [2, 2], new float[4])));

    private static byte[] Image(int label, int number)
    {
        var random = new SeededRandom(1, (ulong)label, (ulong)number);
        var rgb = new byte[24 * 24 * 3];
        foreach (ref byte value in rgb.AsSpan()) value = (byte)((label * 12) + random.NextInt(60));
        return ImageEncoder.EncodePng(rgb, 24, 24);
    }
}
