using EfficientNetSharp.Files;
using EfficientNetSharp.Training.Runs;

namespace EfficientNetSharp.Studies.Trials;

/// <summary>
/// Which process trains which trial: a lock per trial under way in a folder that all processes share. What a process that is gone had is
/// free again.
/// </summary>
internal sealed class TrialClaims
{
    private const string Ending = ".lock";

    private readonly string _folder;
    private readonly TimeProvider _time;

    public TrialClaims(string folder, TimeProvider time)
    {
        (_folder, _time) = (folder, time);
        OutputFolder.Create(folder);
    }

    /// <summary>Takes a trial; <see langword="null"/> where another process has it.</summary>
    /// <exception cref="WriteFailedException">The lock cannot be written.</exception>
    public OwnerLock? TryTake(Trial trial)
    {
        try
        {
            return OwnerLock.TryTake(_folder, trial.Key, _time, out _);
        }
        catch (IOException e)
        {
            throw new WriteFailedException(_folder, e);
        }
    }

    /// <summary>How many trials are under way in all processes.</summary>
    public int CountHeld() => Directory.EnumerateFiles(_folder, "*" + Ending).Select(file => Path.GetFileName(file))
        .Where(name => !name.StartsWith('.'))
        .Count(name => OwnerLock.HolderOf(_folder, name[..^Ending.Length], _time) is not null);
}
