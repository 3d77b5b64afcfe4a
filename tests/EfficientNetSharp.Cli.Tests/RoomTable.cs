using System.Collections.Immutable;

namespace EfficientNetSharp.Cli.Tests;

/// <summary>The table of docs/architecture.md: each room, and the rooms and packages that it may use.</summary>
internal sealed class RoomTable
{
    private const string Header = "| project | holds | may use |", Core = "EfficientNetSharp";

    private readonly Dictionary<string, ImmutableArray<string>> _named = new(StringComparer.Ordinal);

    /// <summary>Reads the table of a page.</summary>
    /// <param name="page">The page in Markdown.</param>
    /// <param name="packages">The packages that there are; any other name is a room's.</param>
    /// <exception cref="FormatException">There is no such table, or it names what is neither a room of it nor a package.</exception>
    public RoomTable(string page, IEnumerable<string> packages)
    {
        var rows = page.ReplaceLineEndings("\n").Split('\n')
            .SkipWhile(line => line != Header).Skip(2).TakeWhile(line => line.StartsWith('|')).ToList();
        if (rows.Count == 0) throw new FormatException($"There is no table '{Header}'.");
        foreach (string[] cells in rows.Select(row => row.Trim('|', ' ').Split(" | ")))
        {
            if (cells.Length != 3) throw new FormatException($"A row of the rooms has {cells.Length} cells: {string.Join(" | ", cells)}");
            string room = cells[0].Trim('`');
            ImmutableArray<string> used = cells[2] == "base class library" ? [] : [.. cells[2].Split(", ")];
            if (!_named.TryAdd(room, used)) throw new FormatException($"The room {room} has two rows.");
        }

        var known = packages.ToHashSet(StringComparer.Ordinal);
        foreach (var (room, used) in _named.ToList())
        {
            _named[room] = used is ["all"] ? [.. _named.Keys.Where(other => other != room)] : [.. used.Select(FullName)];
            if (_named[room].FirstOrDefault(name => !_named.ContainsKey(name) && !known.Contains(name)) is { } unknown)
                throw new FormatException($"{room} may use {unknown}, which is neither a room of the table nor a package.");
        }
    }

    public IReadOnlyCollection<string> Rooms => _named.Keys;

    /// <summary>The rooms that a room may use: those that it names, and those that they may use.</summary>
    public IReadOnlySet<string> RoomsFor(string room)
    {
        var reached = new HashSet<string>(StringComparer.Ordinal);
        var next = new Stack<string>([room]);
        while (next.TryPop(out string? at))
        {
            foreach (string other in _named[at].Where(_named.ContainsKey))
                if (reached.Add(other)) next.Push(other);
        }

        return reached;
    }

    /// <summary>The packages that a room may use: those that it names.</summary>
    public IReadOnlySet<string> PackagesFor(string room) =>
        _named[room].Where(name => !_named.ContainsKey(name)).ToHashSet(StringComparer.Ordinal);

    private string FullName(string name) => name == "core" ? Core : _named.ContainsKey($"{Core}.{name}") ? $"{Core}.{name}" : name;
}
