using System.Collections.Immutable;
using EfficientNetSharp.Evaluation;

namespace EfficientNetSharp.Training.Probing;

/// <summary>What classifiers say of some images.</summary>
/// <param name="Images">[N], the images' numbers in their dataset.</param>
/// <param name="Labels">[N].</param>
/// <param name="Logits">[N,K], row-major.</param>
internal sealed record LogitTable(ImmutableArray<int> Images, ImmutableArray<int> Labels, float[] Logits)
{
    /// <summary>No images.</summary>
    public static LogitTable Empty { get; } = new([], [], []);

    /// <summary>What heads say of the first views of a table's images.</summary>
    /// <param name="table">The features.</param>
    /// <param name="rows">Which of the images.</param>
    /// <param name="headOf">The head of each.</param>
    public static LogitTable Of(FeatureTable table, int[] rows, Func<int, LinearHead> headOf)
    {
        int classes = rows.Length == 0 ? 0 : headOf(rows[0]).Classes;
        float[] logits = new float[rows.Length * classes];
        for (int i = 0; i < rows.Length; i++) headOf(rows[i]).Apply(table.Row(rows[i]), logits.AsSpan(i * classes, classes));
        return new LogitTable([.. rows.Select(row => table.Images[row])], [.. rows.Select(row => table.Labels[row])], logits);
    }

    /// <summary>The rows of some images.</summary>
    /// <param name="images">The images' numbers.</param>
    public LogitTable Of(IReadOnlySet<int> images)
    {
        int[] rows = [.. Enumerable.Range(0, Images.Length).Where(row => images.Contains(Images[row]))];
        int classes = Images.Length == 0 ? 0 : Logits.Length / Images.Length;
        return new LogitTable(
            [.. rows.Select(row => Images[row])], [.. rows.Select(row => Labels[row])],
            [.. rows.SelectMany(row => Logits[(row * classes)..((row + 1) * classes)])]);
    }

    /// <summary>Several tables as one.</summary>
    /// <param name="tables">The tables.</param>
    public static LogitTable Join(IReadOnlyCollection<LogitTable> tables) => new(
        [.. tables.SelectMany(table => table.Images)], [.. tables.SelectMany(table => table.Labels)],
        [.. tables.SelectMany(table => table.Logits)]);

    /// <summary>Whether the class of the greatest value is the label, image by image.</summary>
    public bool[] AreRight()
    {
        int classes = Images.Length == 0 ? 0 : Logits.Length / Images.Length;
        return [.. Labels.Select((label, row) => IsGreatest(Logits.AsSpan(row * classes, classes), label))];
    }

    /// <summary>
    /// Whether more images are named rightly than by another table of the same ones, by more than chance: of those that only one of the two
    /// names rightly, the standard error of their difference is the root of their number (McNemar 1947).
    /// </summary>
    /// <param name="other">The other table, the same images in the same order.</param>
    public bool IsClearlyBetter(LogitTable other)
    {
        bool[] first = AreRight(), second = other.AreRight();
        int wins = first.Zip(second).Count(pair => pair is { First: true, Second: false }),
            losses = first.Zip(second).Count(pair => pair is { First: false, Second: true });
        return wins - losses > Math.Sqrt(wins + losses);
    }

    // Of equal values the first, as everywhere.
    private static bool IsGreatest(ReadOnlySpan<float> values, int place)
    {
        for (int i = 0; i < values.Length; i++)
        {
            if (values[i] > values[place] || (values[i] == values[place] && i < place)) return false;
        }

        return true;
    }

    /// <summary>How good they are.</summary>
    /// <param name="classes">Names of the classes.</param>
    public ClassificationResult Measure(ImmutableArray<string> classes)
    {
        var meter = new ClassificationMeter(classes);
        for (int i = 0; i < Images.Length; i++) meter.Add(Logits.AsSpan(i * classes.Length, classes.Length), Labels[i], Images[i]);
        return meter.ToResult();
    }
}
