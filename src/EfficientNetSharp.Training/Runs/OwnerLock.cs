using EfficientNetSharp.Files;
using EfficientNetSharp.Formats.Downloads;

namespace EfficientNetSharp.Training.Runs;

/// <summary>
/// Keeps a place, such as a run's folder or a trial of a study, for one process. A lock of the operating system, which ends with the
/// process however that ends, lets one at a time in; a file beside it says who that is, and its time of change that the process is alive.
/// </summary>
/// <remarks>
/// On one machine an owner whose process is gone is taken over from at once. Between machines, whose processes cannot be seen and whose
/// shared file systems may not pass the system's lock on, it is one that has shown no sign of life for <see cref="Silence"/>.
/// </remarks>
internal sealed class OwnerLock : IDisposable
{
    /// <summary>How often an owner shows a sign of life.</summary>
    public static readonly TimeSpan Beat = TimeSpan.FromSeconds(10);

    /// <summary>After what time without a sign an owner on another machine is taken for dead.</summary>
    public static readonly TimeSpan Silence = TimeSpan.FromSeconds(90);

    // Another that is just taking or leaving the place is done within this.
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(5), Pause = TimeSpan.FromMilliseconds(20);

    private readonly string _folder, _name;
    private readonly TimeProvider _time;
    private readonly FileStream _lock;
    private readonly RunOwner _owner;
    private readonly ITimer _beat;

    private OwnerLock(string folder, string name, FileStream held, RunOwner owner, TimeProvider time)
    {
        (_folder, _name, _lock, _owner, _time) = (folder, name, held, owner, time);
        _beat = time.CreateTimer(_ => ShowLife(), null, Beat, Beat);
    }

    /// <summary>The file that says who has a place.</summary>
    public static string OwnerFile(string folder, string name) => Path.Combine(folder, name + ".lock");

    /// <summary>Who has a place, as far as that can be told without touching it; <see langword="null"/> where nobody has.</summary>
    public static RunOwner? HolderOf(string folder, string name, TimeProvider time) =>
        RunOwner.Read(OwnerFile(folder, name)) is { } owner && Holds(owner, folder, name, time) ? owner : null;

    /// <summary>How old the last sign of life of a place's owner is.</summary>
    public static TimeSpan AgeOf(string folder, string name, TimeProvider time)
    {
        var age = time.GetUtcNow() - File.GetLastWriteTimeUtc(OwnerFile(folder, name));
        // Clocks of two machines differ.
        return age < TimeSpan.Zero ? TimeSpan.Zero : age;
    }

    /// <summary>Takes a place that nobody has.</summary>
    /// <param name="folder">The folder of the lock's files, which is there.</param>
    /// <param name="name">What they are called.</param>
    /// <param name="time">The clock.</param>
    /// <param name="other">
    /// Who had it before and is gone, or, where it is not taken, who has it; <see langword="null"/> where nobody is known.
    /// </param>
    /// <returns>The lock; <see langword="null"/> where another process has it.</returns>
    /// <exception cref="IOException">The lock cannot be written.</exception>
    public static OwnerLock? TryTake(string folder, string name, TimeProvider time, out RunOwner? other)
    {
        if (Lock(folder, name, time, out other) is not { } held) return null;
        try
        {
            string file = OwnerFile(folder, name);
            other = RunOwner.Read(file);
            if (other is not null && Holds(other, folder, name, time))
            {
                held.Dispose();
                return null;
            }

            var owner = RunOwner.Current(time.GetUtcNow());
            AtomicFile.WriteText(file, owner.ToJson());
            // Where the file system does not pass locks on, two may have come this far; the later's file is the one that stays.
            if (RunOwner.Read(file) is { } written && written.Token != owner.Token)
            {
                other = written;
                held.Dispose();
                return null;
            }

            return new OwnerLock(folder, name, held, owner, time);
        }
        catch
        {
            held.Dispose();
            throw;
        }
    }

    /// <summary>
    /// Who took the place in the meantime, as another machine may after a long standstill of this one; <see langword="null"/> where it is
    /// still this process's.
    /// </summary>
    public RunOwner? TakenBy() =>
        RunOwner.Read(OwnerFile(_folder, _name)) is { } owner && owner.Token != _owner.Token ? owner : null;

    /// <summary>Leaves the place to others.</summary>
    public void Dispose()
    {
        _beat.Dispose();
        string file = OwnerFile(_folder, _name), lockFile = LockFile(_folder, _name);
        // What is left behind says of a process that it is there, which will not be so; the next one sees that.
        if (RunOwner.Read(file)?.Token == _owner.Token) Remove(file);
        // Removed while it is held: whoever has opened it already finds that it is no longer the place's. Windows removes no open file.
        if (!OperatingSystem.IsWindows()) Remove(lockFile);
        _lock.Dispose();
        if (OperatingSystem.IsWindows()) Remove(lockFile);
    }

    private static string LockFile(string folder, string name) => Path.Combine(folder, $".{name}.lock");

    private static FileStream? Lock(string folder, string name, TimeProvider time, out RunOwner? holder)
    {
        string path = LockFile(folder, name);
        for (int tries = 0; tries * Pause < Patience; tries++)
        {
            if (FileLock.TryTake(path) is { } taken)
            {
                var open = FileStatus.IdentityOf(taken.SafeFileHandle);
                if (open is null || FileEntry.At(path).Identity == open)
                {
                    holder = null;
                    return taken;
                }

                taken.Dispose();
                continue;
            }

            holder = HolderOf(folder, name, time);
            if (holder is not null) return null;
            Thread.Sleep(Pause);
        }

        holder = null;
        return null;
    }

    private static bool Holds(RunOwner owner, string folder, string name, TimeProvider time) =>
        owner.IsHere ? owner.IsAlive : AgeOf(folder, name, time) < Silence;

    // On a timer's thread: a sign that cannot be given is not worth the work.
    private void ShowLife()
    {
        try
        {
            File.SetLastWriteTimeUtc(OwnerFile(_folder, _name), _time.GetUtcNow().UtcDateTime);
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
