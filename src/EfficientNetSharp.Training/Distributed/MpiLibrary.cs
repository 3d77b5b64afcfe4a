using System.Reflection;
using System.Runtime.InteropServices;

namespace EfficientNetSharp.Training.Distributed;

/// <summary>
/// Leads MPI.NET, which asks for Microsoft's MPI, to MPICH. The two have the same binary interface where we use it: handles are 32-bit
/// numbers with the same values (mpi.h of both). Open MPI's handles are pointers, so it does not fit.
/// </summary>
internal static class MpiLibrary
{
    // MPICH's ABI version 12 is that of all MPICH 3 and 4 and of its derivatives (www.mpich.org/abi).
    private const string Mpich = "libmpich.so.12", MicrosoftMpi = "msmpi.dll";

    /// <summary>MPI_IN_PLACE of MPICH's mpi.h: sums replace what they are made of.</summary>
    public static readonly nint InPlace = -1;

    static MpiLibrary() => NativeLibrary.SetDllImportResolver(typeof(MPI.Unsafe).Assembly, Resolve);

    /// <summary>Loads MPICH.</summary>
    /// <exception cref="InvalidInputException">It is not there; the message says what to install.</exception>
    public static void Load()
    {
        string name = OperatingSystem.IsWindows() ? MicrosoftMpi : Mpich;
        if (NativeLibrary.TryLoad(name, typeof(MPI.Unsafe).Assembly, null, out _)) return;
        throw new InvalidInputException(OperatingSystem.IsWindows()
            ? "Training on several processes needs Microsoft MPI, and msmpi.dll does not load; install it from Microsoft's site."
            : $"Training on several processes needs MPICH, and {Mpich} does not load; install it, on Debian or Ubuntu by 'apt-get install -y mpich'.");
    }

    private static nint Resolve(string name, Assembly assembly, DllImportSearchPath? path) =>
        name == MicrosoftMpi && !OperatingSystem.IsWindows() ? NativeLibrary.Load(Mpich, assembly, path) : 0;
}
