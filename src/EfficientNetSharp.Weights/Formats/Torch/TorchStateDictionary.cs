using System.Collections.Immutable;
using System.Globalization;
using EfficientNetSharp.Files;
using EfficientNetSharp.Formats.Pickles;

namespace EfficientNetSharp.Weights.Formats.Torch;

/// <summary>What a PyTorch file holds: a state dictionary, or a checkpoint around one or several.</summary>
internal sealed class TorchStateDictionary
{
    private const int MaxListed = 5;

    // Keys that checkpoints have their state dictionaries under: Lightning, timm and lukemelas; torchvision's references; others.
    private static readonly string[] PlainKeys = ["state_dict", "model", "model_state", "model_state_dict"];

    // timm; torchvision's references.
    private static readonly string[] EmaKeys = ["state_dict_ema", "model_ema"];

    // What DataParallel, torch.compile and their kin put in front of every name.
    private static readonly string[] Wrappers = ["module.", "_orig_mod."];

    // AveragedModel's count of the models that it averages, beside their weights.
    private const string AverageCount = "n_averaged";

    private readonly string _path;
    private readonly object? _root;
    private readonly TorchTree _tree;

    /// <summary>Looks for tensors in what a file holds.</summary>
    /// <param name="path">The file.</param>
    /// <param name="root">What it holds.</param>
    /// <exception cref="InvalidInputException">There are none; the message says what there is.</exception>
    public TorchStateDictionary(string path, object? root)
    {
        (_path, _root, _tree) = (path, root, TorchTree.Of(root));
        if (_tree.Leaves.Count == 0) throw NoTensors();
    }

    /// <summary>Makes the contents of a file of it.</summary>
    /// <param name="reader">Reads tensors.</param>
    /// <param name="file">What stays open.</param>
    /// <param name="preferEma">Whether the moving averages are the file's weights where it has both.</param>
    /// <exception cref="InvalidInputException">A tensor does not lie within its storage.</exception>
    public WeightContents Describe(TorchTensors reader, InputFile file, bool preferEma)
    {
        var sources = reader.Describe([.. _tree.Leaves.Select(leaf => KeyValuePair.Create(leaf.Name, leaf.Tensor))], file.Length);
        ImmutableArray<FiledTensor> all = [.. sources.Zip(_tree.Leaves, (source, leaf) => new FiledTensor(source, leaf.Scope))];
        return new WeightContents(WeightFormat.Torch, Main(all, preferEma), file, file.Length)
        {
            All = all,
            Metadata = GetMetadata(),
            Remarks = [.. GetRemarks()],
            Epsilon = _tree.Epsilons.Count == 1 ? _tree.Epsilons.Single() : null,
        };
    }

    // One state dictionary, by the names without what wrappers put in front.
    private static ImmutableArray<SourceTensor> Main(ImmutableArray<FiledTensor> all, bool preferEma)
    {
        var byScope = all.ToLookup(tensor => tensor.Scope, StringComparer.Ordinal);
        string[] keys = preferEma ? [.. EmaKeys, .. PlainKeys] : [.. PlainKeys, .. EmaKeys];
        // The root's own tensors come last: a checkpoint may keep one of its own, such as a learning rate.
        string? scope = keys.Select(key => $"{key}.").Append("").FirstOrDefault(byScope.Contains);
        return scope is null
            ? Unwrap([.. all.Select(tensor => tensor.Tensor)])
            : Unwrap([.. byScope[scope].Select(tensor => Cut(tensor.Tensor, scope.Length))]);
    }

    private static ImmutableArray<SourceTensor> Unwrap(ImmutableArray<SourceTensor> tensors)
    {
        if (tensors.Length > 1
            && tensors.All(tensor => tensor.Name == AverageCount || tensor.Name.StartsWith(Wrappers[0], StringComparison.Ordinal)))
            tensors = tensors.RemoveAll(tensor => tensor.Name == AverageCount);
        while (Wrappers.FirstOrDefault(wrapper => tensors.All(tensor => tensor.Name.Length > wrapper.Length
            && tensor.Name.StartsWith(wrapper, StringComparison.Ordinal))) is { } common)
            tensors = [.. tensors.Select(tensor => Cut(tensor, common.Length))];
        return tensors;
    }

    private static SourceTensor Cut(SourceTensor tensor, int characters) => tensor with { Name = tensor.Name[characters..] };

    private ImmutableDictionary<string, string> GetMetadata() => _root is not PickleDictionary dictionary
        ? ImmutableDictionary<string, string>.Empty
        : dictionary.GetTextEntries().Where(entry => entry.Value is string or long or double or bool)
            .ToImmutableDictionary(entry => entry.Key, entry => Convert.ToString(entry.Value, CultureInfo.InvariantCulture)!,
                StringComparer.Ordinal);

    private IEnumerable<string> GetRemarks()
    {
        if (_tree.HasModules)
            yield return "The file holds a whole pickled model; its tensors are read, and none of its code is run.";
        if (_tree.Unread.Count == 0) yield break;
        string more = _tree.Unread.Count > MaxListed ? $" and {_tree.Unread.Count - MaxListed} more" : "";
        string names = string.Join(", ", _tree.Unread.Take(MaxListed).Select(name => OneLine.Clean(name.ToString())));
        yield return $"Objects beside the weights are left out, and nothing in the file is run: {names}{more}.";
    }

    private InvalidInputException NoTensors()
    {
        if (_tree.Unread is [var name, ..]) return TorchGlobal.Refuse(_path, name.Module, name.Name);
        if (_root is PickleObject { Name: var model }) return TorchGlobal.Refuse(_path, model.Module, model.Name);
        if (_root is not PickleDictionary dictionary)
            return WeightErrors.Unusable(_path, $"it holds {Describe(_root)}, expected a state dictionary", "save model.state_dict()");
        var entries = dictionary.GetTextEntries();
        string keys = entries.Count == 0 ? "no names"
            : $"the names {string.Join(", ", entries.Take(MaxListed).Select(entry => OneLine.Quote(entry.Key, 30)))}";
        return WeightErrors.Unusable(_path, $"it holds a dictionary with {keys} and no tensors under those of a state dictionary",
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
