using System.Globalization;
using EfficientNetSharp.Formats.Pickles;

namespace EfficientNetSharp.Weights.Formats.Torch;

/// <summary>A tensor in a PyTorch file.</summary>
/// <param name="Name">The path to it.</param>
/// <param name="Scope">What of the path leads to the dictionary, or the outermost module, that holds it.</param>
/// <param name="Tensor">The tensor.</param>
internal sealed record TorchLeaf(string Name, string Scope, TorchTensor Tensor);

/// <summary>
/// All tensors in what a PyTorch file holds: dictionaries, lists and tuples of any nesting, objects that trainers keep beside the weights,
/// and whole models, whose modules' parameters and buffers are found where <c>state_dict()</c> has them.
/// </summary>
internal sealed class TorchTree
{
    // A module takes one level; EfficientNets have six within each other, and trainers add a few.
    private const int MaxDepth = 64;

    private readonly List<TorchLeaf> _leaves = [];
    private readonly List<PickleName> _unread = [];
    private readonly HashSet<PickleName> _unreadNames = [];
    private readonly HashSet<double> _epsilons = [];
    private readonly HashSet<object> _seen = new(ReferenceEqualityComparer.Instance);

    private TorchTree()
    {
    }

    /// <summary>The tensors, in the file's order.</summary>
    public IReadOnlyList<TorchLeaf> Leaves => _leaves;

    /// <summary>The classes and functions, each once, of what is no module; nothing was done with them.</summary>
    public IReadOnlyList<PickleName> Unread => _unread;

    /// <summary>Whether a whole model is among what the file holds, and not its dictionary alone.</summary>
    public bool HasModules { get; private set; }

    /// <summary>The epsilons of the modules that keep running statistics, which are batch normalisations.</summary>
    public IReadOnlySet<double> Epsilons => _epsilons;

    public static TorchTree Of(object? root)
    {
        var tree = new TorchTree();
        tree.Walk(root, "", "", 0);
        return tree;
    }

    private void Walk(object? value, string path, string scope, int depth)
    {
        if (value is TorchTensor tensor && path.Length > 0) _leaves.Add(new TorchLeaf(path, scope, tensor));
        if (value is PickleName name) Note(name);
        // What is shared is walked once, so that a circle ends and lists that double themselves do not grow.
        if (value is not (PickleDictionary or PickleList or PickleTuple or PickleObject) || depth > MaxDepth || !_seen.Add(value)) return;
        switch (value)
        {
            case PickleDictionary dictionary:
                WalkEntries(dictionary, path, depth);
                break;
            case PickleList list:
                WalkItems(list.Items, path, depth);
                break;
            case PickleTuple tuple:
                WalkItems(tuple.Items, path, depth);
                break;
            case PickleObject module when ChildrenOf(module) is { } children:
                HasModules = true;
                WalkModule(module, children, path, Under(path), depth);
                break;
            case PickleObject other:
                WalkObject(other, path, scope, depth);
                break;
        }
    }

    private void WalkEntries(PickleDictionary dictionary, string path, int depth)
    {
        foreach (var (key, value) in Named(dictionary)) Walk(value, Under(path) + key, Under(path), depth + 1);
    }

    private void WalkItems(IReadOnlyList<object?> items, string path, int depth)
    {
        for (int i = 0; i < items.Count; i++)
            Walk(items[i], Under(path) + i.ToString(CultureInfo.InvariantCulture), Under(path), depth + 1);
    }

    // Attributes, of slots too, and what it holds as a dictionary or a list does.
    private void WalkObject(PickleObject other, string path, string scope, int depth)
    {
        Note(other.Name);
        foreach (object? part in other.State is PickleTuple slots ? slots.Items : [other.State]) Walk(part, path, scope, depth + 1);
        Walk(other.Entries, path, scope, depth + 1);
        Walk(other.Items, path, scope, depth + 1);
    }

    private void WalkModule(PickleObject owner, List<KeyValuePair<string, object?>> children, string path, string scope, int depth)
    {
        if (children.Exists(child => child is { Key: "running_var", Value: TorchTensor }) && owner.State is PickleDictionary state
            && state.GetTextEntries().Find(attribute => attribute.Key == "eps").Value is double epsilon) _epsilons.Add(epsilon);
        foreach (var (key, child) in children)
        {
            string name = Under(path) + key;
            if (child is TorchTensor tensor) _leaves.Add(new TorchLeaf(name, scope, tensor));
            else if (child is PickleObject module && depth < MaxDepth && ChildrenOf(module) is { } inner && _seen.Add(module))
                WalkModule(module, inner, name, scope, depth + 1);
        }
    }

    // torch.nn.Module keeps its own under these attributes; a TorchScript module has parameters and modules as attributes.
    private static List<KeyValuePair<string, object?>>? ChildrenOf(PickleObject candidate)
    {
        if (candidate.State is not PickleDictionary state) return null;
        var attributes = state.GetTextEntries();
        if (TorchGlobal.IsTorchScript(candidate.Name.Module)) return attributes;
        PickleDictionary? Attribute(string name) => attributes.Find(attribute => attribute.Key == name).Value as PickleDictionary;
        if (Attribute("_parameters") is not { } parameters || Attribute("_modules") is not { } modules) return null;
        return [.. parameters.GetTextEntries(), .. Attribute("_buffers")?.GetTextEntries() ?? [], .. modules.GetTextEntries()];
    }

    // Keys are texts; optimizers number their parameters.
    private static IEnumerable<KeyValuePair<string, object?>> Named(PickleDictionary dictionary)
    {
        foreach (var entry in dictionary.GetTextEntries()) yield return entry;
        foreach (var (key, value) in dictionary.Pairs)
            if (key is long number) yield return KeyValuePair.Create(number.ToString(CultureInfo.InvariantCulture), value);
    }

    private static string Under(string path) => path.Length == 0 ? "" : $"{path}.";

    private void Note(PickleName name)
    {
        if (_unreadNames.Add(name)) _unread.Add(name);
    }
}
