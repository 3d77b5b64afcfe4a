using System.Diagnostics;
using EfficientNetSharp.Training.Runs;

namespace EfficientNetSharp.Training.Tests.Runs;

public sealed class RunLockTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("lock").FullName;
    private readonly List<string> _notes = [];

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public void Of_many_that_start_at_once_one_has_the_folder_and_the_others_are_told_who()
    {
        for (int round = 0; round < 5; round++)
        {
            const int starters = 20;
            using var start = new Barrier(starters);
            var locks = new RunLock?[starters];
            var refusals = new string?[starters];
            var threads = Enumerable.Range(0, starters).Select(i => new Thread(() =>
            {
                start.SignalAndWait();
                try
                {
                    locks[i] = Take();
                }
                catch (InvalidInputException e)
                {
                    refusals[i] = e.Message;
                }
            })).ToList();
            foreach (var thread in threads) thread.Start();
            foreach (var thread in threads) thread.Join();
            var winner = Assert.Single(locks, one => one is not null)!;
            Assert.All(refusals.OfType<string>(), said =>
            {
                Assert.Contains($"process {Environment.ProcessId} of {Environment.UserName} on {Environment.MachineName}, since 2", said,
                    StringComparison.Ordinal);
                Assert.Contains("-o", said, StringComparison.Ordinal);
            });
            Assert.Equal(starters - 1, refusals.Count(said => said is not null));
            winner.Dispose();
            Assert.Empty(Directory.GetFileSystemEntries(_folder));
        }

        Assert.Empty(_notes);
    }

    [Fact]
    public void From_taker_to_taker_the_folder_is_never_two_s()
    {
        // Each takes and leaves again and again; whoever has it is alone, though the lock's file goes and comes.
        int inside = 0, taken = 0;
        var threads = Enumerable.Range(0, 4).Select(_ => new Thread(() =>
        {
            for (int i = 0; i < 100; i++)
            {
                try
                {
                    using var held = Take();
                    Assert.Equal(1, Interlocked.Increment(ref inside));
                    Interlocked.Increment(ref taken);
                    Interlocked.Decrement(ref inside);
                }
                catch (InvalidInputException)
                {
                }
            }
        })).ToList();
        foreach (var thread in threads) thread.Start();
        foreach (var thread in threads) thread.Join();
        Assert.True(taken > 0);
    }

    [Fact]
    public void A_process_of_this_machine_that_is_gone_is_taken_over_from_at_once_and_that_is_said()
    {
        Write(Here() with { ProcessId = Gone(), User = "anna" });
        using var held = Take();
        Assert.Contains("anna", Assert.Single(_notes), StringComparison.Ordinal);
        Assert.Contains("is gone", _notes[0], StringComparison.Ordinal);
    }

    [Fact]
    public void A_number_of_a_process_that_came_again_is_not_its_owner()
    {
        Write(Here() with { ProcessStart = "of another" });
        using var held = Take();
        Assert.Single(_notes);
    }

    [Fact]
    public void Where_the_system_does_not_lock_a_process_that_is_there_still_has_the_folder()
    {
        Write(Here());
        Assert.Contains("since", Assert.Throws<InvalidInputException>(Take).Message, StringComparison.Ordinal);
        Assert.Throws<InvalidInputException>(() => RunLock.EnsureFree(_folder, TimeProvider.System));
    }

    [Fact]
    public void Another_machine_s_owner_is_judged_by_its_last_sign_of_life()
    {
        Write(Here() with { Host = "faraway", Machine = "another" });
        string said = Assert.Throws<InvalidInputException>(Take).Message;
        Assert.Contains("faraway", said, StringComparison.Ordinal);
        Assert.Contains("sign of life", said, StringComparison.Ordinal);
        Assert.Throws<InvalidInputException>(() => RunLock.EnsureFree(_folder, TimeProvider.System));

        File.SetLastWriteTimeUtc(RunLock.OwnerFile(_folder), (TimeProvider.System.GetUtcNow() - (2 * RunLock.Silence)).UtcDateTime);
        RunLock.EnsureFree(_folder, TimeProvider.System);
        using var held = Take();
        Assert.Contains("no sign of life for 180 s", Assert.Single(_notes), StringComparison.Ordinal);
    }

    [Fact]
    public void An_owner_who_was_taken_for_dead_notices()
    {
        using var held = Take();
        held.EnsureHeld();
        Write(Here() with { Token = "another" });
        Assert.Throws<InvalidInputException>(held.EnsureHeld);
    }

    [Theory]
    [InlineData("")]
    [InlineData("{")]
    [InlineData("null")]
    [InlineData("[1, 2]")]
    public void A_lock_file_whose_writing_was_cut_short_is_nobody_s(string text)
    {
        File.WriteAllText(RunLock.OwnerFile(_folder), text);
        using var held = Take();
        Assert.Empty(_notes);
    }

    private RunLock Take() => RunLock.Take(_folder, TimeProvider.System, _notes.Add);

    private static RunOwner Here() => RunOwner.Current(TimeProvider.System.GetUtcNow());

    private void Write(RunOwner owner) => File.WriteAllText(RunLock.OwnerFile(_folder), owner.ToJson());

    // The number of a process that has been and is no more.
    private static int Gone()
    {
        using var process = Process.Start("dotnet", "--version");
        process.WaitForExit();
        return process.Id;
    }
}
