using EfficientNetSharp.Arrays;

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
}

/// <summary>
/// The names that a pickle may use: those that stand for tensors and plain data. They are not looked up anywhere; each is a
/// case of <see cref="TorchResolver"/>.
/// </summary>
internal sealed record TorchGlobal(string Name, TorchGlobalKind Kind, ElementType Type = default)
{
    private static readonly Dictionary<string, TorchGlobal> All = MakeAll().ToDictionary(global => global.Name, StringComparer.Ordinal);

    /// <summary>The name's meaning.</summary>
    /// <exception cref="InvalidInputException">It is not one of the few that are known; the message names it.</exception>
    public static TorchGlobal Find(string path, string module, string name) =>
        All.TryGetValue($"{module}.{name}", out var global) ? global : throw Refuse(path, module, name);

    /// <summary>The refusal of something that is code.</summary>
    public static InvalidInputException Refuse(string path, string module, string name)
    {
        string asked = Files.OneLine.Quote($"{module}.{name}");
        return module.StartsWith("__torch__", StringComparison.Ordinal)
            ? WeightErrors.Unusable(path, $"it is a TorchScript program and asks for {asked}",
                "load it in Python with torch.jit.load and save model.state_dict()")
            : WeightErrors.Unusable(
                path, $"it asks for {asked}, which is code and not weights, and code in files is never run",
                "load it in Python if you trust it, and save model.state_dict() alone");
    }

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
