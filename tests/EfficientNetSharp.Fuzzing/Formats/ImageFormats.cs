using System.Collections.Immutable;
using EfficientNetSharp.Imaging.Codecs;
using EfficientNetSharp.Imaging.Transforms;
using EfficientNetSharp.Models;
using EfficientNetSharp.Randomness;
using EfficientNetSharp.Testing.Hostile;
using EfficientNetSharp.Testing.Hostile.Containers;

namespace EfficientNetSharp.Fuzzing.Formats;

/// <summary>Image files, decoded whole and as the transforms of evaluation and training do.</summary>
internal static class ImageFormats
{
    public static ImmutableArray<FuzzFormat> All { get; } =
    [
        Images("jpeg", "*.jp*g", Mutator.Words(
            "\xff\xd8", "\xff\xd9", "\xff\xda", "\xff\xc0\0\x11", "\xff\xc2\0\x11", "\xff\xc4", "\xff\xdb", "\xff\xdd\0\x04", "\xff\xe1",
                "Exif\0\0II*\0",
            "\xff\xd0", "\xff\0", "\xff\xee\0\x0e" + "Adobe", "\x11\x08\xff\xff\xff\xff\x03")),
        Images("png", "*.png", Mutator.Words("IHDR", "IDAT", "IEND", "PLTE", "tRNS", "eXIf", "tEXt", "iCCP", "\x7f\xff\xff\xff",
            "\x78\x9c"), new PngContainer(), new ZlibContainer()),
        Images("gif", "*.gif", Mutator.Words("GIF89a", "!\xf9\x04", "!\xff\x0bNETSCAPE2.0", ",", ";", "\xff\xff\xff\xff",
            "\x41\x34\x41\x34")),
        Images("bmp", "*.bmp", Mutator.Words("BM", "\x28\0\0\0", "\x7c\0\0\0", "\x0c\0\0\0", "\xff\xff\xff\x7f", "\0\0\0\x80",
            "\x01\0\0\0", "\x02\0\0\0", "\x03\0\0\0")),
        Images("webp", "*.webp", Mutator.Words("RIFF", "WEBP", "VP8 ", "VP8L", "VP8X", "ALPH", "ANIM", "ANMF", "EXIF",
            "\x2f\xff\xff\xff\x0f")),
    ];

    private static FuzzFormat Images(string name, string pattern, byte[][] words, params IContainer[] kinds) => new()
    {
        Name = name,
        Seeds = () => Repository.Files("EfficientNetSharp.Imaging.Tests/Goldens/files", pattern).Select(Specimen.OfFile),
        Mutator = new Mutator(kinds, words),
        Read = Read,
        // The image, its upright copy, and the decoder's own, three times over; see docs/security.md.
        Limits = new Limits
        {
            ManagedBytes = 512L << 20,
            ManagedPerByte = 6 * 4 * DecodeOptions.MaxPixelsPerByte,
            ResidentBytes = 512L << 20,
            ResidentPerByte = 4 * 4 * DecodeOptions.MaxPixelsPerByte,
            Seconds = 20,
        },
    };

    private static void Read(string path)
    {
        byte[] bytes = File.ReadAllBytes(path);
        Attempt.Read(() => ImageDecoder.ReadSize(bytes, path));
        Attempt.Read(() => ImageDecoder.Decode(bytes, path).Dispose());
        Attempt.Read(() => new EvaluationTransform(Preprocessing.ForSize(16)).Render(bytes, path).Dispose());
        var random = new SeededRandom(7);
        new TrainingTransform(Preprocessing.ForSize(16)).Render(bytes, path, ref random).Dispose();
    }
}
