using System.Collections.Immutable;
using EfficientNetSharp.Graphs.Quantization;
using EfficientNetSharp.Onnx.Writing;

namespace EfficientNetSharp.Onnx;

/// <summary>How the mean of a map is written.</summary>
public enum PoolingForm
{
    /// <summary>
    /// <c>ReduceMean</c> over rows and columns. ONNX Runtime adds up a <c>GlobalAveragePool</c> one value after another in its
    /// blocked layout, which costs a digit on large maps: EfficientNet-B0 at 224 differs by 1.4e-5 from double precision with
    /// that and by 2.5e-6 with this, at the same speed (version 1.31).
    /// </summary>
    ReduceMean,

    /// <summary><c>GlobalAveragePool</c>, for device compilers that have no or only a slow <c>ReduceMean</c>.</summary>
    GlobalAveragePool,
}

/// <summary>How a network is written as ONNX.</summary>
public sealed record OnnxExportOptions
{
    // Old enough for most readers, and with all that float32 networks need.
    private const int UsualOpset = 17;

    /// <summary>
    /// Whether batch normalisations are folded into the convolutions before them; default <see langword="true"/>. The results
    /// are the same up to rounding, the file is smaller and runs faster. Switched off for tools that want to see them.
    /// </summary>
    public bool FoldBatchNormalization { get; init; } = true;

    /// <summary>Rows of the input in pixels; the model card's where <see langword="null"/>.</summary>
    public int? Height { get; init; }

    /// <summary>Columns of the input in pixels; the model card's where <see langword="null"/>.</summary>
    public int? Width { get; init; }

    /// <summary>
    /// Whether the file takes images of any size; default <see langword="false"/>. Only symmetric padding allows it: the zeros
    /// of TensorFlow's SAME follow from the image's size, and an ONNX file holds one set of them.
    /// </summary>
    public bool DynamicResolution { get; init; }

    /// <summary>Whether the file takes any number of images at once; default <see langword="true"/>. Otherwise it takes one.</summary>
    public bool DynamicBatch { get; init; } = true;

    /// <summary>
    /// Version of the operator set, 11 to 22; where <see langword="null"/>, 17, and 21 for a network with 16-bit integers. RKNN-Toolkit
    /// 1.7 reads 12 and lower. The file's format version is the oldest that goes with it.
    /// </summary>
    public int? OpsetVersion { get; init; }

    /// <summary>
    /// Whether a network with 16-bit integers may be written in an operator set below 21, whose QuantizeLinear has none, with ONNX
    /// Runtime's own operators of that name (<c>com.microsoft</c>); default <see langword="false"/>.
    /// </summary>
    public bool MicrosoftDomain { get; init; }

    /// <summary>
    /// How the mean of a map is written; where <see langword="null"/>, <see cref="PoolingForm.ReduceMean"/>, the more exact one, and
    /// <see cref="PoolingForm.GlobalAveragePool"/> for a quantized network, which is the one that programs compute in integers.
    /// </summary>
    public PoolingForm? Pooling { get; init; }

    /// <summary>
    /// Whether the file ends with a softmax and yields <c>probabilities</c>; default <see langword="false"/>, which yields
    /// <c>logits</c>.
    /// </summary>
    public bool AppendSoftmax { get; init; }

    /// <summary>
    /// Strides of the feature maps that a model's file yields instead of a row, each as an output <c>stride_8</c> for example; default
    /// none. See <see cref="Models.Model.BuildFeatureGraph"/>.
    /// </summary>
    public ImmutableArray<int> FeatureStrides { get; init; } = [];

    /// <summary>
    /// Whether a model's file yields what the classifier takes, as <c>features</c>; default <see langword="false"/>. See
    /// <see cref="Models.Model.BuildPooledGraph"/>.
    /// </summary>
    public bool PooledFeatures { get; init; }

    /// <summary>The operator set that a network is written in.</summary>
    /// <param name="plan">The network's plan; <see langword="null"/> where it has none.</param>
    public int OpsetFor(QuantizationPlan? plan) => OpsetVersion ?? QuantizationWriter.OpsetFor(plan, UsualOpset);
}
