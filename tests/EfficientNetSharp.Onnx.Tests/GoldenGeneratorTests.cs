using EfficientNetSharp.Testing;

namespace EfficientNetSharp.Onnx.Tests;

/// <summary>The generator of weights and inputs and the reference, each against something that does not use them.</summary>
public sealed class GoldenGeneratorTests
{
    // Check values of the goldens' author, computed in another language.
    [Fact]
    public void The_generator_draws_its_check_values()
    {
        Assert.Equal([-0.80436337f, -0.705042839f, 0.148168802f], NamedUniform.Draw("input", 3, 0));
        Assert.Equal([0.277358055f, 0.61795187f, -0.746512771f], NamedUniform.Draw("conv_stem.weight", 3, 7));
    }

    [Theory]
    [InlineData("torchvision/efficientnet_b0_r113_b1_s1")]
    [InlineData("timm/tf_efficientnet_b0_r224_b1_s0")]
    [InlineData("timm/efficientnet_es_r224_b1_s0")]
    [InlineData("timm/tf_efficientnetv2_b0_r224_b1_s0")]
    [InlineData("torchvision/mobilenet_v2_r224_b1_s0")]
    [InlineData("insightface/mbf_r112_b1_s0")]
    public void The_reference_computes_what_the_other_implementation_does(string name)
    {
        var golden = Golden.Load(name);
        using var reference = new ReferenceRunner(golden.Graph, golden.CreateWeights());
        var output = new float[golden.Output[0].Length];
        reference.Run(golden.CreateInput(), 1, output);
        // The goldens are in double precision too, to ten digits; what is left is the rounding of the output to float32.
        Assert.InRange(RelativeError.OfRows(output, golden.Output), 0, 1e-7);
    }
}
