using System.Collections.Immutable;
using static EfficientNetSharp.Weights.Downloads.PreprocessingRows;

namespace EfficientNetSharp.Weights.Downloads;

/// <summary>
/// keras.applications' files with classifier: <c>BASE_WEIGHTS_PATH</c> and <c>WEIGHTS_HASHES</c> (MD5) of efficientnet.py and
/// efficientnet_v2.py. They are the authors' weights: B0 to B7 with AutoAugment. Keras normalises inside the network, S, M and L of V2
/// with x/128 − 1 and the others with ImageNet's statistics; the crop is that of the code they were trained with.
/// </summary>
internal static class KerasWeights
{
    internal static ImmutableArray<PublishedWeights> All { get; } =
    [
        Row("efficientnetb0", "b0", 224, "902e53a9f72be733fc0bcb005b3ebbac"),
        Row("efficientnetb1", "b1", 240, "1d254153d4ab51201f1646940f018540"),
        Row("efficientnetb2", "b2", 260, "b15cce36ff4dcbd00b6dd88e7857a6ad"),
        Row("efficientnetb3", "b3", 300, "ffd1fdc53d0ce67064dc6a9c7960ede0"),
        Row("efficientnetb4", "b4", 380, "18c95ad55216b8f92d7e70b3a046e2fc"),
        Row("efficientnetb5", "b5", 456, "ace28f2a6363774853a83a0b21b9421a"),
        Row("efficientnetb6", "b6", 528, "165f6e37dce68623721b423839de8be5"),
        Row("efficientnetb7", "b7", 600, "8c03f828fec3ef71311cd463b6759d99"),
        V2("b0", 224, "21ecbf6da12460d5c40bb2f29ceb2188"),
        V2("b1", 240, "069f0534ff22adf035c89e2d9547a9dc"),
        V2("b2", 260, "424e49f28180edbde1e94797771950a7"),
        V2("b3", 300, "1f1fc43bd98a6e4fd8fdfd551e02c7a0"),
        V2("s", 384, "e1d88a8495beba45748fedd0cecbe016"),
        V2("m", 480, "a3bf6aa3276309f4fc6a34aa114c95cd"),
        V2("l", 480, "27e6d408b53c7ebc868fefa357689935"),
    ];

    private static PublishedWeights Row(string model, string size, int resolution, string md5) => new()
    {
        Name = $"{PublishedSources.Keras}/{model}",
        Architecture = $"tf_efficientnet_{size}",
        Source = PublishedSources.Keras,
        Url = new Uri($"https://storage.googleapis.com/keras-applications/{model}.h5"),
        Md5 = md5,
        Licence = "Apache-2.0",
        Preprocessing = Tpu(resolution),
    };

    private static PublishedWeights V2(string size, int resolution, string md5) => Row($"efficientnetv2-{size}", size, resolution, md5) with
    {
        Architecture = $"tf_efficientnetv2_{size}",
        Url = new Uri($"https://storage.googleapis.com/tensorflow/keras-applications/efficientnet_v2/efficientnetv2-{size}.h5"),
        Preprocessing = size.StartsWith('b') ? Tpu(resolution) : Torchvision(resolution, resolution, Models.Interpolation.Bilinear)
        .StretchResized().Minus128(),
    };
}
