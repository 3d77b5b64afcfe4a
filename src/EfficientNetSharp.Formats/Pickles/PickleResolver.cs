namespace EfficientNetSharp.Formats.Pickles;

/// <summary>
/// What the names in a kind of pickle stand for. Names are never looked up anywhere: an implementation knows a fixed few, each
/// of which stands for data, and refuses every other or lets it pass as a <see cref="PickleName"/>.
/// </summary>
internal abstract class PickleResolver
{
    /// <summary>Whether texts and bytes of 256 and more, which are arrays, stay in the file as <see cref="PickleSpan"/>s.</summary>
    public virtual bool LeavesArrays => false;

    /// <summary>
    /// Whether Python 2's strings, which were texts and bytes alike, are bytes, however short, and texts of 256 bytes and more stay in the
    /// file as <see cref="PickleSpan"/>s as well: a file inside of a pickle, which Python 3 may write as a text of Latin-1.
    /// </summary>
    public virtual bool HoldsFiles => false;

    /// <summary>What a name stands for: an object that only this class knows.</summary>
    /// <exception cref="InvalidInputException">It is not one of the few that are known; the message names it.</exception>
    public abstract object Find(ByteSource source, string module, string name);

    /// <summary>What calling an object of <see cref="Find"/> gives.</summary>
    /// <exception cref="InvalidInputException">It cannot be called so.</exception>
    public abstract object Call(ByteSource source, object callable, object?[] arguments);

    /// <summary>What a persistent id stands for: something that lies outside of the pickle.</summary>
    /// <exception cref="InvalidInputException">There is nothing such.</exception>
    public virtual object Persist(ByteSource source, object? id) => throw source.Damaged("its pickle refers to something outside of it");

    /// <summary>Gives an object its state. By default state is only let pass that changes nothing.</summary>
    /// <exception cref="InvalidInputException">The object takes no such state.</exception>
    public virtual void SetState(ByteSource source, object? target, object? state)
    {
        // Python hangs attributes on dictionaries that their contents do not need.
        if (target is not PickleDictionary || state is not (PickleDictionary or PickleTuple))
            throw source.Damaged("its pickle sets the state of something that is no dictionary");
    }
}
