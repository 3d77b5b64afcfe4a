using System.Collections.Immutable;
using EfficientNetSharp.Data.Inspection;
using EfficientNetSharp.Files;

namespace EfficientNetSharp.Data.Formats.Shards;

/// <summary>A label as a record states it.</summary>
/// <param name="Key">The feature that has it.</param>
/// <param name="Number">The class as a number.</param>
/// <param name="Name">The class's name.</param>
internal readonly record struct TfLabel(string Key, long? Number, string? Name);

/// <summary>
/// What the features of examples are called by the tools that write image sets: the TensorFlow models' ImageNet builder and TF-Slim
/// (<c>image/encoded</c>, <c>image/class/label</c>), TensorFlow Datasets (<c>image</c>, <c>label</c>), the object detection API and
/// Roboflow (<c>image/object/class/label</c>), the TPU and Keras tutorials (<c>image</c>, <c>class</c>, <c>one_hot_class</c>), and those
/// that store pixels (<c>image_raw</c> with <c>height</c>, <c>width</c>, <c>depth</c>).
/// </summary>
internal static class TfKeys
{
    /// <summary>The ImageNet builder's label, which counts from 1: 0 is the background.</summary>
    public const string BuilderLabel = "image/class/label";

    /// <summary>The object detection API's label, which counts from 1 by its label maps.</summary>
    public const string ObjectLabel = "image/object/class/label";

    // What an image can have at most on one side; JPEG has 65,535.
    private const int MaxSide = 1 << 20;

    private static readonly ImmutableArray<string> Images =
    [
        "image/encoded", "image", "image_raw", "image_bytes", "image_encoded", "encoded", "encoded_image", "image_data", "image/data",
        "image_string", "img", "img_raw", "jpeg", "jpg", "png", "picture", "data", "x",
    ];

    private static readonly ImmutableArray<string> Numbers =
    [
        BuilderLabel, "label", "labels", "class", "class_id", "class_label", "target", "category", "image/label", "label_id", "y",
        "class_idx", ObjectLabel,
    ];

    private static readonly ImmutableArray<string> Names =
    [
        "image/class/synset", "image/class/text", "class_name", "label_name", "label_text", "class_text", "label/text",
        "image/object/class/text", "label", "labels", "class", "target", "category", "class_id",
    ];

    private static readonly ImmutableArray<string> OneHots =
        ["one_hot_class", "one_hot", "onehot", "label_one_hot", "one_hot_label", "label", "labels", "class", "target"];

    private static readonly ImmutableArray<string> Heights = ["height", "image/height", "rows"], Widths = ["width", "image/width", "cols"],
        Depths = ["depth", "image/channels", "channels"];

    /// <summary>The label of an example; <see langword="null"/> where it states none.</summary>
    /// <param name="example">The example.</param>
    /// <param name="declared">The feature that the set declares as its label, where it does.</param>
    /// <exception cref="InvalidInputException">It states several.</exception>
    public static TfLabel? LabelOf(TfExample example, string? declared)
    {
        if (declared is not null && example[declared] is { Count: 1, Integer: { } stated }) return new TfLabel(declared, stated, null);
        string? name = Names.Select(key => example[key]?.Text).FirstOrDefault(text => !string.IsNullOrWhiteSpace(text));
        foreach (string key in Numbers)
        {
            if (example[key] is not { } feature) continue;
            // An image may have several objects of one class; otherwise a list of numbers is a class each, or zeros with a one.
            bool isOne = feature.Count == 1 || key == ObjectLabel;
            if (isOne && feature.Integer is { } number) return new TfLabel(key, number, name);
            if (feature.Differs ? key == ObjectLabel || feature.OneHot is null : feature.Count > 1 && feature.Integer is not null)
                throw new InvalidInputException($"several classes in {OneLine.Quote(key)}, where one class for each image is expected");
        }

        if (example["image/object/class/text"] is { Differs: true })
            throw new InvalidInputException("several classes in 'image/object/class/text', where one class for each image is expected");

        foreach (string key in OneHots)
        {
            if (example[key]?.OneHot is { } position) return new TfLabel(key, position, name);
        }

        return name is null ? null : new TfLabel("", null, name);
    }

    /// <summary>The place of the image in an example; <see langword="null"/> where there is none.</summary>
    public static (long Start, long Length)? ImageOf(TfExample example) =>
        Images.Select(key => example[key]?.Bytes).FirstOrDefault(bytes => bytes is { Length: > 0 });

    /// <summary>The shape that an example states for an image of so many bytes; <see langword="null"/> where it states none.</summary>
    public static (int Height, int Width, int Depth)? ShapeOf(TfExample example, long length)
    {
        long? Find(ImmutableArray<string> keys) => keys.Select(key => example[key]?.Integer).FirstOrDefault(number => number is not null);
        if (Find(Heights) is not { } height || Find(Widths) is not { } width || height is < 1 or > MaxSide || width is < 1 or > MaxSide)
            return null;
        long depth = Find(Depths) ?? length / (height * width);
        return depth is 1 or 3 ? ((int)height, (int)width, (int)depth) : null;
    }

    /// <summary>Whether bytes are an image's file; pixels of the stated shape may begin as a bitmap's file does.</summary>
    public static bool IsFile(ReadOnlySpan<byte> start, long length, (int Height, int Width, int Depth)? shape) =>
        EncodedKind.Of(start).Format switch
        {
            EncodedKind.Unknown => false,
            "BMP" => shape is not var (height, width, depth) || length != (long)height * width * depth,
            _ => true,
        };

    /// <summary>Why bytes are no image; <see langword="null"/> where they are a file of one, or pixels of the stated shape.</summary>
    /// <param name="start">The first bytes.</param>
    /// <param name="length">How many there are.</param>
    /// <param name="shape">What the example states.</param>
    public static string? WhyNoImage(ReadOnlySpan<byte> start, long length, (int Height, int Width, int Depth)? shape)
    {
        if (IsFile(start, length, shape)) return null;
        if (shape is not var (height, width, depth))
        {
            return $"{length} bytes that are no JPEG, PNG, WebP, BMP or GIF file, without a height, width and depth (1 or 3) to read " +
                "them as pixels";
        }

        long pixels = (long)height * width * depth;
        return length == pixels ? null
            : $"{length} bytes for {height}×{width} pixels of {depth} bytes each, which are {pixels}" +
            (length == sizeof(float) * pixels ? "; pixels are read as bytes, not as floats" : "");
    }
}
