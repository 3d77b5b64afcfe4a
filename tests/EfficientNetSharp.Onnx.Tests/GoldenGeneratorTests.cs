using EfficientNetSharp.Graphs;
using EfficientNetSharp.Testing;

namespace EfficientNetSharp.Onnx.Tests;

/// <summary>The generator of weights and inputs, the pairing of tensors and the reference, each against something that does not use them.</summary>
public sealed class GoldenGeneratorTests
{
    public static TheoryData<string> Names => [.. Golden.Names];

    // Check values of the goldens' author, computed in another language.
    [Fact]
    public void The_generator_draws_its_check_values()
    {
        Assert.Equal([-0.80436337f, -0.705042839f, 0.148168802f], NamedUniform.Draw("input", 3, 0));
        Assert.Equal([0.277358055f, 0.61795187f, -0.746512771f], NamedUniform.Draw("conv_stem.weight", 3, 7));
    }

    [Theory]
    [MemberData(nameof(Names))]
    public void Tensors_paired_by_order_are_the_same_layers(string name)
    {
        var golden = Golden.Load(name);
        var expected = golden.Graph.Parameters.Select(parameter => SourceName(golden, parameter));
        Assert.Equal(expected, golden.SourceTensors.Select(tensor => tensor.Name));
    }

    [Theory]
    [InlineData("torchvision/efficientnet_b0_r113_b1_s1")]
    [InlineData("timm/tf_efficientnet_b0_r224_b1_s0")]
    public void The_reference_computes_what_the_other_implementation_does(string name)
    {
        var golden = Golden.Load(name);
        using var reference = new ReferenceRunner(golden.Graph, golden.CreateWeights());
        var output = new float[golden.Output[0].Length];
        reference.Run(golden.CreateInput(), 1, output);
        // The goldens are in double precision too, to ten digits; what is left is the rounding of the output to float32.
        Assert.InRange(RelativeError.OfRows(output, golden.Output), 0, 1e-7);
    }

    // Each implementation's naming, from its own source files: block parts are numbered or named anew where there is no expansion.
    private static string SourceName(Golden golden, Parameter parameter)
    {
        string[] parts = parameter.Name.Split('.');
        string suffix = parts[^1];
        if (parts[0] != "stages")
        {
            string layer = string.Join('.', parts[..^1]);
            int stages = golden.Architecture.Stages.Length;
            return suffix.Insert(0, (golden.Source, layer) switch
            {
                ("torchvision", "stem.conv") => "features.0.0.",
                ("torchvision", "stem.norm") => "features.0.1.",
                ("torchvision", "head.conv") => $"features.{stages + 1}.0.",
                ("torchvision", "head.norm") => $"features.{stages + 1}.1.",
                ("torchvision", "classifier") => "classifier.1.",
                ("timm", "stem.conv") => "conv_stem.",
                ("timm", "stem.norm") => "bn1.",
                ("timm", "head.conv") => "conv_head.",
                ("timm", "head.norm") => "bn2.",
                ("timm", "classifier") => "classifier.",
                ("lukemelas", "stem.conv") => "_conv_stem.",
                ("lukemelas", "stem.norm") => "_bn0.",
                ("lukemelas", "head.conv") => "_conv_head.",
                ("lukemelas", "head.norm") => "_bn1.",
                ("lukemelas", "classifier") => "_fc.",
                _ => throw new InvalidDataException(parameter.Name),
            });
        }

        int stage = int.Parse(parts[1]), block = int.Parse(parts[2]);
        string part = $"{parts[3]}.{parts[4]}";
        bool expands = golden.Graph.Nodes.Any(node => node.Name == $"stages.{stage}.{block}.expand.conv");
        return golden.Source switch
        {
            "torchvision" => $"features.{stage + 1}.{block}.block.{TorchvisionPart(part, expands ? 1 : 0)}.{suffix}",
            "timm" => $"blocks.{stage}.{block}.{TimmPart(part, expands)}.{suffix}",
            _ => $"_blocks.{golden.Architecture.Stages.Take(stage).Sum(row => row.Repeats) + block}.{LukemelasPart(part)}.{suffix}",
        };
    }

    private static string TorchvisionPart(string part, int first) => part switch
    {
        "expand.conv" => "0.0",
        "expand.norm" => "0.1",
        "depthwise.conv" => $"{first}.0",
        "depthwise.norm" => $"{first}.1",
        "squeeze_excite.reduce" => $"{first + 1}.fc1",
        "squeeze_excite.expand" => $"{first + 1}.fc2",
        "project.conv" => $"{first + 2}.0",
        "project.norm" => $"{first + 2}.1",
        _ => throw new InvalidDataException(part),
    };

    private static string TimmPart(string part, bool expands) => part switch
    {
        "expand.conv" => "conv_pw",
        "expand.norm" => "bn1",
        "depthwise.conv" => "conv_dw",
        "depthwise.norm" => expands ? "bn2" : "bn1",
        "squeeze_excite.reduce" => "se.conv_reduce",
        "squeeze_excite.expand" => "se.conv_expand",
        "project.conv" => expands ? "conv_pwl" : "conv_pw",
        "project.norm" => expands ? "bn3" : "bn2",
        _ => throw new InvalidDataException(part),
    };

    private static string LukemelasPart(string part) => part switch
    {
        "expand.conv" => "_expand_conv",
        "expand.norm" => "_bn0",
        "depthwise.conv" => "_depthwise_conv",
        "depthwise.norm" => "_bn1",
        "squeeze_excite.reduce" => "_se_reduce",
        "squeeze_excite.expand" => "_se_expand",
        "project.conv" => "_project_conv",
        "project.norm" => "_bn2",
        _ => throw new InvalidDataException(part),
    };
}
