using EfficientNetSharp.Arrays;
using EfficientNetSharp.Files;
using EfficientNetSharp.Formats.Pickles;

namespace EfficientNetSharp.Weights.Formats.Torch;

/// <summary>The objects that a pickle may ask for, made from what it gives for them.</summary>
internal static class TorchObjects
{
    /// <summary>What calling a name gives.</summary>
    public static object Make(string path, TorchGlobal callable, object?[] arguments) => (callable.Kind, arguments) switch
    {
        (TorchGlobalKind.OrderedDictionary, []) => new PickleDictionary(),
        // Python 2 gave the pairs at once.
        (TorchGlobalKind.OrderedDictionary, [PickleList pairs]) => MakeDictionary(path, pairs),
        (TorchGlobalKind.Size, [PickleTuple size]) => size,
        (TorchGlobalKind.Tensor, [TorchStorage storage, long offset, PickleTuple size, PickleTuple stride, ..]) =>
            MakeTensor(path, storage, storage.Type, offset, size, stride),
        (TorchGlobalKind.TypedTensor,
        [TorchStorage storage, long offset, PickleTuple size, PickleTuple stride, _, _,
        TorchGlobal { Kind: TorchGlobalKind.ElementType } type, ..]) =>
            MakeTensor(path, storage, type.Type, offset, size, stride),
        (TorchGlobalKind.Parameter, [TorchTensor tensor, ..]) => tensor,
        (TorchGlobalKind.Attributed, [TorchGlobal { Kind: not TorchGlobalKind.Attributed } function, _, PickleTuple own, ..]) =>
            Make(path, function, own.Items),
        // Of a type that is not read, such as quantized numbers: no tensor, and no error while nobody asks for it.
        (TorchGlobalKind.Tensor or TorchGlobalKind.TypedTensor or TorchGlobalKind.Parameter, [PickleObject other, ..]) => other,
        (TorchGlobalKind.Attributed, [PickleName other, ..]) => new PickleObject(other),
        _ => throw WeightErrors.Damaged(path, $"its pickle calls {OneLine.Quote(callable.Name)} with other things than PyTorch does"),
    };

    /// <summary>
    /// What a persistent id stands for: a storage, <c>('storage', type, key, location, count)</c>, in the legacy format with a sixth item,
    /// nothing or <c>(key, offset, count)</c> of a part of it; or, in the legacy format, a class with its source text,
    /// <c>('module', class, file, text)</c>, of which the class's name is taken.
    /// </summary>
    public static object MakePersistent(string path, object? id) => id switch
    {
        PickleTuple { Items: ["storage", TorchGlobal { Kind: TorchGlobalKind.Storage } type, string key, string, long count] }
            when count >= 0 => new TorchStorage(key, type.Type, count, 0),
        PickleTuple { Items: ["storage", TorchGlobal { Kind: TorchGlobalKind.Storage } type, string key, string, long count, null] }
            when count >= 0 => new TorchStorage(key, type.Type, count, 0),
        PickleTuple { Items: ["storage", TorchGlobal { Kind: TorchGlobalKind.Storage } type, string key, string, long count,
        PickleTuple { Items: [_, long offset, long] }] }
            when count >= 0 && offset >= 0 => new TorchStorage(key, type.Type, count, offset),
        PickleTuple { Items: ["storage", PickleName type, string, string, long, ..] } => new PickleObject(type),
        PickleTuple { Items: ["module", PickleName name, ..] } => name,
        PickleTuple { Items: ["module", ..] } =>
            throw WeightErrors.Unusable(path, "it holds a whole model, which is code",
                "load it in Python if you trust it, and save model.state_dict() alone"),
        _ => throw WeightErrors.Damaged(path, "its pickle refers to a storage in another way than PyTorch does"),
    };

    private static PickleDictionary MakeDictionary(string path, PickleList pairs)
    {
        var dictionary = new PickleDictionary();
        foreach (object? pair in pairs.Items)
        {
            dictionary.Pairs.Add(pair switch
            {
                PickleTuple { Items: [var key, var value] } => KeyValuePair.Create(key, value),
                PickleList { Items: [var key, var value] } => KeyValuePair.Create(key, value),
                _ => throw WeightErrors.Damaged(path, "its pickle makes a dictionary of other things than pairs"),
            });
        }

        return dictionary;
    }

    private static TorchTensor MakeTensor(string path, TorchStorage storage, ElementType type, long offset, PickleTuple size,
        PickleTuple stride)
    {
        var sizes = ToNumbers(path, size);
        var strides = ToNumbers(path, stride);
        if (sizes.Length != strides.Length || sizes.Length > ArrayShape.MaxDimensions || offset < 0)
            throw WeightErrors.Damaged(path, "its pickle has a tensor whose shape and strides do not fit");
        return new TorchTensor(storage, type, offset, sizes, strides);
    }

    private static long[] ToNumbers(string path, PickleTuple tuple)
    {
        var numbers = new long[tuple.Items.Length];
        for (int i = 0; i < numbers.Length; i++)
        {
            numbers[i] = tuple.Items[i] is long number and >= 0
                ? number
                : throw WeightErrors.Damaged(path, "its pickle has a shape or stride that is no number from 0");
        }

        return numbers;
    }
}
