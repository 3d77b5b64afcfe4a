using System.Collections.Immutable;
using EfficientNetSharp.Models;

namespace EfficientNetSharp.Weights.Downloads;

/// <summary>A weight file that its makers offer for download, with what is needed to check it and to use it rightly.</summary>
public sealed record PublishedWeights
{
    /// <summary>
    /// Unique name, <c>source/model.tag</c>: the model and the tag are spelled as the makers spell them, for example
    /// <c>torchvision/efficientnet_b0.IMAGENET1K_V1</c> or <c>timm/efficientnet_b0.ra_in1k</c>. Where only one set of weights of a
    /// model exists in a source there may be no tag.
    /// </summary>
    public required string Name { get; init; }

    /// <summary>A name or alias of the registered architecture that computes what the weights were trained for.</summary>
    public required string Architecture { get; init; }

    /// <summary>Whose file it is: a constant of <see cref="PublishedSources"/>.</summary>
    public required string Source { get; init; }

    /// <summary>Whose names its tensors have: a name of <see cref="NameMaps.NameMapRegistry"/>.</summary>
    public string NameMap => Source == PublishedSources.AutoMl ? PublishedSources.Tpu : Source;

    /// <summary>Where the file lies.</summary>
    public required Uri Url { get; init; }

    /// <summary>
    /// The file's SHA-256 in lower-case hexadecimal digits, or its first eight or more where the makers publish only those;
    /// <see langword="null"/> where they publish none.
    /// </summary>
    public string? Sha256 { get; init; }

    /// <summary>The file's MD5 in lower-case hexadecimal digits, where the makers publish that; <see langword="null"/> otherwise.</summary>
    public string? Md5 { get; init; }

    /// <summary>Size in bytes as published, which is rounded and only for people; <see langword="null"/> where none is published.</summary>
    public long? ApproximateBytes { get; init; }

    /// <summary>
    /// Licence (SPDX) of the repository that publishes the file. The images behind the weights have terms of their own.
    /// </summary>
    public required string Licence { get; init; }

    /// <summary>How images are prepared for these weights, at the resolution at which <see cref="Top1"/> is published.</summary>
    public required Preprocessing Preprocessing { get; init; }

    /// <summary>Published top-1 accuracy on ImageNet's validation images in per cent; <see langword="null"/> where none is.</summary>
    public double? Top1 { get; init; }

    /// <summary>Published top-5 accuracy in per cent; <see langword="null"/> where none is.</summary>
    public double? Top5 { get; init; }

    /// <summary>
    /// Outputs of the classifier: 1000; 1001 with a background class first; 21,843 for ImageNet-21k.
    /// </summary>
    public int Classes { get; init; } = 1000;

    /// <summary>
    /// The classes behind the outputs, without a background: ImageNet's 1,000 or ImageNet-21k's, in which all sets of these sizes are trained.
    /// </summary>
    public ClassList? ClassList => ImageNetClasses.OfOutputs(Classes);

    /// <summary>Side of the square input in pixels at which the accuracy is published.</summary>
    public int Resolution => Preprocessing.Height;

    /// <summary>The file's own name, the last part of its address. Files of several rows may share one.</summary>
    public string FileName => Url.Segments[^1];

    /// <summary>Whether a hash is known before the file is fetched.</summary>
    public bool HasPublishedHash => Sha256 is not null || Md5 is not null;

    /// <summary>The name without its source.</summary>
    internal string ShortName => Name[(Name.IndexOf('/', StringComparison.Ordinal) + 1)..];

    /// <summary>The name without its tag: <c>source/model</c>.</summary>
    internal string Untagged => Name.Split('.', 2)[0];
}

/// <summary>Those whose weights are in the table.</summary>
public static class PublishedSources
{
    /// <summary>PyTorch's torchvision.</summary>
    public const string Torchvision = "torchvision";

    /// <summary>PyTorch image models.</summary>
    public const string Timm = "timm";

    /// <summary>The checkpoints of the authors, tensorflow/tpu.</summary>
    public const string Tpu = "tpu";

    /// <summary>The checkpoints of EfficientNetV2's authors, google/automl.</summary>
    public const string AutoMl = "automl";

    /// <summary>EfficientNet-PyTorch.</summary>
    public const string Lukemelas = "lukemelas";

    /// <summary>keras.applications.</summary>
    public const string Keras = "keras";

    /// <summary>All of them, in the table's order.</summary>
    public static ImmutableArray<string> All { get; } = [Torchvision, Timm, Tpu, AutoMl, Lukemelas, Keras];
}
