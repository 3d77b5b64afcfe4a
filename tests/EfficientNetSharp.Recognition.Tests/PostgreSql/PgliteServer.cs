using System.Diagnostics;
using System.Globalization;
using EfficientNetSharp.Recognition.PostgreSql;

namespace EfficientNetSharp.Recognition.Tests.PostgreSql;

/// <summary>
/// PostgreSQL with pgvector that npm brings (PGlite), in a process of its own: one connection at a time, without encryption. Tests are
/// skipped where it is not installed: <c>npm install</c> in the folder <c>PostgreSql/server</c>.
/// </summary>
public sealed class PgliteServer : IDisposable
{
    private static readonly string Folder = Path.Combine(FindRoot(), "tests", "EfficientNetSharp.Recognition.Tests", "PostgreSql",
        "server");

    private Process? _process;
    private int _port;

    /// <summary>Why it cannot be started; <see langword="null"/> where it can.</summary>
    public static string? Missing => !Directory.Exists(Path.Combine(Folder, "node_modules", "@electric-sql", "pglite-socket"))
        ? "PGlite is not installed: npm install in tests/EfficientNetSharp.Recognition.Tests/PostgreSql/server"
        : !HasNode() ? "node is not installed" : null;

    /// <summary>The address of a gallery in it, started with the first.</summary>
    public PostgreSqlAddress AddressOf(string gallery)
    {
        if (_process is null || _process.HasExited) Start();
        return new PostgreSqlAddress(
            $"Host=127.0.0.1;Port={_port};Database=postgres;Username=postgres;SSL Mode=Disable;Pooling=false;Timeout=60;Command Timeout=120;Multiplexing=false", gallery)
        {
            MaxConnections = 1,
        };
    }

    /// <summary>Ends it as a power cut does.</summary>
    public void Kill()
    {
        _process?.Kill();
        _process?.WaitForExit();
        _process?.Dispose();
        _process = null;
    }

    public void Dispose() => Kill();

    private void Start()
    {
        _process = Process.Start(new ProcessStartInfo("node", "server.mjs")
        {
            WorkingDirectory = Folder, RedirectStandardInput = true, RedirectStandardOutput = true,
        })!;
        string line = _process.StandardOutput.ReadLine() ?? throw new InvalidOperationException("PGlite did not start.");
        _port = int.Parse(line, CultureInfo.InvariantCulture);
    }

    private static bool HasNode()
    {
        try
        {
            using var process = Process.Start(new ProcessStartInfo("node", "--version") { RedirectStandardOutput = true })!;
            process.WaitForExit();
            return process.ExitCode == 0;
        }
        catch (System.ComponentModel.Win32Exception)
        {
            return false;
        }
    }

    private static string FindRoot()
    {
        string folder = AppContext.BaseDirectory;
        while (!File.Exists(Path.Combine(folder, "EfficientNetSharp.slnx"))) folder = Path.GetDirectoryName(folder)!;
        return folder;
    }
}
