using System.Text;
using EfficientNetSharp.Testing.Hostile.Containers;

namespace EfficientNetSharp.Testing.Hostile;

/// <summary>
/// Makes hostile files out of valid ones. What lies in containers – archives, compressed bytes, records, messages – is taken out,
/// changed and put back with lengths and checksums that are right again, so that changes get past the door; or the whole is changed
/// blindly.
/// </summary>
/// <param name="kinds">The containers that files of this format are or hold.</param>
/// <param name="words">Pieces that mean something to the format.</param>
public sealed class Mutator(IReadOnlyList<IContainer> kinds, IReadOnlyList<byte[]> words)
{
    private const int MaxDepth = 4;

    /// <summary>A mutator that knows of no containers.</summary>
    public static Mutator Blind { get; } = new([], []);

    /// <summary>Words as bytes; their characters are bytes of the same number.</summary>
    public static byte[][] Words(params ReadOnlySpan<string> texts) => [.. texts.ToArray().Select(Encoding.Latin1.GetBytes)];

    /// <summary>A changed copy.</summary>
    /// <param name="bytes">A valid file.</param>
    /// <param name="donor">Another, of which pieces may come.</param>
    /// <param name="dice">Chooses.</param>
    public byte[] Mutate(byte[] bytes, byte[] donor, Dice dice)
    {
        byte[] result = bytes;
        for (int changes = dice.Length(4); changes > 0; changes--) result = MutateOnce(result, donor, dice, 0);
        return result;
    }

    private byte[] MutateOnce(byte[] bytes, byte[] donor, Dice dice, int depth)
    {
        if (depth < MaxDepth && !dice.OnceIn(3))
        {
            foreach (var kind in kinds)
            {
                if (kind.Open(bytes) is { Parts.Count: > 0 } contents) return MutateInside(contents, donor, dice, depth);
            }
        }

        return ByteMutations.Apply(bytes, words, donor, dice);
    }

    private byte[] MutateInside(ContainerContents contents, byte[] donor, Dice dice, int depth)
    {
        var parts = contents.Parts.ToList();
        int at = dice.Next(parts.Count);
        switch (dice.Next(10))
        {
            case 0 when parts.Count > 1:
                parts.RemoveAt(at);
                break;
            case 1:
                for (int copies = dice.Length(64); copies > 0; copies--) parts.Insert(at, parts[at]);
                break;
            case 2 when parts.Count > 1:
                int other = dice.Next(parts.Count);
                (parts[at], parts[other]) = (parts[other], parts[at]);
                break;
            default:
                parts[at] = parts[at] with { Bytes = MutateOnce(parts[at].Bytes, donor, dice, depth + 1) };
                break;
        }

        return contents.Join(parts);
    }
}
