using System.Collections.Immutable;
using EfficientNetSharp.Architectures;
using EfficientNetSharp.Graphs;
using EfficientNetSharp.Models;
using EfficientNetSharp.Running;
using EfficientNetSharp.Testing;

namespace EfficientNetSharp.Prediction.Tests;

public sealed class ModelOpenerTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("opener").FullName;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public void A_backend_that_is_unknown_is_refused_with_the_list()
    {
        var opener = new ModelOpener([new ReferenceBackend("slow"), new ReferenceBackend("slower")], [new ModelFileReader()]);
        var error = Assert.Throws<InvalidInputException>(() => opener.Open(Save(Small()), new OpenOptions { Backend = "abacus" }));
        Assert.Contains("'abacus'", error.Message, StringComparison.Ordinal);
        Assert.Contains("slow, slower", error.Message, StringComparison.Ordinal);
        Assert.Throws<InvalidInputException>(() => opener.Backend("Slow"));
    }

    [Fact]
    public void The_first_backend_runs_what_no_other_is_named_for()
    {
        var opener = new ModelOpener([new ReferenceBackend("first"), new ReferenceBackend("second")], [new ModelFileReader()]);
        string path = Save(Small());
        using var first = opener.Open(path);
        using var second = opener.Open(path, new OpenOptions { Backend = "second", Runner = new RunnerOptions { Threads = 3 } });
        Assert.Equal(("first", 0), Made(first));
        Assert.Equal(("second", 3), Made(second));
        Assert.Equal(["output"], first.OutputNames);
        Assert.Equal("planted", first.Source!.Architecture!.Name);
    }

    [Fact]
    public void A_file_whose_operators_a_reader_lacks_is_run_whole_unless_another_backend_was_named()
    {
        var whole = new WholeFileBackend();
        var opener = new ModelOpener([new ReferenceBackend("first"), whole], [new RefusingReader("Erf")]);
        string path = Write("a.odd");
        var told = new List<string>();
        using (var open = opener.Open(path, new OpenOptions { OnFallback = told.Add }))
        {
            Assert.Same(whole.Runner, open.Runner);
            Assert.Null(open.Source);
            Assert.Equal(["first has no Erf; whole runs the file."], told);
        }

        using (var named = opener.Open(path, new OpenOptions { Backend = "whole" })) Assert.Same(whole.Runner, named.Runner);
        var error = Assert.Throws<InvalidInputException>(() => opener.Open(path, new OpenOptions { Backend = "first" }));
        Assert.Equal("refused", error.Message);
        // What it yields was chosen when it was written.
        Assert.Throws<InvalidInputException>(() => opener.Open(path, new OpenOptions { Features = FeatureSelection.Maps(8) }));
        Assert.Throws<InvalidInputException>(() => opener.Open(path, new OpenOptions { Features = FeatureSelection.Pooled }));
        Assert.True(whole.Runner.IsDisposed);
    }

    [Fact]
    public void A_damaged_file_is_refused_whoever_could_be_asked()
    {
        var opener = new ModelOpener([new ReferenceBackend("first"), new WholeFileBackend()], [new RefusingReader(null)]);
        Assert.Equal("refused", Assert.Throws<InvalidInputException>(() => opener.Open(Write("a.odd"))).Message);
    }

    [Fact]
    public void A_named_backend_that_runs_files_itself_is_not_given_the_graph()
    {
        var whole = new WholeFileBackend();
        var opener = new ModelOpener([new ReferenceBackend("first"), whole], [new ModelFileReader()]);
        using var open = opener.Open(Save(Small(), "m.odd"), new OpenOptions { Backend = "whole", Size = new InputSize(40, 60) });
        Assert.Same(whole.Runner, open.Runner);
        Assert.Equal(new InputSize(40, 60), whole.Read!.Size);
        Assert.False(whole.Read.NeedsCard);
    }

    [Fact]
    public void What_nobody_reads_is_refused_with_what_is_read()
    {
        var opener = new ModelOpener([new ReferenceBackend("first")], [new ModelFileReader()]);
        Assert.Contains("model file (.safetensors)", Assert.Throws<InvalidInputException>(() => opener.Read(Write("notes.txt"))).Message,
            StringComparison.Ordinal);
        Assert.Contains("no file 'nowhere", Assert.Throws<InvalidInputException>(() => opener.Read("nowhere.safetensors")).Message,
            StringComparison.Ordinal);
        Assert.Contains("folder", Assert.Throws<InvalidInputException>(() => opener.Read(_folder)).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_host_without_backends_or_with_two_of_a_name_is_a_mistake()
    {
        Assert.Throws<ArgumentException>(() => new ModelOpener([], [new ModelFileReader()]));
        Assert.Throws<ArgumentException>(
            () => new ModelOpener([new ReferenceBackend("a"), new ReferenceBackend("a")], [new ModelFileReader()]));
        Assert.Throws<ArgumentException>(() => new ModelOpener([new ReferenceBackend("a")], []));
    }

    // The TPU code's crop is a margin of 32 pixels at any size; a share of 128/160 would give 240.
    [Fact]
    public void Images_of_another_size_are_prepared_by_the_models_own_rule()
    {
        var opener = new ModelOpener([new ReferenceBackend("first")], [new ModelFileReader()]);
        var crop = new Preprocessing { Height = 128, Width = 128, ResizeTo = 160, Crop = CropRule.CenterCropThenResize };
        string path = Save(Small(crop));
        var options = new OpenOptions
        {
            Size = new InputSize(192, 192),
            AdjustPreprocessing = sized => sized with { Interpolation = Interpolation.Bilinear },
        };
        using var network = opener.OpenForImages(path, options);
        var expected = crop with { Height = 192, Width = 192, ResizeTo = 224, Interpolation = Interpolation.Bilinear };
        Assert.Equal(expected.ToString(), network.Card.Preprocessing.ToString());
        Assert.Equal(TensorShape.Map(3, 192, 192), network.Runner.InputShape);
        var model = opener.ReadForImages(path, options);
        Assert.Equal(expected.ToString(), model.Card.Preprocessing.ToString());
        Assert.Equal(network.Runner.InputShape, model.Graph.Input.Shape);
        Assert.Throws<ArgumentException>(() => opener.OpenForImages(path, options with { AdjustPreprocessing = sized => sized.At(64) }));
    }

    [Fact]
    public void Maps_and_pooled_rows_are_taken_of_known_networks()
    {
        var opener = new ModelOpener([new ReferenceBackend("first")], [new ModelFileReader()]);
        string path = Save(Small());
        using var maps = opener.Open(path, new OpenOptions { Features = FeatureSelection.Maps(8, 2) });
        Assert.Equal([8, 32], maps.Runner.OutputShapes.Select(shape => shape.Height));
        Assert.Equal(["stride_8", "stride_2"], maps.OutputNames);
        using var pooled = opener.Open(path, new OpenOptions { Features = FeatureSelection.Pooled });
        Assert.Equal(TensorShape.Vector(16), pooled.Runner.OutputShape);
        Assert.Equal(["features"], pooled.OutputNames);

        // The same network without its parts' names: what is before the classifier cannot be told.
        var model = ModelFile.Load(path);
        string foreign = Save(model with { Graph = WithoutPlaces(model.Graph), Architecture = null }, "foreign.safetensors");
        Assert.Contains("layers are known",
            Assert.Throws<InvalidInputException>(
            () => opener.Open(foreign, new OpenOptions { Features = FeatureSelection.Pooled })).Message, StringComparison.Ordinal);
        Assert.Throws<InvalidInputException>(() => opener.Open(foreign, new OpenOptions { Features = FeatureSelection.Maps(8) }));
    }

    [Fact]
    public void Only_classifiers_are_opened_to_classify()
    {
        var opener = new ModelOpener([new ReferenceBackend("first")], [new ModelFileReader()]);
        using (var classifier = ImageClassifier.Open(opener, Save(Small()))) Assert.Equal(["a", "b", "c"], classifier.Classes);
        string features = Save(Small(classes: []), "features.safetensors");
        Assert.Contains("names no classes", Assert.Throws<InvalidInputException>(() => ImageClassifier.Open(opener, features)).Message,
            StringComparison.Ordinal);
        using var embedder = ImageEmbedder.Open(opener, features);
        Assert.Equal(16, embedder.Length);
    }

    private static (string Name, int Threads) Made(OpenedRunner open) => (open.Runner.Backend, ((NamedRunner)open.Runner).Threads);

    private static Model Small(Preprocessing? preprocessing = null, string[]? classes = null)
    {
        var architecture = ArchitectureRegistry.Get("efficientnet_b0") with
        {
            Name = "planted",
            Stem = new Stem(8),
            Stages =
            [
                .. new[] { 1, 2, 2 }.Select(stride => new Stage(
                    BlockKind.MBConv, Kernel: 3, Stride: stride, Expansion: 1, Channels: 8, Repeats: 1, SqueezeExcite: 0.25)),
            ],
            HeadChannels = 16,
        };
        var card = new ModelCard { Classes = [.. classes ?? ["a", "b", "c"]], Preprocessing = preprocessing ?? Preprocessing.ForSize(64) };
        var model = Model.Of(architecture, card, new WeightSet([]));
        return model with { Weights = WeightInitializer.Initialize(model.Graph, 1) };
    }

    private static Graph WithoutPlaces(Graph graph)
    {
        var builder = new GraphBuilder(graph.Input.Shape, graph.Input.Name);
        var nodes = new List<Node> { builder.Last };
        foreach (var node in graph.Nodes.Skip(1)) nodes.Add(
            builder.Append(node.Name, node.Operator, [.. node.Inputs.Select(index => nodes[index])]));
        return builder.Build();
    }

    private string Save(Model model, string name = "model.safetensors")
    {
        string path = Path.Combine(_folder, name);
        ModelFile.Save(model, path);
        return path;
    }

    private string Write(string name)
    {
        string path = Path.Combine(_folder, name);
        File.WriteAllText(path, "something else");
        return path;
    }

    private sealed class RefusingReader(string? missing) : IModelReader
    {
        public string Reading => "odd files";

        public bool Reads(string path) => path.EndsWith(".odd", StringComparison.Ordinal);

        public OpenedModel Read(string path, ModelReadOptions options) => throw new InvalidInputException("refused")
        {
            UnsupportedOperator = missing,
        };
    }

    private sealed class WholeFileBackend : IFileBackend
    {
        public string Name => "whole";

        public NamedRunner Runner { get; private set; } = null!;

        public ModelReadOptions? Read { get; private set; }

        public bool Opens(string path) => path.EndsWith(".odd", StringComparison.Ordinal);

        public IModelRunner Create(Graph graph, WeightSet weights, RunnerOptions options) =>
            throw new InvalidOperationException("not asked for");

        public OpenedRunner Open(string path, ModelReadOptions read, RunnerOptions options)
        {
            var graph = Small().Graph;
            (Read, Runner) = (read, new NamedRunner(Name, graph, WeightInitializer.Initialize(graph, 1), options));
            return new OpenedRunner(Runner, Card: null, ["whole"]);
        }
    }
}

/// <summary>The slow reference as a backend.</summary>
internal sealed class ReferenceBackend(string name) : IBackend
{
    public string Name => name;

    public IModelRunner Create(Graph graph, WeightSet weights, RunnerOptions options) => new NamedRunner(name, graph, weights, options);
}

internal sealed class NamedRunner(string name, Graph graph, WeightSet weights, RunnerOptions options) : IModelRunner
{
    private readonly ReferenceRunner _reference = new(graph, weights);

    public string Backend => name;

    public int Threads => options.Threads;

    public bool IsDisposed { get; private set; }

    public TensorShape InputShape => _reference.InputShape;

    public TensorShape OutputShape => _reference.OutputShape;

    public ImmutableArray<TensorShape> OutputShapes => _reference.OutputShapes;

    public void Run(ReadOnlySpan<float> input, int batch, Span<float> output) => _reference.Run(input, batch, output);

    public void RunAll(ReadOnlySpan<float> input, int batch, params ReadOnlySpan<Memory<float>> outputs) =>
        _reference.RunAll(input, batch, outputs);

    public void Dispose() => IsDisposed = true;
}
