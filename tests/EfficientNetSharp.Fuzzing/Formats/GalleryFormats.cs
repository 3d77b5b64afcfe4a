using System.Collections.Immutable;
using System.Globalization;
using EfficientNetSharp.Models;
using EfficientNetSharp.Prediction;
using EfficientNetSharp.Randomness;
using EfficientNetSharp.Recognition;
using EfficientNetSharp.Recognition.Embedded;
using EfficientNetSharp.Recognition.Exchange;
using EfficientNetSharp.Testing.Hostile;

namespace EfficientNetSharp.Fuzzing.Formats;

/// <summary>Galleries that were copied from elsewhere, and exports of galleries.</summary>
internal static class GalleryFormats
{
    private const int Length = 8, Samples = 12;

    private static readonly byte[][] JsonWords = Mutator.Words(
        "{", "}", "[", "]", "\"", ":", ",", "null", "true", "1e999", "-1", "\\u0000", "\\ud800", "\n", "\"embedding\":[", "\"identity\":",
        "\"length\":", "\"version\":2", "[[[[[[[[");

    public static ImmutableArray<FuzzFormat> All { get; } =
    [
        new FuzzFormat
        {
            Name = "gallery",
            Seeds = () => [Gallery(VectorPrecision.F32), Gallery(VectorPrecision.I8)],
            Mutator = new Mutator([], Mutator.Words("SQLite format 3\0", "CREATE TABLE", "CREATE VIEW", "CREATE TRIGGER", "EFNGALRY",
                "\xff\xff\xff\xff\xff\xff\xff\x7f")),
            Read = ReadGallery,
            IsAgreed = exception => exception is GalleryUnavailableException,
        },
        new FuzzFormat
        {
            Name = "gallery-export",
            Seeds = () => [Export()],
            Mutator = new Mutator([], JsonWords),
            Read = path =>
            {
                GalleryExport.ReadDescription(path);
                foreach (var _ in GalleryExport.Read(path))
                {
                }
            },
        },
    ];

    private static void ReadGallery(string path)
    {
        var gallery = EmbeddedGallery.Open(path);
        try
        {
            gallery.CountAsync().GetAwaiter().GetResult();
            foreach (var _ in gallery.ListAsync().ToBlockingEnumerable())
            {
            }

            foreach (var _ in gallery.ReadAsync().ToBlockingEnumerable())
            {
            }

            ReadOnlyMemory<float> query = Vector(gallery.Description.Fingerprint.Length, 1);
            gallery.SearchAsync([query], 3).GetAwaiter().GetResult();
            gallery.SearchAsync([.. Enumerable.Repeat(query, 9)], 3).GetAwaiter().GetResult();
            gallery.FindContentAsync([new string('a', 64)]).GetAwaiter().GetResult();
            gallery.AddAsync([new GallerySample { Identity = "new", Embedding = query }]).GetAwaiter().GetResult();
            gallery.RemoveAsync("new").GetAwaiter().GetResult();
        }
        finally
        {
            gallery.DisposeAsync().AsTask().GetAwaiter().GetResult();
        }
    }

    private static Specimen Gallery(VectorPrecision precision)
    {
        string folder = Directory.CreateTempSubdirectory("effnet-fuzz-").FullName;
        try
        {
            Make(Path.Combine(folder, "gallery"), precision, _ => { });
            return Specimen.OfFolder(Path.Combine(folder, "gallery"));
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    private static Specimen Export()
    {
        string folder = Directory.CreateTempSubdirectory("effnet-fuzz-").FullName, file = Path.Combine(folder, "gallery.jsonl");
        try
        {
            Make(Path.Combine(folder, "gallery"), VectorPrecision.F32, gallery =>
                GalleryExport.WriteAsync(gallery, file).GetAwaiter().GetResult());
            return Specimen.OfFile(file);
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    private static void Make(string folder, VectorPrecision precision, Action<EmbeddedGallery> use)
    {
        var gallery = EmbeddedGallery.Create(folder, new GalleryDescription
        {
            Fingerprint = new EmbeddingFingerprint(new string('a', 64), Preprocessing.ForSize(32), Length), Model = "model.safetensors",
                Precision = precision,
        }, new Guid(1, 2, 3, new byte[8]));
        try
        {
            gallery.AddAsync([.. Enumerable.Range(0, Samples).Select(i => new GallerySample
            {
                Identity = string.Create(CultureInfo.InvariantCulture, $"identity {i / 2}"), Embedding = Vector(Length, (ulong)i),
                    Source = "a.png",
                ContentHash = new string((char)('a' + (i % 6)), 64),
            })]).GetAwaiter().GetResult();
            gallery.RemoveAsync("identity 3").GetAwaiter().GetResult();
            use(gallery);
        }
        finally
        {
            gallery.DisposeAsync().AsTask().GetAwaiter().GetResult();
        }
    }

    private static float[] Vector(int length, ulong seed)
    {
        var random = new SeededRandom(seed);
        var values = new float[length];
        foreach (ref float value in values.AsSpan()) value = (float)random.NextGaussian();
        return values;
    }
}
