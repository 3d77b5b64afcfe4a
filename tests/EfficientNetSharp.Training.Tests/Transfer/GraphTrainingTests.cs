using EfficientNetSharp.Architectures;
using EfficientNetSharp.Graphs;
using EfficientNetSharp.Graphs.Transforms;
using EfficientNetSharp.Models;
using EfficientNetSharp.Testing;
using EfficientNetSharp.Training.Transfer;

namespace EfficientNetSharp.Training.Tests.Transfer;

/// <summary>A network that no table describes is trained as a registered one is.</summary>
public sealed class GraphTrainingTests : IDisposable
{
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("effnet-graph-");

    public void Dispose() => _folder.Delete(recursive: true);

    [Fact]
    public void A_graph_of_its_own_is_trained_for_other_classes_and_its_model_is_saved()
    {
        var model = Foreign(["x", "y"]);
        string run = Path.Combine(_folder.FullName, "run");
        var job = SmallJobs.In(run) with
        {
            Network = NetworkDefinition.Of(model),
            StartWeights = StartModel.WeightsFor(model, SmallJobs.Splits.Train.Classes, seed: 3),
            Recipe = SmallJobs.Recipe with { Epochs = 1 },
        };
        var outcome = SmallJobs.Train(job);
        Assert.Null(outcome.Model.Architecture);
        Assert.Equal(SmallJobs.Splits.Train.Classes.Length, outcome.Model.Graph.Output.Shape.Channels);
        Assert.Contains(outcome.Model.Graph.Nodes, node => node.Operator is BatchNormalization);
        var loaded = ModelFile.Load(Path.Combine(run, "model.safetensors"));
        Assert.Equal(GraphJson.Serialize(outcome.Model.Graph), GraphJson.Serialize(loaded.Graph));
        Assert.NotEqual(model.Weights["n1.weight"].Values, loaded.Weights["n1.weight"].Values);
    }

    [Fact]
    public void A_definition_comes_back_from_JSON()
    {
        foreach (var definition in new[] { NetworkDefinition.Of(Foreign(["x"])), NetworkDefinition.Of(SmallJobs.Tiny) })
        {
            var again = NetworkDefinition.Parse(System.Text.Json.Nodes.JsonNode.Parse(definition.Serialize()));
            Assert.Equal(definition.Serialize(), again.Serialize());
            Assert.Equal(definition.Name, again.Name);
        }
    }

    [Fact]
    public void What_only_a_table_gives_is_refused()
    {
        var definition = NetworkDefinition.Of(Foreign(["x", "y"]));
        Assert.Throws<InvalidInputException>(() => definition.Build(new BuildOptions { Classes = 2, InputChannels = 1 }));
        var graph = definition.Build(new BuildOptions { Classes = 4, Dropout = 0.3 });
        Assert.Equal((4, 0.3), (graph.Output.Shape.Channels, Assert.IsType<Dropout>(graph.Nodes[graph.Output.Inputs[0]].Operator).Rate));
        Assert.DoesNotContain(definition.Build(new BuildOptions { Classes = 4, Dropout = 0 }).Nodes, node => node.Operator is Dropout);
    }

    // The tiny network without names, roles and table, as it would come out of an ONNX file.
    private static Model Foreign(string[] classes)
    {
        var graph = SmallJobs.Tiny.Build(
            new BuildOptions { Height = 24, Width = 24, Classes = classes.Length, Dropout = 0, StochasticDepth = 0 });
        var builder = new GraphBuilder(graph.Input.Shape);
        var nodes = new Node[graph.Nodes.Length];
        nodes[0] = builder.Last;
        foreach (var node in graph.Nodes.Skip(1))
            nodes[node.Index] = builder.Append($"n{node.Index}", node.Operator, [.. node.Inputs.Select(input => nodes[input])]);
        var foreign = builder.Build().WithClassifierRole();
        var card = new ModelCard { Classes = [.. classes], Preprocessing = Preprocessing.ForSize(24, 1) };
        return new Model(foreign, card, SyntheticWeights.For(foreign, gain: 2));
    }
}
