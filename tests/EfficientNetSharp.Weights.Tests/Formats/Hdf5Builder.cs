using System.Buffers.Binary;
using System.Text;
using EfficientNetSharp.Models;

namespace EfficientNetSharp.Weights.Tests.Formats;

/// <summary>
/// Writes small HDF5 files of groups, float datasets and text attributes, in the oldest form of each (object headers of version 1 with
/// link messages), so that tests can make Keras files of any names. Names are paths.
/// </summary>
public sealed class Hdf5Builder
{
    private readonly Group _root = new();

    private sealed class Group
    {
        public SortedDictionary<string, Group> Groups { get; } = new(StringComparer.Ordinal);

        public SortedDictionary<string, WeightTensor> Datasets { get; } = new(StringComparer.Ordinal);

        public List<(string Name, string[] Texts)> Attributes { get; } = [];
    }

    public void Add(string path, WeightTensor tensor)
    {
        int slash = path.LastIndexOf('/');
        Find(slash < 0 ? "" : path[..slash]).Datasets[path[(slash + 1)..]] = tensor;
    }

    /// <summary>An attribute of a group: a text, or a list of texts.</summary>
    public void Attribute(string group, string name, params string[] texts) => Find(group).Attributes.Add((name, texts));

    public byte[] ToArray()
    {
        using var file = new MemoryStream();
        // Superblock of version 0: signature, versions, sizes of addresses, …, base, …, the root's header.
        file.Write([0x89, (byte)'H', (byte)'D', (byte)'F', (byte)'\r', (byte)'\n', 0x1a, (byte)'\n', 0, 0, 0, 0, 0, 8, 8, 0]);
        file.Write(new byte[80]);
        long root = Write(file, _root);
        byte[] bytes = file.ToArray();
        BinaryPrimitives.WriteInt64LittleEndian(bytes.AsSpan(64), root);
        return bytes;
    }

    private Group Find(string path)
    {
        var group = _root;
        foreach (string part in path.Split('/', StringSplitOptions.RemoveEmptyEntries))
        {
            if (!group.Groups.TryGetValue(part, out var inner)) group.Groups[part] = inner = new Group();
            group = inner;
        }

        return group;
    }

    private static long Write(MemoryStream file, Group group)
    {
        var messages = new List<(int Type, byte[] Data)>();
        foreach (var (name, inner) in group.Groups) messages.Add((0x06, Link(name, Write(file, inner))));
        foreach (var (name, tensor) in group.Datasets) messages.Add((0x06, Link(name, Write(file, tensor))));
        foreach (var (name, texts) in group.Attributes) messages.Add((0x0c, Text(name, texts)));
        return WriteHeader(file, messages);
    }

    private static long Write(MemoryStream file, WeightTensor tensor)
    {
        long address = Align(file);
        foreach (float value in tensor.Values) file.Write(BitConverter.GetBytes(value));
        byte[] layout = [3, 1, .. BitConverter.GetBytes(address), .. BitConverter.GetBytes(tensor.Values.Length * 4L)];
        byte[] space = [1, (byte)tensor.Shape.Length, 0, 0, 0, 0, 0, 0, .. tensor.Shape.SelectMany(side => BitConverter.GetBytes((long)side))];
        // Class 1, version 1; little-endian IEEE of 32 bits.
        byte[] type = [0x11, 0x20, 0x1f, 0, 4, 0, 0, 0, 0, 0, 32, 0, 23, 8, 0, 23, 127, 0, 0, 0];
        return WriteHeader(file, [(0x01, space), (0x03, type), (0x08, layout)]);
    }

    // Version, flags, length of the name, name, address.
    private static byte[] Link(string name, long address) =>
        [1, 0, (byte)name.Length, .. Encoding.ASCII.GetBytes(name), .. BitConverter.GetBytes(address)];

    // Version 1: lengths of name, type and space, each part filled up to eight bytes; texts of a fixed length.
    private static byte[] Text(string name, string[] texts)
    {
        int size = texts.Max(Encoding.UTF8.GetByteCount);
        byte[] title = Padded([.. Encoding.ASCII.GetBytes(name), 0]), type = [0x13, 0, 0, 0, .. BitConverter.GetBytes(size)];
        byte[] space = texts.Length == 1 ? [1, 0, 0, 0, 0, 0, 0, 0] : [1, 1, 0, 0, 0, 0, 0, 0, .. BitConverter.GetBytes((long)texts.Length)];
        byte[] data = [.. texts.SelectMany(text => (byte[])[.. Encoding.UTF8.GetBytes(text), .. new byte[size - Encoding.UTF8.GetByteCount(text)]])];
        return [1, 0, .. BitConverter.GetBytes((short)(name.Length + 1)), .. BitConverter.GetBytes((short)type.Length),
            .. BitConverter.GetBytes((short)space.Length), .. title, .. Padded(type), .. Padded(space), .. data];
    }

    private static long WriteHeader(MemoryStream file, List<(int Type, byte[] Data)> messages)
    {
        byte[] body = [.. messages.SelectMany(message => (byte[])[.. BitConverter.GetBytes((short)message.Type),
            .. BitConverter.GetBytes((ushort)Padded(message.Data).Length), 0, 0, 0, 0, .. Padded(message.Data)])];
        long address = Align(file);
        file.Write([1, 0, .. BitConverter.GetBytes((short)messages.Count), 1, 0, 0, 0, .. BitConverter.GetBytes(body.Length), 0, 0, 0, 0]);
        file.Write(body);
        return address;
    }

    private static byte[] Padded(byte[] data) => [.. data, .. new byte[(8 - (data.Length % 8)) % 8]];

    private static long Align(MemoryStream file)
    {
        file.Write(new byte[(8 - (file.Length % 8)) % 8]);
        return file.Length;
    }
}
