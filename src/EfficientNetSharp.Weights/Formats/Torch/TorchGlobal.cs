using EfficientNetSharp.Arrays;
using EfficientNetSharp.Formats.Pickles;

namespace EfficientNetSharp.Weights.Formats.Torch;

/// <summary>What a name that a pickle may use stands for.</summary>
internal enum TorchGlobalKind
{
    /// <summary>A dictionary that keeps its order.</summary>
    OrderedDictionary,

    /// <summary>A shape.</summary>
    Size,

    /// <summary>The type of a storage.</summary>
    Storage,

    /// <summary>An element type.</summary>
    ElementType,

    /// <summary>Makes a tensor from a storage, an offset, a shape and strides.</summary>
    Tensor,

    /// <summary>As <see cref="Tensor"/>, with an element type apart from the storage's.</summary>
    TypedTensor,

    /// <summary>Marks a tensor as trainable.</summary>
    Parameter,

    /// <summary>Makes a tensor by another of these functions and gives it attributes, which are left out.</summary>
    Attributed,
}

/// <summary>
/// The names of a pickle that stand for tensors and plain data. They are not looked up anywhere; each is a case of
/// <see cref="TorchObjects"/>. Any other passes as a <see cref="PickleName"/>, which stands for nothing, but for those of code that runs
/// commands: a file that asks for these is an attack on whoever loads it elsewhere, and nothing in it is trusted.
/// </summary>
internal sealed record TorchGlobal(string Name, TorchGlobalKind Kind, ElementType Type = default)
{
    private static readonly Dictionary<string, TorchGlobal> All = MakeAll().ToDictionary(global => global.Name, StringComparer.Ordinal);

    // Modules and functions that run programs, code or other files, in Python 2 and 3.
    private static readonly HashSet<string> Dangerous = new(StringComparer.Ordinal)
    {
        "bdb", "commands", "ctypes", "importlib", "nt", "os", "pdb", "pip", "posix", "pty", "runpy", "shutil", "socket", "subprocess",
        "sys", "timeit", "webbrowser", "_posixsubprocess",
        "builtins.__import__", "builtins.breakpoint", "builtins.compile", "builtins.eval", "builtins.exec", "builtins.execfile",
        "builtins.input", "builtins.open",
    };

    /// <summary>The name's meaning: a <see cref="TorchGlobal"/>, or a <see cref="PickleName"/> where it has none here.</summary>
    /// <exception cref="InvalidInputException">It is that of code that runs commands; the message names it.</exception>
    public static object Find(string path, string module, string name)
    {
        if (All.TryGetValue($"{module}.{name}", out var global)) return global;
        string current = module == "__builtin__" ? "builtins" : module;
        if (Dangerous.Contains(current.Split('.')[0]) || Dangerous.Contains($"{current}.{name}")) throw Refuse(path, module, name);
        return new PickleName(module, name);
    }

    /// <summary>The refusal of something that is code.</summary>
    public static InvalidInputException Refuse(string path, string module, string name)
    {
        string asked = Files.OneLine.Quote($"{module}.{name}");
        return IsTorchScript(module)
            ? WeightErrors.Unusable(path, $"it is a TorchScript program and asks for {asked}",
                "load it in Python with torch.jit.load and save model.state_dict()")
            : WeightErrors.Unusable(
                path, $"it asks for {asked}, which is code and not weights, and code in files is never run",
                "load it in Python if you trust it, and save model.state_dict() alone");
    }

    /// <summary>Whether a class is one of a TorchScript program.</summary>
    public static bool IsTorchScript(string module) => module.StartsWith("__torch__", StringComparison.Ordinal);

    // torch.storage's and torch._utils's names as torch.save of versions 0.4 to 2.x writes them.
    private static IEnumerable<TorchGlobal> MakeAll()
    {
        yield return new("collections.OrderedDict", TorchGlobalKind.OrderedDictionary);
        yield return new("torch.Size", TorchGlobalKind.Size);
        yield return new("torch._utils._rebuild_tensor", TorchGlobalKind.Tensor);
        yield return new("torch._utils._rebuild_tensor_v2", TorchGlobalKind.Tensor);
        yield return new("torch._utils._rebuild_tensor_v3", TorchGlobalKind.TypedTensor);
        yield return new("torch._utils._rebuild_parameter", TorchGlobalKind.Parameter);
        yield return new("torch._utils._rebuild_parameter_with_state", TorchGlobalKind.Parameter);
        yield return new("torch.nn.parameter.Parameter", TorchGlobalKind.Parameter);
        yield return new("torch._tensor._rebuild_from_type_v2", TorchGlobalKind.Attributed);

        // Without a type of their own, these count bytes.
        yield return new("torch.storage.UntypedStorage", TorchGlobalKind.Storage, ElementType.U8);
        yield return new("torch.storage._UntypedStorage", TorchGlobalKind.Storage, ElementType.U8);
        yield return new("torch.UntypedStorage", TorchGlobalKind.Storage, ElementType.U8);
        foreach (var (name, type) in Storages) yield return new($"torch.{name}Storage", TorchGlobalKind.Storage, type);
        foreach (var (name, type) in ElementTypes) yield return new($"torch.{name}", TorchGlobalKind.ElementType, type);
    }

    private static IEnumerable<(string Name, ElementType Type)> Storages =>
    [
        ("Float", ElementType.F32),
        ("Half", ElementType.F16),
        ("BFloat16", ElementType.BF16),
        ("Double", ElementType.F64),
        ("Long", ElementType.I64),
        ("Int", ElementType.I32),
        ("Short", ElementType.I16),
        ("Char", ElementType.I8),
        ("Byte", ElementType.U8),
        ("Bool", ElementType.Bool),
    ];

    private static IEnumerable<(string Name, ElementType Type)> ElementTypes =>
    [
        ("float32", ElementType.F32),
        ("float16", ElementType.F16),
        ("bfloat16", ElementType.BF16),
        ("float64", ElementType.F64),
        ("int64", ElementType.I64),
        ("int32", ElementType.I32),
        ("int16", ElementType.I16),
        ("int8", ElementType.I8),
        ("uint8", ElementType.U8),
        ("uint16", ElementType.U16),
        ("uint32", ElementType.U32),
        ("uint64", ElementType.U64),
        ("bool", ElementType.Bool),
    ];
}
