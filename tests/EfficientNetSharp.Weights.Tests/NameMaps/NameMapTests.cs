using EfficientNetSharp.Architectures;
using EfficientNetSharp.Graphs;
using EfficientNetSharp.Weights.NameMaps;

namespace EfficientNetSharp.Weights.Tests.NameMaps;

/// <summary>Names against the sources' own (key lists in tests/Goldens are compared with every golden; here what has none).</summary>
public sealed class NameMapTests
{
    private static readonly HashSet<string> NoNames = [];

    public static TheoryData<string, string> Pairs
    {
        get
        {
            var data = new TheoryData<string, string>();
            foreach (var map in NameMapRegistry.All)
            {
                foreach (var architecture in ArchitectureRegistry.All) data.Add(map.Name, architecture.Name);
            }

            return data;
        }
    }

    [Theory]
    [MemberData(nameof(Pairs))]
    public void A_map_names_every_tensor_once_or_says_that_it_has_no_such_network(string source, string name)
    {
        var map = NameMapRegistry.Get(source);
        var architecture = map.Adapt(ArchitectureRegistry.Get(name));
        var graph = architecture.Build();
        var mapped = map.Map(architecture, graph, NoNames);
        if (mapped.IsEmpty) return;
        Assert.Equal(graph.Parameters, mapped.Select(parameter => parameter.Parameter));
        Assert.Distinct(mapped.Select(parameter => parameter.SourceName));
        Assert.All(mapped, parameter => Assert.True(parameter.Fits(parameter.SourceShape)));
        // What a source means by an architecture is registered, and means itself.
        Assert.Equal(architecture, map.Adapt(architecture));
    }

    [Theory]
    [InlineData("torchvision",
        "efficientnet_b0 efficientnet_b7 efficientnet_v2_l mobilenet_v2 mobilenet_v3_small mnasnet_100 resnet18 resnet152 squeezenet1_0 squeezenet1_1 shufflenet_v2_x0_5 shufflenet_v2_x2_0")]
    [InlineData("timm",
        "tf_efficientnet_l2 efficientnet_lite4 tf_efficientnet_el tf_efficientnet_cc_b1_8e efficientnetv2_xl semnasnet_100 mobilenetv1_100 mobilenetv2_120d mobilenetv3_large_100 resnet34 resnet200 nasnetalarge nasnetamobile")]
    [InlineData("lukemelas", "tf_efficientnet_b0 tf_efficientnet_b8")]
    [InlineData("megvii", "shufflenet_v1_x0_5_g3 shufflenet_v1_x1_0_g3 shufflenet_v1_x1_5_g3 shufflenet_v1_x2_0_g3")]
    [InlineData("insightface", "iresnet18 iresnet200 mobilefacenet mobilefacenet_100")]
    [InlineData("treb1en", "mobilefacenet_100")]
    [InlineData("xiaoccer", "mobilefacenet_100")]
    [InlineData("foamliu", "mobilefacenet_relu6")]
    [InlineData("keras", "tf_efficientnet_b7 tf_efficientnet_l2 tf_efficientnetv2_b3 tf_efficientnetv2_l nasnetamobile nasnetalarge")]
    [InlineData("tpu", "tf_efficientnet_l2 tf_efficientnet_lite4 tf_efficientnet_em tf_efficientnet_cc_b0_4e tf_efficientnetv2_xl")]
    public void A_source_has_the_networks_that_it_publishes(string source, string names)
    {
        var map = NameMapRegistry.Get(source);
        Assert.All(names.Split(' '), name =>
        {
            var architecture = ArchitectureRegistry.Get(name);
            Assert.NotEmpty(map.Map(architecture, architecture.Build(), NoNames));
        });
    }

    // Names as the sources' files have them: reference documents and the sources' own code.
    [Theory]
    [InlineData("keras", "efficientnet_b0", "stages.0.0.depthwise.conv.weight", "block1a_dwconv/depthwise_kernel")]
    [InlineData("keras", "efficientnet_b0", "stages.1.1.expand.norm.running_mean", "block2b_expand_bn/moving_mean")]
    [InlineData("keras", "efficientnet_b0", "stages.5.3.squeeze_excite.reduce.bias", "block6d_se_reduce/bias")]
    [InlineData("keras", "efficientnet_b0", "head.norm.running_var", "top_bn/moving_variance")]
    [InlineData("keras", "efficientnet_b0", "classifier.weight", "predictions/kernel")]
    [InlineData("keras", "efficientnetv2_b0", "stages.0.0.spatial.conv.weight", "block1a_project_conv/kernel")]
    [InlineData("keras", "efficientnetv2_b0", "stages.1.0.expand.conv.weight", "block2a_expand_conv/kernel")]
    [InlineData("keras", "efficientnetv2_b0", "stages.3.0.depthwise.conv.weight", "block4a_dwconv2/depthwise_kernel")]
    [InlineData("keras", "nasnetamobile", "stem.norm.running_var", "stem_bn1/moving_variance")]
    [InlineData("keras", "nasnetamobile", "stages.0.0.combine0.left.depthwise1.weight",
        "separable_conv_1_reduction_left1_stem_1/depthwise_kernel")]
    [InlineData("keras", "nasnetamobile", "stages.0.0.combine4.left.pointwise2.weight",
        "separable_conv_2_reduction_left4_stem_1/pointwise_kernel")]
    [InlineData("keras", "nasnetamobile", "stages.1.0.odd.conv.weight", "adjust_conv_2_stem_2/kernel")]
    [InlineData("keras", "nasnetamobile", "stages.2.0.earlier.norm.weight", "adjust_bn_0/gamma")]
    [InlineData("keras", "nasnetamobile", "stages.2.3.combine4.left.norm1.bias", "separable_conv_1_bn_normal_left5_3/beta")]
    [InlineData("keras", "nasnetamobile", "stages.3.0.current.conv.weight", "reduction_conv_1_reduce_4/kernel")]
    [InlineData("keras", "nasnetamobile", "stages.4.0.current.norm.weight", "normal_bn_1_5/gamma")]
    [InlineData("keras", "nasnetamobile", "stages.5.0.combine2.right.norm2.weight", "separable_conv_2_bn_reduction_right3_reduce_8/gamma")]
    [InlineData("keras", "nasnetamobile", "stages.6.3.earlier.conv.weight", "adjust_conv_projection_12/kernel")]
    [InlineData("keras", "nasnetalarge", "stages.6.5.combine0.right.pointwise1.weight",
        "separable_conv_1_normal_right1_18/pointwise_kernel")]
    [InlineData("tpu", "efficientnet_b0", "stem.norm.weight", "stem/tpu_batch_normalization/gamma")]
    [InlineData("tpu", "efficientnet_b0", "stages.0.0.project.conv.weight", "blocks_0/conv2d/kernel")]
    [InlineData("tpu", "efficientnet_b0", "stages.0.0.project.norm.bias", "blocks_0/tpu_batch_normalization_1/beta")]
    [InlineData("tpu", "efficientnet_b0", "stages.1.0.expand.conv.weight", "blocks_1/conv2d/kernel")]
    [InlineData("tpu", "efficientnet_b0", "stages.1.0.project.conv.weight", "blocks_1/conv2d_1/kernel")]
    [InlineData("tpu", "efficientnet_b0", "stages.1.0.project.norm.running_var", "blocks_1/tpu_batch_normalization_2/moving_variance")]
    [InlineData("tpu", "efficientnet_b0", "stages.1.0.squeeze_excite.reduce.weight", "blocks_1/se/conv2d/kernel")]
    [InlineData("tpu", "efficientnet_b0", "stages.1.0.squeeze_excite.expand.bias", "blocks_1/se/conv2d_1/bias")]
    [InlineData("tpu", "efficientnet_b0", "stages.6.0.depthwise.conv.weight", "blocks_15/depthwise_conv2d/depthwise_kernel")]
    [InlineData("tpu", "efficientnet_b0", "classifier.weight", "head/dense/kernel")]
    [InlineData("tpu", "efficientnet_es", "stages.0.0.project.conv.weight", "blocks_0/conv2d_1/kernel")]
    [InlineData("tpu", "efficientnet_cc_b0_4e", "stages.4.0.depthwise.conv.weight",
        "blocks_8/depthwise_cond_conv2d/depthwise_condconv_kernel")]
    [InlineData("timm", "tf_efficientnet_cc_b0_4e", "stages.4.0.routing.linear.weight", "blocks.4.0.routing_fn.weight")]
    [InlineData("timm", "mobilenetv3_large_100", "stages.2.0.depthwise.conv.weight", "blocks.1.1.conv_dw.weight")]
    [InlineData("timm", "mobilenetv3_large_100", "stages.6.1.expand.conv.weight", "blocks.3.3.conv_pw.weight")]
    [InlineData("timm", "mobilenetv3_large_100", "head.conv.weight", "blocks.6.0.conv.weight")]
    [InlineData("timm", "mobilenetv3_large_100", "hidden.weight", "conv_head.weight")]
    [InlineData("timm", "mobilenetv3_small_100", "head.norm.bias", "blocks.5.0.bn1.bias")]
    [InlineData("timm", "mobilenetv1_100", "stages.1.1.pointwise.norm.weight", "blocks.1.1.bn2.weight")]
    [InlineData("timm", "mobilenetv2_110d", "stages.0.0.project.conv.weight", "blocks.0.0.conv_pw.weight")]
    [InlineData("treb1en", "mobilefacenet_100", "mixer.activation.weight", "conv2_dw.prelu.weight")]
    [InlineData("treb1en", "mobilefacenet_100", "stages.0.0.expand.conv.weight", "conv_23.conv.conv.weight")]
    [InlineData("treb1en", "mobilefacenet_100", "stages.3.5.depthwise.norm.running_mean", "conv_4.model.5.conv_dw.bn.running_mean")]
    [InlineData("treb1en", "mobilefacenet_100", "stages.4.0.project.conv.weight", "conv_45.project.conv.weight")]
    [InlineData("treb1en", "mobilefacenet_100", "head.activation.weight", "conv_6_sep.prelu.weight")]
    [InlineData("treb1en", "mobilefacenet_100", "embedding.depthwise.conv.weight", "conv_6_dw.conv.weight")]
    [InlineData("treb1en", "mobilefacenet_100", "embedding.norm.running_var", "bn.running_var")]
    [InlineData("xiaoccer", "mobilefacenet_100", "mixer.norm.weight", "dw_conv1.bn.weight")]
    [InlineData("xiaoccer", "mobilefacenet_100", "stages.0.0.expand.activation.weight", "blocks.0.conv.2.weight")]
    [InlineData("xiaoccer", "mobilefacenet_100", "stages.2.0.depthwise.conv.weight", "blocks.5.conv.3.weight")]
    [InlineData("xiaoccer", "mobilefacenet_100", "stages.5.1.project.norm.bias", "blocks.14.conv.7.bias")]
    [InlineData("xiaoccer", "mobilefacenet_100", "embedding.depthwise.norm.weight", "linear7.bn.weight")]
    [InlineData("xiaoccer", "mobilefacenet_100", "embedding.linear.weight", "linear1.conv.weight")]
    [InlineData("foamliu", "mobilefacenet_relu6", "stages.0.0.pointwise.norm.bias", "dw_conv.bn2.bias")]
    [InlineData("foamliu", "mobilefacenet_relu6", "stages.1.0.expand.norm.weight", "features.0.conv.0.1.weight")]
    [InlineData("foamliu", "mobilefacenet_relu6", "stages.6.1.project.conv.weight", "features.14.conv.2.weight")]
    [InlineData("foamliu", "mobilefacenet_relu6", "embedding.depthwise.norm.bias", "gdconv.bn.bias")]
    [InlineData("foamliu", "mobilefacenet_relu6", "embedding.linear.bias", "conv3.bias")]
    public void Names_are_those_of_the_source(string source, string name, string ours, string theirs) =>
        Assert.Equal(theirs, MapOf(source, name, NoNames).Single(parameter => parameter.Parameter.Name == ours).SourceName);

    [Fact]
    public void A_checkpoint_of_the_TPU_code_has_a_scope_and_its_averages_are_taken()
    {
        HashSet<string> names =
            ["efficientnet-b0/stem/conv2d/kernel", "efficientnet-b0/stem/conv2d/kernel/ExponentialMovingAverage",
            "efficientnet-b0/stem/conv2d/kernel/RMSProp", "global_step"];
        Assert.Equal("efficientnet-b0/stem/conv2d/kernel/ExponentialMovingAverage", MapOf("tpu", "efficientnet_b0", names)[0].SourceName);
        var raw = NameMapRegistry.Get("tpu", preferAverage: false);
        var architecture = raw.Adapt(ArchitectureRegistry.Get("efficientnet_b0"));
        Assert.Equal("efficientnet-b0/stem/conv2d/kernel", raw.Map(architecture, architecture.Build(), names)[0].SourceName);
        Assert.True(raw.Ignores("global_step", names) && raw.Ignores("efficientnet-b0/stem/conv2d/kernel/RMSProp", names));
    }

    [Fact]
    public void Files_of_Keras_3_number_layers_by_class_in_the_networks_order()
    {
        HashSet<string> names = ["layers/conv2d/vars/0", "layers/batch_normalization/vars/0"];
        var mapped = MapOf("keras", "efficientnet_b0", names)
            .ToDictionary(parameter => parameter.Parameter.Name, parameter => parameter.SourceName);
        Assert.Equal("layers/conv2d/vars/0", mapped["stem.conv.weight"]);
        Assert.Equal("layers/batch_normalization/vars/3", mapped["stem.norm.running_var"]);
        // stem 0; block 1: reduce 1, expand 2, project 3; block 2: expand 4 …
        Assert.Equal("layers/conv2d_2/vars/1", mapped["stages.0.0.squeeze_excite.expand.bias"]);
        Assert.Equal("layers/conv2d_4/vars/0", mapped["stages.1.0.expand.conv.weight"]);
        Assert.Equal("layers/depthwise_conv2d_15/vars/0", mapped["stages.6.0.depthwise.conv.weight"]);
        Assert.Equal("layers/dense/vars/1", mapped["classifier.bias"]);
    }

    [Theory]
    [InlineData("lukemelas", "efficientnet_b0", "tf_efficientnet_b0", PaddingStyle.Same, 1e-3)]
    [InlineData("keras", "efficientnet_b4", "tf_efficientnet_b4", PaddingStyle.Same, 1e-3)]
    [InlineData("tpu", "efficientnet_lite0", "tf_efficientnet_lite0", PaddingStyle.Same, 1e-3)]
    [InlineData("tpu", "efficientnet_v2_s", "tf_efficientnetv2_s", PaddingStyle.Same, 1e-3)]
    [InlineData("timm", "tf_efficientnet_b5", "tf_efficientnet_b5", PaddingStyle.Same, 1e-3)]
    [InlineData("timm", "efficientnet_b5", "efficientnet_b5", PaddingStyle.Symmetric, 1e-5)]
    [InlineData("timm", "efficientnet_v2_s", "efficientnetv2_s", PaddingStyle.Symmetric, 1e-5)]
    [InlineData("torchvision", "efficientnet_b4", "efficientnet_b4", PaddingStyle.Symmetric, 1e-5)]
    [InlineData("torchvision", "efficientnet_b5", "efficientnet_b5", PaddingStyle.Symmetric, 1e-3)]
    [InlineData("torchvision", "tf_efficientnet_b7", "efficientnet_b7", PaddingStyle.Symmetric, 1e-3)]
    [InlineData("torchvision", "efficientnetv2_m", "efficientnet_v2_m", PaddingStyle.Symmetric, 1e-3)]
    [InlineData("torchvision", "mobilenetv3_large_100", "mobilenet_v3_large", PaddingStyle.Symmetric, 1e-3)]
    [InlineData("insightface", "r50", "iresnet50", PaddingStyle.Symmetric, 1e-5)]
    public void The_source_decides_how_the_network_is_run(string source, string named, string meant, PaddingStyle padding, double epsilon)
    {
        var adapted = NameMapRegistry.Get(source).Adapt(ArchitectureRegistry.Get(named));
        Assert.Equal((meant, padding, epsilon), (adapted.Name, adapted.Padding, adapted.Normalization.Epsilon));
    }

    [Fact]
    public void Own_scaled_networks_keep_their_epsilon_where_the_source_has_no_word_on_them()
    {
        var own = ArchitectureRegistry.Get("resnet50").Scale(0.5, 1, 96) with
        {
            Name = "mine",
            Normalization = new Normalization(1e-4, 0.2),
        };
        Assert.Equal(own.Normalization, NameMapRegistry.Get("torchvision").Adapt(own).Normalization);
    }

    private static IReadOnlyList<MappedParameter> MapOf(string source, string name, IReadOnlySet<string> names)
    {
        var map = NameMapRegistry.Get(source);
        var architecture = map.Adapt(ArchitectureRegistry.Get(name));
        return map.Map(architecture, architecture.Build(), names);
    }
}
