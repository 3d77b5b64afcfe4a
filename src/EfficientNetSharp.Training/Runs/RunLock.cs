using System.Globalization;
using EfficientNetSharp.Files;
using EfficientNetSharp.Formats.Downloads;

namespace EfficientNetSharp.Training.Runs;

/// <summary>
/// Keeps a run's folder for one process. A lock of the operating system, which ends with the process however that ends, lets one at a
/// time in; a file beside it says who that is, and its time of change that the process is alive.
/// </summary>
/// <remarks>
/// On one machine an owner whose process is gone is taken over from at once. Between machines, whose processes cannot be seen and whose
/// shared file systems may not pass the system's lock on, it is one that has shown no sign of life for <see cref="Silence"/>.
/// </remarks>
internal sealed class RunLock : IDisposable
{
    /// <summary>How often an owner shows a sign of life.</summary>
    public static readonly TimeSpan Beat = TimeSpan.FromSeconds(10);

    /// <summary>After what time without a sign an owner on another machine is taken for dead.</summary>
    public static readonly TimeSpan Silence = TimeSpan.FromSeconds(90);

    // Another that is just taking or leaving the folder is done within this.
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(5), Pause = TimeSpan.FromMilliseconds(20);

    private readonly string _folder;
    private readonly TimeProvider _time;
    private readonly FileStream _lock;
    private readonly RunOwner _owner;
    private readonly ITimer _beat;

    private RunLock(string folder, FileStream held, RunOwner owner, TimeProvider time)
    {
        (_folder, _lock, _owner, _time) = (folder, held, owner, time);
        _beat = time.CreateTimer(_ => ShowLife(), null, Beat, Beat);
    }

    /// <summary>The file that says who has the folder.</summary>
    public static string OwnerFile(string folder) => Path.Combine(folder, "run.lock");

    /// <summary>Refuses a folder that another process has, as far as that can be told without touching it.</summary>
    /// <exception cref="InvalidInputException">Another has it; the message says who, since when, and what to do.</exception>
    public static void EnsureFree(string folder, TimeProvider time)
    {
        if (RunOwner.Read(OwnerFile(folder)) is { } owner && Holds(owner, folder, time)) throw Held(owner, folder, time);
    }

    /// <summary>Takes the folder.</summary>
    /// <param name="folder">The run's folder, which is there.</param>
    /// <param name="time">The clock.</param>
    /// <param name="note">Told when it is taken from an owner who is gone.</param>
    /// <exception cref="InvalidInputException">Another process has it; the message says who, since when, and what to do.</exception>
    /// <exception cref="IOException">The lock cannot be written.</exception>
    public static RunLock Take(string folder, TimeProvider time, Action<string>? note)
    {
        var held = Lock(folder, time);
        try
        {
            string file = OwnerFile(folder);
            var before = RunOwner.Read(file);
            if (before is not null && Holds(before, folder, time)) throw Held(before, folder, time);
            if (before is not null)
            {
                string why = before.IsHere ? "is gone" : $"has shown no sign of life for {Words(AgeOf(file, time))}";
                note?.Invoke($"The run in '{folder}' was trained by {before.Description}, which {why}; going on in its place.");
            }

            var owner = RunOwner.Current(time.GetUtcNow());
            AtomicFile.WriteText(file, owner.ToJson());
            // Where the file system does not pass locks on, two may have come this far; the later's file is the one that stays.
            if (RunOwner.Read(file) is { } written && written.Token != owner.Token) throw Held(written, folder, time);
            return new RunLock(folder, held, owner, time);
        }
        catch
        {
            held.Dispose();
            throw;
        }
    }

    /// <summary>Checks that nobody took the folder in the meantime, as another machine may after a long standstill of this one.</summary>
    /// <exception cref="InvalidInputException">Another process has it.</exception>
    public void EnsureHeld()
    {
        if (RunOwner.Read(OwnerFile(_folder)) is { } owner && owner.Token != _owner.Token) throw Held(owner, _folder, _time);
    }

    /// <summary>Leaves the folder to others.</summary>
    public void Dispose()
    {
        _beat.Dispose();
        // What is left behind says of a process that it is there, which will not be so; the next one sees that.
        if (RunOwner.Read(OwnerFile(_folder))?.Token == _owner.Token) Remove(OwnerFile(_folder));
        // Removed while it is held: whoever has opened it already finds that it is no longer the folder's. Windows removes no open file.
        if (!OperatingSystem.IsWindows()) Remove(LockFile(_folder));
        _lock.Dispose();
        if (OperatingSystem.IsWindows()) Remove(LockFile(_folder));
    }

    private static string LockFile(string folder) => Path.Combine(folder, ".run.lock");

    private static FileStream Lock(string folder, TimeProvider time)
    {
        string path = LockFile(folder);
        for (int tries = 0; tries * Pause < Patience; tries++)
        {
            if (FileLock.TryTake(path) is { } taken)
            {
                var open = FileStatus.IdentityOf(taken.SafeFileHandle);
                if (open is null || FileEntry.At(path).Identity == open) return taken;
                taken.Dispose();
                continue;
            }

            EnsureFree(folder, time);
            Thread.Sleep(Pause);
        }

        throw new InvalidInputException(
            $"The run in '{folder}' is in the hands of another process; wait until that has ended, or name another folder with -o.");
    }

    private static bool Holds(RunOwner owner, string folder, TimeProvider time) =>
        owner.IsHere ? owner.IsAlive : AgeOf(OwnerFile(folder), time) < Silence;

    private static TimeSpan AgeOf(string file, TimeProvider time)
    {
        var age = time.GetUtcNow() - File.GetLastWriteTimeUtc(file);
        // Clocks of two machines differ.
        return age < TimeSpan.Zero ? TimeSpan.Zero : age;
    }

    private static InvalidInputException Held(RunOwner owner, string folder, TimeProvider time)
    {
        string life = owner.IsHere
            ? "wait for it or end it"
            : $"its last sign of life is {Words(AgeOf(OwnerFile(folder), time))} old, and after {Words(Silence)} it is taken for dead; " +
                "wait or end it";
        return new InvalidInputException(
            $"The run in '{folder}' is being trained by {owner.Description}: {life}, or name another folder with -o.");
    }

    private static string Words(TimeSpan age) =>
        age.TotalHours >= 2 ? string.Create(CultureInfo.InvariantCulture, $"{age.TotalHours:F0} hours")
        : string.Create(CultureInfo.InvariantCulture, $"{age.TotalSeconds:F0} s");

    // On a timer's thread: a sign that cannot be given is not worth the run.
    private void ShowLife()
    {
        try
        {
            File.SetLastWriteTimeUtc(OwnerFile(_folder), _time.GetUtcNow().UtcDateTime);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
        }
    }

    private static void Remove(string file)
    {
        try
        {
            File.Delete(file);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
        }
    }
}
