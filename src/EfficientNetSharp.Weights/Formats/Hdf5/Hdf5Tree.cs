using EfficientNetSharp.Formats;

namespace EfficientNetSharp.Weights.Formats.Hdf5;

/// <summary>Walks a B-tree of version 1 (section III.A.1), which indexes the symbols of a group or the chunks of a dataset.</summary>
internal static class Hdf5Tree
{
    // Signature, kind, level, entries, two siblings.
    private const int HeaderBytes = 24;

    // A tree of this many levels, of 2 branches a node at least, has more leaves than a file can have.
    private const int MaxLevels = 32;

    /// <summary>The leaves in order: where the key in front of each is, and the address it leads to.</summary>
    /// <param name="file">The file.</param>
    /// <param name="source">Its bytes.</param>
    /// <param name="root">Address of the root; all ones for an empty tree.</param>
    /// <param name="kind">0 for groups, 1 for chunks.</param>
    /// <param name="keyBytes">Bytes of a key.</param>
    /// <exception cref="InvalidInputException">The tree is damaged or leads in circles.</exception>
    public static IEnumerable<(long Key, long Child)> FindLeaves(Hdf5File file, ByteSource source, long root, byte kind, int keyBytes)
    {
        if (root == -1) yield break;
        var waiting = new Stack<(long Address, int Level)>([(root, -1)]);
        long left = source.Length / HeaderBytes;
        while (waiting.TryPop(out var node))
        {
            // In a circle there are more nodes than the file has room for.
            if (--left < 0) throw file.Damaged("a tree in it leads in circles");
            var (level, entries) = ReadHeader(file, source, node.Address, kind);
            if (level > MaxLevels
                || (node.Level >= 0 && level != node.Level - 1)) throw file.Damaged("a tree in it has nodes on wrong levels");
            for (int i = 0; i < entries; i++)
            {
                // The children of an inner node are pushed last first, so that they come out in order.
                int entry = level == 0 ? i : entries - 1 - i;
                long key = node.Address + HeaderBytes + ((long)entry * (keyBytes + sizeof(long)));
                source.Position = key + keyBytes;
                long child = (long)source.ReadUInt64();
                if (level == 0)
                    yield return (key, child);
                else
                    waiting.Push((child, level));
            }
        }
    }

    private static (int Level, int Entries) ReadHeader(Hdf5File file, ByteSource source, long address, byte kind)
    {
        source.Position = address;
        Span<byte> start = stackalloc byte[6];
        source.ReadExactly(start);
        if (!start.StartsWith("TREE"u8) || start[4] != kind) throw file.Damaged("a tree in it is not where it should be");
        return (start[5], source.ReadUInt16());
    }
}
