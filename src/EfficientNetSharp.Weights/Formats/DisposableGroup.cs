namespace EfficientNetSharp.Weights.Formats;

/// <summary>What is disposed together, last first.</summary>
internal sealed class DisposableGroup : IDisposable
{
    private readonly Stack<IDisposable> _members = new();

    /// <summary>Takes a member over and gives it back.</summary>
    public T Add<T>(T member)
        where T : IDisposable
    {
        _members.Push(member);
        return member;
    }

    public void Dispose()
    {
        while (_members.TryPop(out var member)) member.Dispose();
    }
}
