using System.Runtime.InteropServices;
using TorchSharp;

namespace EfficientNetSharp.Training.Torch;

/// <summary>Settings of the process that libtorch runs in.</summary>
public static partial class TorchRuntime
{
    // glibc's malloc.h: parameter numbers of mallopt.
    private const int TrimThreshold = -1, MmapMax = -4;
    private static int _prepared;

    /// <summary>
    /// Loads libtorch and tells the C library to keep freed memory. Each step frees and takes hundreds of megabytes; handing
    /// them back to the system means that it clears every page anew, which on Linux more than doubles the time of a step.
    /// Further calls do nothing.
    /// </summary>
    /// <exception cref="InvalidInputException">libtorch does not load; the message says what is missing.</exception>
    public static void Prepare()
    {
        if (Interlocked.Exchange(ref _prepared, 1) != 0) return;
        SetEnvironment();
        try
        {
            torch.InitializeDeviceType(DeviceType.CPU);
        }
        catch (Exception exception) when (exception is TypeInitializationException or NotSupportedException or DllNotFoundException)
        {
            _prepared = 0;
            throw new InvalidInputException(
                $"libtorch does not load ({exception.GetBaseException().Message.Split('\n')[0].Trim()}); 'effnet doctor' says what is missing.", exception);
        }

        DefaultThreads = Threads;
        KeepFreedMemory(true);
    }

    // Read by the native libraries as they load; what the user has set stays. .NET's own environment is a copy that they do not see.
    private static void SetEnvironment()
    {
        if (!OperatingSystem.IsLinux()) return;
        try
        {
            // Waiting threads sleep at once. By default they spin, and where anything else runs (the loader's threads, another
            // program) they spin away the time of the one they wait for: steps were six times as slow on a busy machine.
            _ = SetVariable("GOMP_SPINCOUNT", "0", 0);
        }
        catch (Exception exception) when (exception is EntryPointNotFoundException or DllNotFoundException)
        {
            // Slower where the machine is busy, but right.
        }
    }

    /// <summary>Threads that libtorch computes with.</summary>
    public static int Threads
    {
        get => torch.get_num_threads();
        set => torch.set_num_threads(value);
    }

    /// <summary>
    /// The threads that libtorch takes of its own accord, known once it is prepared. Who is not told a number sets this one, as another
    /// may be set.
    /// </summary>
    public static int DefaultThreads { get; private set; } = Environment.ProcessorCount;

    /// <summary>
    /// Whether the C library keeps freed memory; <see langword="false"/> brings its defaults back. No effect but on glibc.
    /// </summary>
    internal static void KeepFreedMemory(bool keep)
    {
        if (!OperatingSystem.IsLinux()) return;
        try
        {
            // Defaults: 65,536 mappings, trimmed above 128 KiB; −1 turns trimming off (glibc manual, "Malloc Tunable Parameters").
            _ = MallocOption(MmapMax, keep ? 0 : 65_536);
            _ = MallocOption(TrimThreshold, keep ? -1 : 128 * 1024);
        }
        catch (Exception exception) when (exception is EntryPointNotFoundException or DllNotFoundException)
        {
            // Another C library, such as musl: it has no such setting.
        }
    }

    [LibraryImport("libc.so.6", EntryPoint = "setenv", StringMarshalling = StringMarshalling.Utf8)]
    private static partial int SetVariable(string name, string value, int overwrite);

    [LibraryImport("libc.so.6", EntryPoint = "mallopt")]
    private static partial int MallocOption(int parameter, int value);
}
