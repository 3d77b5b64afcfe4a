using EfficientNetSharp.Randomness;

namespace EfficientNetSharp.Tests.Files;

/// <summary>What readers of files must bear.</summary>
internal static class HostileInput
{
    /// <summary>Runs a reader on input that it must refuse; checks that the message is one line that holds a text.</summary>
    public static InvalidInputException AssertRefused(Action read, string expected)
    {
        var refusal = Assert.Throws<InvalidInputException>(read);
        AssertOneLine(refusal);
        Assert.Contains(expected, refusal.Message, StringComparison.Ordinal);
        return refusal;
    }

    /// <summary>
    /// Changes, cuts and extends a valid file many times and reads each result: it is read or refused with one line, and never
    /// takes much memory.
    /// </summary>
    /// <param name="valid">A valid file.</param>
    /// <param name="headerLength">Bytes at its start that most changes go to.</param>
    /// <param name="path">Where to put the changed ones.</param>
    /// <param name="read">The reader.</param>
    /// <param name="seed">Names the stream of changes.</param>
    /// <param name="rounds">Number of changed files.</param>
    /// <returns>How many were refused.</returns>
    public static int Mutate(byte[] valid, int headerLength, string path, Action<string> read, ulong seed, int rounds)
    {
        // A mutated file has a few kilobytes; readers, exceptions and their traces stay far under this, a believed length does not.
        const long maxBytes = 2_000_000;
        int refused = 0;
        for (int round = 0; round < rounds; round++)
        {
            var random = new SeededRandom(seed, (ulong)round);
            byte[] bytes = MutateOnce(valid, headerLength, ref random);
            TemporaryFolder.Overwrite(path, bytes);
            long before = GC.GetAllocatedBytesForCurrentThread();
            try
            {
                read(path);
            }
            catch (InvalidInputException refusal)
            {
                AssertOneLine(refusal);
                refused++;
            }
            catch (Exception other)
            {
                Assert.Fail($"round {round} of seed {seed}: {other}");
            }

            Assert.InRange(GC.GetAllocatedBytesForCurrentThread() - before, 0, maxBytes);
        }

        return refused;
    }

    private static byte[] MutateOnce(byte[] valid, int headerLength, ref SeededRandom random)
    {
        byte[] bytes = [.. valid];
        switch (random.NextInt(6))
        {
            case 0:
                return bytes[..random.NextInt(bytes.Length)];
            case 1:
                return [.. bytes, .. new byte[1 + random.NextInt(64)]];
            case 2:
                // Numbers and punctuation are where the meaning is.
                for (int i = random.NextInt(4); i >= 0; i--) bytes[random.NextInt(headerLength)] =
                    "0123456789-+.eE\"'{}[](),:\\ \n\0\xff"u8[random.NextInt(29)];
                return bytes;
            case 3:
                int at = random.NextInt(headerLength), count = random.NextInt(headerLength - at);
                return [.. bytes[..at], .. bytes[(at + count)..]];
            case 4:
                int from = random.NextInt(headerLength), length = random.NextInt(headerLength - from), to = random.NextInt(headerLength);
                return [.. bytes[..to], .. bytes[from..(from + length)], .. bytes[to..]];
            default:
                for (int i = random.NextInt(8); i >= 0; i--) bytes[random.NextInt(random.NextInt(2) == 0 ? headerLength
                    : bytes.Length)] ^= (byte)(1 << random.NextInt(8));
                return bytes;
        }
    }

    private static void AssertOneLine(InvalidInputException refusal)
    {
        Assert.DoesNotContain('\n', refusal.Message);
        Assert.DoesNotContain('\r', refusal.Message);
        Assert.InRange(refusal.Message.Length, 10, 1000);
    }
}
