using EfficientNetSharp.Arrays;
using EfficientNetSharp.Models;
using EfficientNetSharp.Testing;
using EfficientNetSharp.Tests.Files;
using EfficientNetSharp.Weights.Importing;
using EfficientNetSharp.Weights.NameMaps;
using EfficientNetSharp.Weights.Tests.Formats;

namespace EfficientNetSharp.Weights.Tests.Importing;

/// <summary>
/// Checkpoints as trainers write them, generated: a network's weights behind any prefix, in any container, beside any objects, with any head
/// and in any precision. They come out bit for bit, or are refused by what is left over and the words that take them.
/// </summary>
public sealed class TrainerCheckpointTests : IDisposable
{
    private static readonly (string Source, string Name)[] Networks =
    [
        ("torchvision", "efficientnet_b0"), ("torchvision", "efficientnet_v2_s"), ("torchvision", "mobilenet_v3_small"),
        ("torchvision", "resnet18"), ("timm", "efficientnet_b0"), ("timm", "tf_efficientnetv2_b0"), ("lukemelas", "efficientnet_b0"),
        ("transformers", "efficientnet_b0"),
    ];

    private static readonly string[] Prefixes =
    [
        "", "model.", "module.", "backbone.", "net.encoder.", "_orig_mod.", "_orig_mod.module.", "student.", "timm_model.", "timm.",
        "model.backbone.body.", "_forward_module.model.", "0.", "1.module.0.", "efficientnet.", "my-net.", "features_extractor.",
    ];

    private static readonly string[] Heads =
    [
        "own", "classifier", "fc", "head", "_fc", "classifier.1", "classifier.3", "classifier.4", "head.fc", "heads.0", "linear", "logits",
    ];

    private static readonly string[] OtherHeads = ["two layers", "normalised", "without bias", "embedding"];

    private readonly TemporaryFolder _folder = new();

    public static TheoryData<int> Seeds => [.. Enumerable.Range(0, 120)];

    public void Dispose() => _folder.Dispose();

    [Theory]
    [MemberData(nameof(Seeds))]
    public void A_checkpoint_of_any_kind_gives_the_same_model(int seed)
    {
        var random = new Random(seed);
        var (source, name) = Pick(random, Networks);
        var network = ForeignNetwork.Make(source, name);
        string prefix = Pick(random, Prefixes), head = Pick(random, Heads);
        var precision = Pick(random, [ElementType.F32, ElementType.F16, ElementType.BF16, ElementType.F64]);
        // Heads are the network's own module, or lie beside it.
        string module = head == "own" ? prefix + network.Classifier : random.Next(2) == 0 ? prefix + head : head;
        var tensors = network.Body.Select(tensor => (prefix + tensor.Name, tensor.Tensor))
            .Concat(ForeignNetwork.Layer(module, network.Kernel, network.Bias)).ToList();
        string path = _folder[$"{seed}.pth"];
        Checkpoint.Write(path, Contain(random, tensors, precision));
        var imported = WeightImporter.Import(path, network.Architecture);
        Assert.Equal(source, imported.Source.Name);
        Assert.Equal(ForeignNetwork.Classes, imported.Model.Card.Classes.Length);
        AssertHolds(network, imported.Model, precision, withHead: true);
        Assert.All(imported.Remarks, remark => Assert.DoesNotContain('\n', remark));
    }

    [Theory]
    [MemberData(nameof(Seeds))]
    public void Another_head_is_refused_with_the_words_that_leave_it_out(int seed)
    {
        var random = new Random(seed);
        var (source, name) = Pick(random, Networks);
        var network = ForeignNetwork.Make(source, name);
        string prefix = Pick(random, Prefixes), kind = Pick(random, OtherHeads), module = random.Next(2) == 0 ? $"{prefix}head" : "top";
        var head = Head(kind, module, network.Features).ToList();
        string path = _folder[$"{seed}.pth"];
        Checkpoint.Write(path, Contain(random, [.. network.Body.Select(tensor => (prefix + tensor.Name, tensor.Tensor)), .. head],
            ElementType.F32));
        string message = HostileInput.AssertRefused(() => WeightImporter.Import(path, network.Architecture), "--classes 0").Message;
        Assert.Contains("--reset-head", message, StringComparison.Ordinal);
        Assert.Contains($"{module}.", message, StringComparison.Ordinal);
        Assert.Contains($"{head.Count} tensor", message, StringComparison.Ordinal);

        foreach (var options in new ImportOptions[]
            { new() { Classes = 0 }, new() { Classes = 5, ResetHead = true }, new() { LeaveOutOtherHeads = true } })
        {
            var imported = WeightImporter.Import(path, network.Architecture, options);
            AssertHolds(network, imported.Model, ElementType.F32, withHead: false);
            Assert.Equal(options.Classes ?? 0, imported.Model.Card.Classes.Length);
            Assert.Contains(imported.Remarks, remark => remark.StartsWith("Left out", StringComparison.Ordinal)
                && remark.Contains(module, StringComparison.Ordinal));
        }
    }

    [Theory]
    [InlineData("efficientnet_b1")]
    [InlineData("efficientnet_b2")]
    public void A_larger_network_is_no_smaller_one_with_something_left_over(string larger)
    {
        var map = NameMapRegistry.Get("torchvision");
        var architecture = EfficientNetSharp.Architectures.ArchitectureRegistry.Get(larger);
        var tensors = map.Map(architecture, architecture.Build(), new HashSet<string>())
            .Select(parameter => ($"model.{parameter.SourceName}", new WeightTensor(parameter.SourceShape, new float[parameter.Parameter.Count])));
        Checkpoint.Write(_folder["large.pth"], Checkpoint.Dict(tensors));
        var smaller = EfficientNetSharp.Architectures.ArchitectureRegistry.Get("efficientnet_b0");
        foreach (var options in new ImportOptions[] { new(), new() { Classes = 0 }, new() { LeaveOutOtherHeads = true } })
            HostileInput.AssertRefused(() => WeightImporter.Import(_folder["large.pth"], smaller, options), larger);
    }

    [Theory]
    [InlineData("torchvision", "resnet18", "resnet18")]
    [InlineData("torchvision", "mobilenet_v3_small", "mobilenet_v3_small")]
    [InlineData("lukemelas", "efficientnet_b0", "tf_efficientnet_b0")]
    [InlineData("timm", "tf_efficientnet_lite0", null)]
    [InlineData("timm", "efficientnet_b0", null)]
    public void The_network_is_told_from_the_tensors_where_they_are_of_one_alone(string source, string name, string? told)
    {
        var map = NameMapRegistry.Get(source);
        var architecture = map.Adapt(EfficientNetSharp.Architectures.ArchitectureRegistry.Get(name));
        var tensors = map.Map(architecture, architecture.Build(), new HashSet<string>())
            .Select(parameter => ($"model.{parameter.SourceName}", new WeightTensor(parameter.SourceShape, new float[parameter.Parameter.Count])));
        Checkpoint.Write(_folder["net.ckpt"], Checkpoint.Dict(("state_dict", Checkpoint.Dict(tensors))));
        if (told is not null)
        {
            Assert.Equal(told, WeightImporter.Import(_folder["net.ckpt"], null).Model.Architecture!.Name);
            return;
        }

        // timm's twins differ in padding and epsilon, which no tensor says.
        string message = HostileInput.AssertRefused(() => WeightImporter.Import(_folder["net.ckpt"], null), "SAME padding, epsilon 0.001").Message;
        Assert.Contains("symmetric padding, epsilon 0.00001", message, StringComparison.Ordinal);
        Assert.Contains(name, message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(1e-5, "efficientnet_b0", "tf_efficientnet_b0")]
    [InlineData(1e-3, "tf_efficientnet_b0", "efficientnet_b0")]
    public void A_whole_model_s_epsilon_tells_twins_apart(double epsilon, string name, string twin)
    {
        var map = NameMapRegistry.Get("timm");
        var architecture = EfficientNetSharp.Architectures.ArchitectureRegistry.Get(name);
        var tensors = map.Map(architecture, architecture.Build(), new HashSet<string>())
            .Select(parameter => (parameter.SourceName, new WeightTensor(parameter.SourceShape, new float[parameter.Parameter.Count])));
        Checkpoint.Write(_folder["whole.pt"], Checkpoint.Module(tensors, epsilon));
        Assert.Equal(name, WeightImporter.Import(_folder["whole.pt"], null).Model.Architecture!.Name);
        HostileInput.AssertRefused(() => WeightImporter.Import(
            _folder["whole.pt"], EfficientNetSharp.Architectures.ArchitectureRegistry.Get(twin)), "epsilon");
    }

    [Theory]
    [InlineData("state_dict", "state_dict_ema", "", "")]
    [InlineData("model", "model_ema", "", "module.")]
    [InlineData("net", "ema", "", "")]
    [InlineData("weights", "swa_model", "module.", "module.")]
    [InlineData("params", "params_averaged", "", "")]
    public void Of_weights_and_their_average_one_is_taken_and_said(string plain, string average, string plainPrefix, string averagePrefix)
    {
        var (one, other) = (ForeignNetwork.Make("timm", "efficientnet_b0", 1), ForeignNetwork.Make("timm", "efficientnet_b0", 2));
        string path = _folder["both.pth"];
        Checkpoint.Write(path, Checkpoint.Dict(
            (plain, Checkpoint.Dict(one.Whole.Select(tensor => (plainPrefix + tensor.Name, tensor.Tensor)))),
            (average, Checkpoint.Dict(other.Whole.Select(tensor => (averagePrefix + tensor.Name, tensor.Tensor)))),
            ("epoch", 3)));
        var taken = WeightImporter.Import(path, one.Architecture);
        AssertHolds(other, taken.Model, ElementType.F32, withHead: true);
        Assert.Contains(taken.Remarks, remark => remark.Contains(average, StringComparison.Ordinal)
            && remark.Contains("--raw", StringComparison.Ordinal));
        var raw = WeightImporter.Import(path, one.Architecture, new ImportOptions { PreferAverage = false });
        AssertHolds(one, raw.Model, ElementType.F32, withHead: true);
    }

    [Fact]
    public void Student_and_teacher_are_for_people_to_choose_from()
    {
        var (one, other) = (ForeignNetwork.Make("torchvision", "efficientnet_b0", 1), ForeignNetwork.Make("torchvision", "efficientnet_b0", 2));
        string path = _folder["two.ckpt"];
        Checkpoint.Write(path, Checkpoint.Dict(("state_dict", Checkpoint.Dict(
            [.. one.Whole.Select(tensor => ($"student.{tensor.Name}", tensor.Tensor)),
             .. other.Whole.Select(tensor => ($"teacher.{tensor.Name}", tensor.Tensor))]))));
        string message = HostileInput.AssertRefused(() => WeightImporter.Import(path, one.Architecture), "--prefix").Message;
        Assert.Contains("student.", message, StringComparison.Ordinal);
        Assert.Contains("teacher.", message, StringComparison.Ordinal);
        foreach (string prefix in new[] { "student", "student.", "state_dict.student" })
        {
            var options = new ImportOptions { Prefix = prefix };
            AssertHolds(one, WeightImporter.Import(path, one.Architecture, options).Model, ElementType.F32, withHead: true);
        }

        AssertHolds(other, WeightImporter.Import(path, one.Architecture, new ImportOptions { Prefix = "teacher" }).Model,
            ElementType.F32, withHead: true);
        HostileInput.AssertRefused(
            () => WeightImporter.Import(path, one.Architecture, new ImportOptions { Prefix = "pupil" }), "student.");
    }

    [Fact]
    public void Copies_of_one_network_are_one()
    {
        var network = ForeignNetwork.Make("torchvision", "efficientnet_b0");
        Checkpoint.Write(_folder["copies.pth"], Checkpoint.Dict(
            ("model", Checkpoint.Dict(network.Whole)), ("best_model", Checkpoint.Dict(network.Whole))));
        AssertHolds(network, WeightImporter.Import(_folder["copies.pth"], network.Architecture).Model, ElementType.F32, withHead: true);
    }

    [Theory]
    // nn.Sequential(*children) with and without a function between, torchvision's features alone, and all of these within something.
    [InlineData("timm", "efficientnet_b0", "conv_stem=0 bn1=1 blocks=2 conv_head=3 bn2=4", "")]
    [InlineData("timm", "efficientnet_b0", "conv_stem=0 bn1=1 blocks=3 conv_head=4 bn2=5", "backbone.")]
    [InlineData("torchvision", "resnet18", "conv1=0 bn1=1 layer1=4 layer2=5 layer3=6 layer4=7", "0.")]
    [InlineData("torchvision", "efficientnet_b0", "features=0", "net.")]
    [InlineData("torchvision", "efficientnet_b0", "features=", "encoder.")]
    [InlineData("transformers", "efficientnet_b0", "efficientnet=", "")]
    public void Networks_taken_apart_are_put_together(string source, string name, string renamed, string prefix)
    {
        var network = ForeignNetwork.Make(source, name);
        var names = renamed.Split(' ').Select(pair => pair.Split('=')).ToDictionary(pair => pair[0], pair => pair[1]);
        string Rename(string own)
        {
            string top = own[..own.IndexOf('.', StringComparison.Ordinal)], rest = own[(top.Length + 1)..];
            return names[top].Length == 0 ? prefix + rest : $"{prefix}{names[top]}.{rest}";
        }

        Checkpoint.Write(_folder["apart.pth"], Checkpoint.Dict(
            [.. network.Body.Select(tensor => (Rename(tensor.Name), tensor.Tensor)),
             .. ForeignNetwork.Layer("fc", network.Kernel, network.Bias)]));
        AssertHolds(network, WeightImporter.Import(_folder["apart.pth"], network.Architecture).Model, ElementType.F32, withHead: true);
    }

    [Fact]
    public void Parts_that_were_saved_apart_are_one_network()
    {
        var network = ForeignNetwork.Make("timm", "efficientnet_b0");
        Checkpoint.Write(_folder["parts.pth"], Checkpoint.Dict(
            ("backbone", Checkpoint.Dict(network.Body)),
            ("head", Checkpoint.Dict([("weight", network.Kernel), ("bias", network.Bias)])),
            ("optimizer", Optimizer(network.Kernel))));
        AssertHolds(network, WeightImporter.Import(_folder["parts.pth"], network.Architecture).Model, ElementType.F32, withHead: true);
    }

    [Theory]
    [InlineData("os", "system")]
    [InlineData("subprocess", "Popen")]
    [InlineData("builtins", "eval")]
    [InlineData("posix", "system")]
    public void A_file_that_would_run_commands_is_refused_though_its_weights_fit(string module, string name)
    {
        var network = ForeignNetwork.Make("timm", "efficientnet_b0");
        Checkpoint.Write(_folder["attack.pth"], Checkpoint.Dict(
            ("state_dict", Checkpoint.Dict(network.Whole)), ("args", new PyObject(module, name, ["id"]))));
        HostileInput.AssertRefused(() => WeightImporter.Import(_folder["attack.pth"], network.Architecture), $"{module}.{name}");
    }

    private static void AssertHolds(ForeignNetwork network, Model model, ElementType precision, bool withHead)
    {
        foreach (var (name, tensor) in network.Expected)
        {
            if (!withHead && name.StartsWith("classifier.", StringComparison.Ordinal)) continue;
            Assert.Equal(Checkpoint.Rounded(tensor.Values, precision), model.Weights[name].Values);
        }
    }

    private static IEnumerable<(string Name, WeightTensor Tensor)> Head(string kind, string module, int features)
    {
        WeightTensor Tensor(params int[] shape) => SyntheticWeights.Tensor(module, [.. shape], 3, 4);
        return kind switch
        {
            "two layers" => [.. ForeignNetwork.Layer($"{module}.0", Tensor(64, features), Tensor(64)),
                .. ForeignNetwork.Layer($"{module}.3", Tensor(5, 64), Tensor(5))],
            "normalised" => [.. ForeignNetwork.Layer($"{module}.0", Tensor(features), Tensor(features)),
                ($"{module}.0.running_mean", Tensor(features)), ($"{module}.0.running_var", Tensor(features)),
                .. ForeignNetwork.Layer($"{module}.1", Tensor(5, features), Tensor(5))],
            "without bias" => [($"{module}.weight", Tensor(5, features))],
            _ => [.. ForeignNetwork.Layer($"{module}.neck", Tensor(128, features), Tensor(128)), ($"{module}.arc", Tensor(900, 128))],
        };
    }

    // A container of the tensors, with what trainers put beside them.
    private static object Contain(Random random, List<(string Name, WeightTensor Tensor)> tensors, ElementType precision)
    {
        object state = Checkpoint.Dict(tensors, precision);
        var beside = new List<KeyValuePair<object, object?>>();
        foreach (var (key, bystander) in Bystanders(tensors[0].Tensor))
            if (random.Next(3) == 0) beside.Add(KeyValuePair.Create((object)key, (object?)bystander));
        string container = Pick(random, ["", "state_dict", "model", "weights", "net", "model_state", "params", "ema_state_dict",
            "state_dict_ema", "tuple", "list", "nested", "object", "defaultdict", "module", "script", "by module"]);
        if (precision != ElementType.F32 && container is "module" or "script" or "by module") container = "state_dict";
        List<KeyValuePair<object, object?>> Beside(string key, object value) => [KeyValuePair.Create((object)key, (object?)value), .. beside];
        return container switch
        {
            "" => beside.Count == 0 ? state : Beside("state_dict", state),
            "tuple" => new PyTuple(state, beside, 12),
            "list" => new List<object?> { 12, state, beside },
            "nested" => Beside("checkpoint", Checkpoint.Dict(("student_net", state), ("step", 4))),
            "object" => new PyObject("trainer.checkpoint", "Checkpoint", [], Beside("weights", state), "NEWOBJ"),
            "defaultdict" => Beside("state", new PyObject("collections", "defaultdict", [new PyName("builtins", "dict")])
            {
                Entries = Checkpoint.Dict(tensors, precision),
            }),
            "module" => Beside("model", Checkpoint.Module(tensors)),
            "script" => Script(tensors),
            "by module" => Beside("params", Nested(tensors)),
            _ => Beside(container, state),
        };
    }

    // What torch.jit.save makes: attributes are parameters and modules at once.
    private static PyObject Script(IEnumerable<(string Name, WeightTensor Tensor)> tensors) =>
        new("__torch__.networks", "Net", [], Way: "NEWOBJ", State: tensors.GroupBy(Top).Select(group => KeyValuePair.Create((object)group.Key,
            group.Any(tensor => tensor.Name == group.Key) ? (object?)new PyTensor(group.First().Tensor) : Script(group.Select(Inner)))).ToList());

    private static List<KeyValuePair<object, object?>> Nested(IEnumerable<(string Name, WeightTensor Tensor)> tensors) =>
        [.. tensors.GroupBy(Top).Select(group => KeyValuePair.Create((object)group.Key,
            group.Any(tensor => tensor.Name == group.Key) ? (object?)new PyTensor(group.First().Tensor) : Nested(group.Select(Inner))))];

    private static string Top((string Name, WeightTensor Tensor) tensor) => tensor.Name.Split('.')[0];

    private static (string Name, WeightTensor Tensor) Inner((string Name, WeightTensor Tensor) tensor) =>
        (tensor.Name[(Top(tensor).Length + 1)..], tensor.Tensor);

    private static IEnumerable<(string Key, object? Value)> Bystanders(WeightTensor tensor) =>
    [
        ("epoch", 12), ("best", 0.75), ("arch", "efficientnet_b0"), ("done", true), ("none", null),
        ("args", new PyObject("argparse", "Namespace", [], Checkpoint.Dict(("lr", 0.1), ("steps", new List<object?> { 1, 2 })))),
        ("metric", new PyObject("numpy.core.multiarray", "scalar",
            [new PyObject("numpy", "dtype", ["f8", 0, 1], new PyTuple(3, "<", null, null, null, -1, -1, 0)), new byte[8]])),
        ("when", new PyObject("datetime", "datetime", [new byte[10]])),
        ("folder", new PyObject("pathlib", "PosixPath", ["/", "home", "me"])),
        ("optimizer", Optimizer(tensor)),
        ("optimizer_states", new List<object?> { Optimizer(tensor) }),
        ("lr_schedulers", new List<object?> { Checkpoint.Dict(("base_lrs", new List<object?> { 0.1 }),
            ("anneal_func", new PyObject("builtins", "getattr", [new PyName("torch.optim.lr_scheduler", "OneCycleLR"), "_annealing_cos"]))) }),
        ("config", new PyObject("omegaconf.dictconfig", "DictConfig", [], Checkpoint.Dict(("_content", Checkpoint.Dict(("lr", 0.1)))), "NEWOBJ")),
        ("cfg", new PyObject("yacs.config", "CfgNode", [], Checkpoint.Dict(("__immutable__", true)), "NEWOBJ") { Entries = Checkpoint.Dict(("LR", 0.1)) }),
        ("hyper_parameters", new PyObject("my.code", "Settings", [], Checkpoint.Dict(("kind", new PyName("my.code", "Kind"))), "INST")),
        ("callbacks", Checkpoint.Dict(("ModelCheckpoint{}", new PyObject("my.code", "State", [1, "a"], Way: "OBJ")))),
        ("rng_state", new PyTensor(new WeightTensor([8], new float[8]))),
        ("enum", new PyObject("my.code", "Mode", [2], Way: "NEWOBJ_EX")),
        ("device", new PyObject("torch", "device", ["cuda", 0])),
        ("scaler", Checkpoint.Dict(("scale", 65536.0), ("_growth_tracker", 3))),
    ];

    private static List<KeyValuePair<object, object?>> Optimizer(WeightTensor tensor) => Checkpoint.Dict(
        ("state", Checkpoint.Dict((0, Checkpoint.Dict(("step", 3), ("exp_avg", new PyTensor(tensor)), ("exp_avg_sq", new PyTensor(tensor)))))),
        ("param_groups", new List<object?> { Checkpoint.Dict(("lr", 0.1), ("params", new List<object?> { 0, 1 })) }));

    private static T Pick<T>(Random random, IReadOnlyList<T> choices) => choices[random.Next(choices.Count)];
}
