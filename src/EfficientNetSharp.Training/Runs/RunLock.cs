using System.Globalization;

namespace EfficientNetSharp.Training.Runs;

/// <summary>Keeps a run's folder for one process, and says who has it; see <see cref="OwnerLock"/>.</summary>
internal sealed class RunLock : IDisposable
{
    /// <inheritdoc cref="OwnerLock.Silence" />
    public static readonly TimeSpan Silence = OwnerLock.Silence;

    private const string Name = "run";

    private readonly string _folder;
    private readonly TimeProvider _time;
    private readonly OwnerLock _lock;

    private RunLock(string folder, OwnerLock held, TimeProvider time) => (_folder, _lock, _time) = (folder, held, time);

    /// <summary>The file that says who has the folder.</summary>
    public static string OwnerFile(string folder) => OwnerLock.OwnerFile(folder, Name);

    /// <summary>Refuses a folder that another process has, as far as that can be told without touching it.</summary>
    /// <exception cref="InvalidInputException">Another has it; the message says who, since when, and what to do.</exception>
    public static void EnsureFree(string folder, TimeProvider time)
    {
        if (OwnerLock.HolderOf(folder, Name, time) is { } owner) throw Held(owner, folder, time);
    }

    /// <summary>Takes the folder.</summary>
    /// <param name="folder">The run's folder, which is there.</param>
    /// <param name="time">The clock.</param>
    /// <param name="note">Told when it is taken from an owner who is gone.</param>
    /// <exception cref="InvalidInputException">Another process has it; the message says who, since when, and what to do.</exception>
    /// <exception cref="IOException">The lock cannot be written.</exception>
    public static RunLock Take(string folder, TimeProvider time, Action<string>? note)
    {
        var silent = OwnerLock.AgeOf(folder, Name, time);
        if (OwnerLock.TryTake(folder, Name, time, out var other) is not { } held)
        {
            throw other is not null ? Held(other, folder, time) : new InvalidInputException(
                $"The run in '{folder}' is in the hands of another process; wait until that has ended, or name another folder with -o.");
        }

        if (other is not null)
        {
            string why = other.IsHere ? "is gone" : $"has shown no sign of life for {Words(silent)}";
            note?.Invoke($"The run in '{folder}' was trained by {other.Description}, which {why}; going on in its place.");
        }

        return new RunLock(folder, held, time);
    }

    /// <summary>Checks that nobody took the folder in the meantime, as another machine may after a long standstill of this one.</summary>
    /// <exception cref="InvalidInputException">Another process has it.</exception>
    public void EnsureHeld()
    {
        if (_lock.TakenBy() is { } owner) throw Held(owner, _folder, _time);
    }

    /// <summary>Leaves the folder to others.</summary>
    public void Dispose() => _lock.Dispose();

    private static InvalidInputException Held(RunOwner owner, string folder, TimeProvider time)
    {
        string life = owner.IsHere
            ? "wait for it or end it"
            : $"its last sign of life is {Words(OwnerLock.AgeOf(folder, Name, time))} old, and after {Words(Silence)} it is taken for dead; " +
                "wait or end it";
        return new InvalidInputException(
            $"The run in '{folder}' is being trained by {owner.Description}: {life}, or name another folder with -o.");
    }

    private static string Words(TimeSpan age) =>
        age.TotalHours >= 2 ? string.Create(CultureInfo.InvariantCulture, $"{age.TotalHours:F0} hours")
        : string.Create(CultureInfo.InvariantCulture, $"{age.TotalSeconds:F0} s");
}
