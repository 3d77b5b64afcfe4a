using System.Collections.Immutable;
using System.Globalization;
using EfficientNetSharp.Files;
using EfficientNetSharp.Formats.Pickles;

namespace EfficientNetSharp.Weights.Formats.Torch;

/// <summary>Finds the state dictionary in what a PyTorch file holds, which may be it or a checkpoint around it.</summary>
internal static class TorchStateDictionary
{
    // Keys that checkpoints have their state dictionaries under: Lightning, timm and lukemelas; torchvision's references; others.
    private static readonly string[] PlainKeys = ["state_dict", "model", "model_state", "model_state_dict"];

    // timm; torchvision's references.
    private static readonly string[] EmaKeys = ["state_dict_ema", "model_ema"];

    // What DataParallel, torch.compile and their kin put in front of every name.
    private static readonly string[] Wrappers = ["module.", "_orig_mod."];

    // AveragedModel's count of the models that it averages, beside their weights.
    private const string AverageCount = "n_averaged";

    /// <summary>The tensors by name, in order, and the checkpoint's plain values as texts.</summary>
    /// <exception cref="InvalidInputException">There is no state dictionary; the message says what there is.</exception>
    public static (List<KeyValuePair<string, TorchTensor>> Tensors, ImmutableDictionary<string, string> Metadata) Find(string path,
        object? root, bool preferEma)
    {
        if (root is not PickleDictionary dictionary)
            throw WeightErrors.Unusable(path, $"it holds {Describe(root)}, expected a state dictionary", "save model.state_dict()");
        var entries = dictionary.GetTextEntries();
        var tensors = Unwrap(FindTensors(entries, preferEma) ?? throw NoTensors(path, entries));
        return (tensors, GetMetadata(entries));
    }

    private static List<KeyValuePair<string, TorchTensor>>? FindTensors(List<KeyValuePair<string, object?>> entries, bool preferEma)
    {
        // The root's own tensors come last: a checkpoint may keep one of its own, such as a learning rate.
        foreach (string key in preferEma ? [.. EmaKeys, .. PlainKeys] : PlainKeys.Concat(EmaKeys))
        {
            foreach (var (name, value) in entries)
            {
                if (name == key && value is PickleDictionary nested
                    && GetTensors(nested.GetTextEntries()) is { Count: > 0 } found) return found;
            }
        }

        return GetTensors(entries) is { Count: > 0 } own ? own : null;
    }

    private static List<KeyValuePair<string, TorchTensor>> GetTensors(List<KeyValuePair<string, object?>> entries) =>
        [.. entries.Where(entry => entry.Value is TorchTensor).Select(entry => KeyValuePair.Create(entry.Key, (TorchTensor)entry.Value!))];

    private static List<KeyValuePair<string, TorchTensor>> Unwrap(List<KeyValuePair<string, TorchTensor>> tensors)
    {
        if (tensors.Count > 1
            && tensors.TrueForAll(tensor => tensor.Key == AverageCount || tensor.Key.StartsWith(Wrappers[0], StringComparison.Ordinal)))
            tensors = tensors.FindAll(tensor => tensor.Key != AverageCount);
        while (Wrappers.FirstOrDefault(
            wrapper => tensors.TrueForAll(tensor => tensor.Key.Length > wrapper.Length
            && tensor.Key.StartsWith(wrapper, StringComparison.Ordinal))) is { } common)
            tensors = tensors.ConvertAll(tensor => KeyValuePair.Create(tensor.Key[common.Length..], tensor.Value));
        return tensors;
    }

    private static ImmutableDictionary<string, string> GetMetadata(List<KeyValuePair<string, object?>> entries) => entries
        .Where(entry => entry.Value is string or long or double or bool)
        .ToImmutableDictionary(entry => entry.Key, entry => Convert.ToString(entry.Value, CultureInfo.InvariantCulture)!,
            StringComparer.Ordinal);

    private static InvalidInputException NoTensors(string path, List<KeyValuePair<string, object?>> entries)
    {
        string keys = entries.Count == 0 ? "no names"
            : $"the names {string.Join(", ", entries.Take(5).Select(entry => OneLine.Quote(entry.Key, 30)))}";
        return WeightErrors.Unusable(path, $"it holds a dictionary with {keys} and no tensors under those of a state dictionary",
            "save model.state_dict()");
    }

    private static string Describe(object? value) => value switch
    {
        TorchTensor => "a single tensor",
        PickleList => "a list",
        PickleTuple => "a tuple",
        string => "a text",
        long or double => "a number",
        null => "nothing",
        _ => "something else",
    };
}
