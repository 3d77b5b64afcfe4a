using System.Text;
using EfficientNetSharp.Architectures;
using EfficientNetSharp.Files;

namespace EfficientNetSharp.Models;

/// <summary>
/// An architecture as people name it: a registered name, or a <c>.json</c> file such as <c>effnet scale -o</c> writes, and behind either what
/// is to be otherwise (<see cref="ArchitectureOptions"/>), as in <c>efficientnet_b0:head=gdc,stem=1</c>.
/// </summary>
public static class ArchitectureFile
{
    // L2's table takes 2 KB; what is far larger is another file.
    private const int MaxBytes = 1 << 20;

    /// <summary>Whether the text means a file rather than a name.</summary>
    /// <param name="given">The text.</param>
    public static bool IsFile(string given) =>
        ArchitectureOptions.NameOf(given).EndsWith(".json", StringComparison.OrdinalIgnoreCase);

    /// <summary>Finds or reads the architecture, and makes sure that it is a network.</summary>
    /// <param name="given">A registered name, or a <c>.json</c> file; options may follow.</param>
    /// <exception cref="InvalidInputException">
    /// There is none of that name, the file cannot be used, or the network cannot be as the options want it.
    /// </exception>
    public static Architecture Get(string given)
    {
        var (name, options) = ArchitectureOptions.Split(given);
        return options.Apply(IsFile(name) ? Read(name) : ArchitectureRegistry.Get(name));
    }

    private static Architecture Read(string path)
    {
        using var file = InputFile.Open(path);
        if (file.Length is 0 or > MaxBytes)
            throw new InvalidInputException(
                $"'{path}' is expected to be an architecture as JSON, found {file.Length} bytes; name a file that 'effnet scale -o' wrote.");
        var bytes = new byte[file.Length];
        file.ReadExactly(0, bytes);
        try
        {
            var architecture = ModelJson.ParseArchitecture(Encoding.UTF8.GetString(bytes).TrimStart('\uFEFF'));
            architecture.Build();
            return architecture;
        }
        catch (Exception e) when (e is InvalidInputException or ArgumentException or OverflowException)
        {
            // Numbers that are each in range can still be no network together, such as a kernel larger than its map.
            throw new InvalidInputException($"'{path}' is not a usable architecture: {OneLine.Clean(e.Message, 300)}", e);
        }
    }
}
