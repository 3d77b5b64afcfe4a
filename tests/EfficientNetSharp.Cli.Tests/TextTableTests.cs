using EfficientNetSharp.Cli.Support;
using EfficientNetSharp.Randomness;

namespace EfficientNetSharp.Cli.Tests;

/// <summary>Tables of any content on terminals of any width.</summary>
public sealed class TextTableTests
{
    [Theory]
    [InlineData(40)]
    [InlineData(80)]
    [InlineData(200)]
    public void Words_are_never_broken_and_nothing_is_lost(int width)
    {
        var random = new SeededRandom((ulong)width);
        for (int round = 0; round < 200; round++)
        {
            int columns = 1 + random.NextInt(9), rows = random.NextInt(6);
            var table = new TextTable();
            var words = new List<string>();
            for (int i = 0; i < columns; i++) _ = i % 2 == 0 ? table.Left(Cell()) : table.Right(Cell());
            for (int i = 0; i < rows; i++) table.Add([.. Enumerable.Range(0, columns).Select(_ => Cell())]);
            var lines = table.Lines(width).ToList();
            string[] shown = [.. lines.SelectMany(line => line.Line.Split(' ', StringSplitOptions.RemoveEmptyEntries))];
            Assert.All(words, word => Assert.Contains(word, shown));
            Assert.All(lines, line => Assert.True(line.Line.Length <= width, $"{line.Line.Length} of {width}: {line.Line}"));
            Assert.Contains(lines, line => line.IsHead);

            // Two columns of names fit side by side; a text of several words may be longer than the line.
            string Cell()
            {
                string[] cell = [.. Enumerable.Range(0, random.NextInt(10) == 0 ? 12 : 1).Select(_ => $"w{words.Count}{new string('x', random.NextInt(width / 3))}")];
                if (cell.Length > 1) cell = [.. cell.Select(word => word[..Math.Min(8, word.Length)])];
                words.AddRange(cell);
                return string.Join(' ', cell);
            }
        }
    }

    [Theory]
    [InlineData(1, "1 image")]
    [InlineData(0, "0 images")]
    [InlineData(2000, "2,000 images")]
    public void Counts_agree_with_their_words(long count, string expected) => Assert.Equal(expected, NumberText.Counted(count, "image"));
}
