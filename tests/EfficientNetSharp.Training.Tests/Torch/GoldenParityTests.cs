using EfficientNetSharp.Testing;
using EfficientNetSharp.Training.Torch;

namespace EfficientNetSharp.Training.Tests.Torch;

/// <summary>Outputs of torchvision, timm and EfficientNet-PyTorch, computed by their own code in double precision.</summary>
public sealed class GoldenParityTests
{
    // Larger ones take long on libtorch and show nothing that these do not; ONNX Runtime's tests have them all.
    private const int MaxPixels = 300;

    public static TheoryData<string> Names => [.. Golden.Names.Where(name => Golden.Load(name).Resolution <= MaxPixels)];

    [Theory]
    [MemberData(nameof(Names))]
    public void The_torch_backend_computes_what_the_other_implementation_does(string name)
    {
        var golden = Golden.Load(name);
        using var runner = new TorchRunner(golden.Graph, golden.CreateWeights());
        var output = new float[golden.Batch * runner.OutputShape.Channels];
        runner.Run(golden.CreateInput(), golden.Batch, output);
        Assert.InRange(RelativeError.OfRows(output, golden.Output), 0, golden.Tolerance);
    }
}
