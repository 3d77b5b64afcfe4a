using System.Collections.Immutable;
using EfficientNetSharp.Architectures;
using EfficientNetSharp.Arrays;
using EfficientNetSharp.Graphs;
using EfficientNetSharp.Graphs.Quantization;
using EfficientNetSharp.Graphs.Transforms;
using EfficientNetSharp.Models;
using EfficientNetSharp.Tests.Files;
using EfficientNetSharp.Tests.Models;

namespace EfficientNetSharp.Tests.Graphs.Quantization;

public sealed class QuantizationPlanTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void A_quantized_model_comes_back_from_its_file_integer_by_integer()
    {
        var model = Quantized(perChannel: true);
        ModelFile.Save(model, _folder["q.safetensors"]);
        var back = ModelFile.Load(_folder["q.safetensors"]);
        Assert.Equal(QuantizationJson.Serialize(model.Graph.Quantization!), QuantizationJson.Serialize(back.Graph.Quantization!));
        foreach (var (name, tensor) in model.Weights)
        {
            Assert.Equal(tensor.Values, back.Weights[name].Values);
            Assert.Equal(tensor.Storage, back.Weights[name].Storage);
            Assert.Equal(tensor.Integers?.Bytes.ToArray(), back.Weights[name].Integers?.Bytes.ToArray());
        }

        ModelFile.Save(back, _folder["again.safetensors"]);
        Assert.Equal(File.ReadAllBytes(_folder["q.safetensors"]), File.ReadAllBytes(_folder["again.safetensors"]));
    }

    [Fact]
    public void A_plan_stays_with_its_graph_where_that_is_changed()
    {
        var graph = Quantized(perChannel: false).Graph;
        Assert.Equal(graph.Quantization!.Values.Keys, graph.AtSize(65, 97).Quantization!.Values.Keys);
        var pooled = graph.Pooled();
        Assert.True(pooled.Quantization!.Values.Count < graph.Quantization.Values.Count);
        Assert.All(pooled.Quantization.Values.Keys, name => Assert.Contains(pooled.Nodes, node => node.Name == name));
        Assert.Contains("quantized", Assert.Throws<InvalidInputException>(() => graph.WithClasses(7)).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void What_does_not_fit_is_refused_by_name()
    {
        var model = Quantized(perChannel: true);
        var (graph, plan) = (model.Graph, model.Graph.Quantization!);
        string conv = plan.Values.Keys.First(name => name.EndsWith("conv", StringComparison.Ordinal));
        Refused(plan with { Values = plan.Values.Add("nowhere", new(ElementType.U8, 1)) }, "nowhere", "no such node");
        Refused(plan with { Values = plan.Values.SetItem(conv, new(ElementType.F32, 1)) }, conv, "uint8, int8, uint16 or int16");
        Refused(plan with { Values = plan.Values.SetItem(conv, new(ElementType.U8, float.NaN)) }, conv, "scale is NaN");
        Refused(plan with { Values = plan.Values.SetItem(conv, new(ElementType.U8, 1, 256)) }, conv, "zero point 256");
        Refused(plan with { Values = plan.Values.SetItem(conv, new(ElementType.U8, 1) { Sigmoid = new(ElementType.U8, 1) }) }, conv, "SiLU");
        Refused(plan with { Arithmetic = IntegerArithmetic.Rknn }, "weight", "one scale per tensor");
        var kernel = plan.Kernels.First();
        Refused(plan with { Kernels = plan.Kernels.SetItem(kernel.Key, kernel.Value with { Scales = [1, 2] }) }, kernel.Key, "found 2");

        void Refused(QuantizationPlan wrong, string where, string what)
        {
            string message = Assert.Throws<InvalidInputException>(() => wrong.Check(graph)).Message;
            Assert.Contains(where, message, StringComparison.Ordinal);
            Assert.Contains(what, message, StringComparison.Ordinal);
        }
    }

    [Fact]
    public void Integers_where_floats_are_expected_are_refused_and_the_other_way_round()
    {
        var model = Quantized(perChannel: true);
        var floats = new WeightSet(model.Weights.Select(pair => KeyValuePair.Create(pair.Key, pair.Value.StoredAs(ElementType.F32))));
        Assert.Contains("holds floats, expected int8", Assert.Throws<InvalidInputException>(() => floats.EnsureFit(model.Graph)).Message,
            StringComparison.Ordinal);
        Assert.Contains("expected floats",
            Assert.Throws<InvalidInputException>(() => model.Weights.EnsureFit(model.Graph.WithQuantization(null))).Message,
            StringComparison.Ordinal);
    }

    // Scales do not matter here; every value and kernel has some.
    private static Model Quantized(bool perChannel)
    {
        var model = SmallModels.Make(ArchitectureRegistry.Get("efficientnet_b0").Scale(0.1, 0.1, 33), seed: 3);
        var (graph, weights) = InferenceTransform.Apply(model.Graph, model.Weights);
        var values = graph.Nodes.ToImmutableSortedDictionary(
            node => node.Name, node => new ValueQuantization(ElementType.U8, 0.01f + (node.Index * 0.001f), node.Index), StringComparer.Ordinal);
        var kernels = graph.Parameters.Where(parameter => parameter.IsKernel).ToImmutableSortedDictionary(
            parameter => parameter.Name,
            parameter => new ParameterQuantization(ElementType.I8,
                [.. Enumerable.Range(1, perChannel ? parameter.Shape[0] : 1).Select(i => i * 0.003f)]),
            StringComparer.Ordinal);
        var plan = new QuantizationPlan { Arithmetic = IntegerArithmetic.Onnx, Values = values, Kernels = kernels };
        graph = graph.WithQuantization(plan);
        var tensors = graph.Nodes.SelectMany(node => node.Parameters.Select(parameter => KeyValuePair.Create(parameter.Name, Tensor(node, parameter))));
        return new Model(graph, model.Card, new WeightSet(tensors), model.Architecture);

        WeightTensor Tensor(Node node, Parameter parameter)
        {
            float input = values[graph.Nodes[node.Inputs[0]].Name].Scale;
            var own = plan.OfKernel(node)!;
            float[] numbers = weights[parameter].Values;
            int perScale = numbers.Length / own.Scales.Length;
            var integers = numbers.Select((number, i) => parameter.IsKernel
                ? Math.Clamp((long)MathF.Round(number / own.Scales[i / perScale]), -127, 127)
                : (long)MathF.Round(number / (input * own.Scales[i / perScale]))).ToArray();
            return WeightTensor.OfIntegers(parameter.Shape, IntegerValues.Of(parameter.IsKernel ? ElementType.I8 : ElementType.I32, integers),
                parameter.IsKernel ? own.Scales.AsSpan() : own.Scales.Select(scale => input * scale).ToArray());
        }
    }
}
