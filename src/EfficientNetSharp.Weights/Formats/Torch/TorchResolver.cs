using EfficientNetSharp.Formats;
using EfficientNetSharp.Formats.Pickles;

namespace EfficientNetSharp.Weights.Formats.Torch;

/// <summary>The names in pickles of <c>torch.save</c>: those of <see cref="TorchGlobal"/>, and bystanders.</summary>
/// <param name="storages">Takes all storages that the pickle refers to, by key; may be <see langword="null"/>.</param>
internal sealed class TorchResolver(Dictionary<string, TorchStorage>? storages = null) : PickleResolver
{
    /// <summary>Reads one pickle; the source stands behind it after.</summary>
    /// <returns>
    /// Plain objects of <see cref="Unpickler.Load"/>, <see cref="TorchGlobal"/>, <see cref="TorchStorage"/> or <see cref="TorchTensor"/>;
    /// <see cref="PickleName"/> and <see cref="PickleObject"/> for all else, with which nothing was done.
    /// </returns>
    /// <exception cref="InvalidInputException">It is damaged, or asks for code that runs commands.</exception>
    public static object? Load(ByteSource source, Dictionary<string, TorchStorage>? storages = null) =>
        Unpickler.Load(source, new TorchResolver(storages));

    public override object Find(ByteSource source, string module, string name) => TorchGlobal.Find(source.Path, module, name);

    public override object Call(ByteSource source, object callable, object?[] arguments) => callable switch
    {
        TorchGlobal global => TorchObjects.Make(source.Path, global, arguments),
        PickleName name => new PickleObject(name),
        PickleObject { Name: var name } => new PickleObject(name),
        _ => throw source.Damaged("its pickle calls something that is no function"),
    };

    public override void SetState(ByteSource source, object? target, object? state)
    {
        if (target is PickleObject bystander) bystander.State = state;
        else base.SetState(source, target, state);
    }

    public override object Persist(ByteSource source, object? id)
    {
        object found = TorchObjects.MakePersistent(source.Path, id);
        if (found is TorchStorage storage) storages?.TryAdd(storage.Key, storage);
        return found;
    }
}
