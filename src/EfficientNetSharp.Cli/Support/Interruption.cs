using System.Runtime.InteropServices;

namespace EfficientNetSharp.Cli.Support;

/// <summary>
/// Ctrl-C and the request to terminate. The first asks the work to stop in good order, and ends the process where it has not within a
/// moment: a read from a pipe, a native call or a full pipe cannot be asked. The second ends it at once.
/// </summary>
internal sealed partial class Interruption : IDisposable
{
    // What a shell says of a process that ended by a signal: 128 and its number (POSIX.1-2024, Shell Command Language, 2.8.2).
    private const int ByInterrupt = 130, ByTermination = 143;

    // A service manager or a person has waited long enough after two seconds.
    private static readonly TimeSpan Grace = TimeSpan.FromMilliseconds(1200), ForTheMessage = TimeSpan.FromMilliseconds(100);

    private readonly CancellationTokenSource _source = new();
    private readonly List<PosixSignalRegistration> _registrations;
    private int _signals;

    public Interruption() => _registrations =
    [
        PosixSignalRegistration.Create(PosixSignal.SIGINT, signal => Receive(signal, ByInterrupt)),
        PosixSignalRegistration.Create(PosixSignal.SIGTERM, signal => Receive(signal, ByTermination)),
    ];

    /// <summary>Cancelled by the first signal.</summary>
    public CancellationToken Token => _source.Token;

    /// <summary>What the process ends with once it was interrupted.</summary>
    public int ExitCode { get; private set; } = ByInterrupt;

    /// <summary>Says a line to the person, where the process is ended.</summary>
    public Action<string> Tell { get; set; } = _ => { };

    public void Dispose()
    {
        foreach (var registration in _registrations) registration.Dispose();
        _source.Dispose();
    }

    private void Receive(PosixSignalContext signal, int code)
    {
        signal.Cancel = true;
        if (Interlocked.Increment(ref _signals) > 1) End(code);
        ExitCode = code;
        // Before the work is asked: what listens to the token may take as long as the work.
        new Thread(() =>
        {
            Thread.Sleep(Grace);
            Say("effnet: Interrupted; what was under way did not stop in time and was ended.");
            End(code);
        })
        { IsBackground = true, Name = "Interruption" }.Start();
        _source.Cancel();
    }

    // Standard error may be a pipe that nobody reads.
    private void Say(string line)
    {
        var writer = new Thread(() => Tell(line)) { IsBackground = true };
        writer.Start();
        writer.Join(ForTheMessage);
    }

    // Without what .NET and libraries do at an orderly end, which may wait for the very call that does not return.
    private static void End(int code)
    {
        if (OperatingSystem.IsWindows()) Environment.Exit(code);
        else ExitNow(code);
    }

    [LibraryImport("libc", EntryPoint = "_exit")]
    private static partial void ExitNow(int code);
}
