using EfficientNetSharp.Architectures;
using EfficientNetSharp.Models;

namespace EfficientNetSharp.Weights.NameMaps;

/// <summary>This project's own names, in a file without a model card: an exported ONNX file, or tensors alone.</summary>
internal sealed class OwnNameMap : TorchNameMap
{
    public OwnNameMap(string name, string title)
        : base(name, title)
    {
    }

    public override Architecture Adapt(Architecture architecture) => architecture;

    public override Preprocessing Preprocess(Architecture architecture) => Preprocessing.ForSize(architecture.Resolution);

    private protected override string ModuleOf(Architecture architecture, Layer layer) => layer.Node.Name;
}
