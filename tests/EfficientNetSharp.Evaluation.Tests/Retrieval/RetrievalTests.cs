using EfficientNetSharp.Evaluation.Reports.Retrieval;
using EfficientNetSharp.Evaluation.Retrieval;
using EfficientNetSharp.Randomness;

namespace EfficientNetSharp.Evaluation.Tests.Retrieval;

public sealed class RetrievalTests
{
    [Fact]
    public void Worked_out_by_hand()
    {
        // Directions in degrees; the nearest by angle. Class 0 at 0, 10 and 40, class 1 at 25 and 31, class 2 alone at 90.
        float[] angles = [0, 10, 40, 25, 31, 90];
        var rows = Rows(angles);
        int[] labels = [0, 0, 0, 1, 1, 2];
        var result = Evaluate(rows, labels, new RetrievalOptions { RecallAt = [1, 2, 3, 100] });
        Assert.Equal((5, 1, 5, 2), (result.Queries, result.WithoutRelevant, result.Gallery, result.Classes));

        // The ranks of the own class:
        //  0: 10° (1), 25°, 31°, 40° (4)    AP (1 + 2/4)/2   at R = 2: 1/2
        // 10: 0° (1), 25°, 31° , 40° (4)    the same: distances 10, 15, 21, 30
        // 40: 31°, 25°, 10° (3), 0° (4)     AP (1/3 + 2/4)/2 at R: 0
        // 25: 31° (1)                       AP 1
        // 31: 25° (1)                       AP 1
        Assert.Equal([0.8, 0.8, 1, 1], result.Recall.Select(recall => recall.Recall.Value));
        Assert.Equal([1, 2, 3, 100], result.Recall.Select(recall => recall.K));
        Assert.Equal((0.75 + 0.75 + (5 / 12.0) + 1 + 1) / 5, result.MeanAveragePrecision.Value, 12);
        Assert.Equal((0.5 + 0.5 + 0 + 1 + 1) / 5, result.MeanAveragePrecisionAtR.Value, 12);
        Assert.Equal((0.5 + 0.5 + 0 + 1 + 1) / 5, result.RPrecision.Value, 12);
    }

    [Fact]
    public void Queries_that_are_missed_and_classes_are_told_one_by_one()
    {
        float[] angles = [0, 10, 40, 25, 31, 90];
        var rows = Rows(angles);
        var result = Evaluate(rows, [0, 0, 0, 1, 1, 2], new RetrievalOptions());
        var miss = Assert.Single(result.Worst);
        // 40° finds 31° and 25° first.
        Assert.Equal((2, 4, 1, 3), (miss.Query, miss.Nearest, miss.Right, miss.Rank));
        Assert.Equal(Math.Cos(9 * Math.PI / 180), miss.Cosine, 1e-5);
        Assert.Equal(Math.Cos(30 * Math.PI / 180), miss.RightCosine, 1e-5);
        Assert.Equal([new ClassRetrieval(0, 3, 2, 1 / 3.0), new ClassRetrieval(1, 2, 2, 1)], result.ByClass);
        Assert.Empty(Evaluate(rows, [0, 0, 0, 1, 1, 2], new RetrievalOptions { WorstQueries = 0 }).Worst);

        string page = new RetrievalReport
        {
            Result = result, ClassName = label => $"class <{label}>", QueryLabel = row => 0, QueryName = row => $"{row}.png",
            QueryThumbnail = _ => [1, 2, 3],
        }.ToHtml();
        var document = System.Xml.Linq.XDocument.Parse(page);
        Assert.Contains("class <0>", document.Root!.Value, StringComparison.Ordinal);
        Assert.Contains("place 3", document.Root.Value, StringComparison.Ordinal);
        Assert.Contains("4.png", document.Root.Value, StringComparison.Ordinal);
    }

    [Fact]
    public void The_worst_queries_are_those_of_a_slow_search()
    {
        var (rows, labels) = Random(11, 300, 9, 25, doubled: false);
        var (queries, queryLabels) = Random(12, 80, 9, 25, doubled: false);
        var result = Evaluate(queries, queryLabels, rows, labels, new RetrievalOptions { WorstQueries = 500 });
        foreach (var miss in result.Worst)
        {
            double[] cosines = [.. Enumerable.Range(0, 300).Select(row => Cosine(queries[miss.Query], rows[row]))];
            Assert.NotEqual(queryLabels[miss.Query], labels[miss.Nearest]);
            Assert.Equal(queryLabels[miss.Query], labels[miss.Right]);
            Assert.Equal(cosines.Max(), cosines[miss.Nearest], 1e-5);
            Assert.Equal(miss.Rank, 1 + cosines.Count(cosine => cosine > cosines[miss.Right]));
        }

        Assert.Equal(result.Queries - result.Worst.Length, result.ByClass.Sum(own => own.Found));
        Assert.Equal(result.Worst.Select(miss => miss.Rank).OrderDescending(), result.Worst.Select(miss => miss.Rank));
    }

    // Depths beside the widths of vectors, classes below and above where relevant rows are compared one by one, blocks that are not full.
    [Theory]
    [InlineData(1, 40, 5, 3, false)]
    [InlineData(2, 300, 17, 20, false)]
    [InlineData(3, 700, 16, 4, false)]
    [InlineData(4, 257, 1, 30, true)]
    [InlineData(5, 200, 8, 10, true)]
    [InlineData(6, 150, 3, 1, true)]
    [InlineData(7, 520, 33, 260, true)]
    public void Agrees_with_sorting(ulong seed, int count, int length, int classes, bool doubled)
    {
        var (rows, labels) = Random(seed, count, length, classes, doubled);
        int[] at = [1, 2, 5, 50];
        var result = Evaluate(rows, labels, new RetrievalOptions { RecallAt = [.. at] });
        var expected = BruteForce(rows, labels, rows, labels, isSame: true, at);
        AssertSame(expected, result);

        var (queries, queryLabels) = Random(seed + 100, count / 3, length, classes + 2, doubled);
        AssertSame(
            BruteForce(queries, queryLabels, rows, labels, isSame: false, at),
            Evaluate(queries, queryLabels, rows, labels, new RetrievalOptions { RecallAt = [.. at] }));
    }

    [Fact]
    public void Neither_threads_nor_the_order_nor_lengths_matter()
    {
        var (rows, labels) = Random(9, 900, 12, 40, doubled: true);
        var one = Evaluate(rows, labels, new RetrievalOptions { Threads = 1 });
        Assert.Equal(Flat(one), Flat(Evaluate(rows, labels, new RetrievalOptions { Threads = 5 })));
        int[] order = [.. Enumerable.Range(0, 900)];
        new SeededRandom(1).Shuffle(order.AsSpan());
        var shuffled = new EmbeddingRows(order.SelectMany(row => rows[row].ToArray().Select(v => v * (1 << (row % 5)))).ToArray(), 12);
        var other = Evaluate(shuffled, [.. order.Select(row => labels[row])]);
        Assert.All(Flat(one).Zip(Flat(other)), pair => Assert.Equal(pair.First, pair.Second, 12));
    }

    [Fact]
    public void Embeddings_in_one_point_find_nothing()
    {
        var rows = new EmbeddingRows(Enumerable.Repeat(1f, 60 * 4).ToArray(), 4);
        int[] labels = [.. Enumerable.Range(0, 60).Select(row => row / 6)];
        var result = Evaluate(rows, labels, new RetrievalOptions { RecallAt = [1, 54, 55] });
        // All 54 of other classes come before the five of the own.
        Assert.Equal([0, 0, 1], result.Recall.Select(recall => recall.Recall.Value));
        Assert.Equal(0, result.MeanAveragePrecisionAtR.Value);
        var zeros = Evaluate(new EmbeddingRows(new float[60 * 4], 4), labels);
        Assert.Equal(0, zeros.Recall[0].Recall.Value);
    }

    [Fact]
    public void Intervals_hold_the_value_and_widen_with_fewer_classes()
    {
        var (rows, labels) = Random(12, 600, 6, 60, doubled: false);
        var many = Evaluate(rows, labels).MeanAveragePrecision;
        Assert.InRange(many.Value, many.Interval.Lower, many.Interval.Upper);
        int[] few = [.. labels.Select(label => label % 5)];
        var fewer = Evaluate(rows, few).MeanAveragePrecision;
        Assert.InRange(fewer.Value, fewer.Interval.Lower, fewer.Interval.Upper);
        Assert.Equal(many, Evaluate(rows, labels).MeanAveragePrecision);
    }

    [Fact]
    public void Where_there_is_nothing_to_find_that_is_said()
    {
        var rows = Rows([0, 10, 20]);
        Assert.Contains("two images", Assert.Throws<InvalidInputException>(
            () => Evaluate(rows, [1, 2, 3])).Message, StringComparison.Ordinal);
        Assert.Throws<InvalidInputException>(() => Evaluate(rows, [1, 2, 3], rows, [4, 5, 6]));
        Assert.Throws<ArgumentException>(() => Evaluate(rows, [1, 2]));
        Assert.Throws<ArgumentException>(() => Evaluate(rows, [1, 2, 3], new EmbeddingRows(new float[3], 3), [1]));
        Assert.Throws<ArgumentOutOfRangeException>(
            () => Evaluate(rows, [1, 1, 3], new RetrievalOptions { RecallAt = [0] }));
        using var source = new CancellationTokenSource();
        source.Cancel();
        Assert.ThrowsAny<OperationCanceledException>(() => RetrievalEvaluator.Evaluate(rows, [1, 1, 1], cancellationToken: source.Token));
    }

    private static RetrievalResult Evaluate(EmbeddingRows rows, int[] labels, RetrievalOptions? options = null) =>
        RetrievalEvaluator.Evaluate(rows, labels, options, cancellationToken: TestContext.Current.CancellationToken);

    private static RetrievalResult Evaluate(
        EmbeddingRows queries, int[] queryLabels, EmbeddingRows gallery, int[] labels, RetrievalOptions? options = null) =>
        RetrievalEvaluator.Evaluate(
            queries, queryLabels, gallery, labels, options, cancellationToken: TestContext.Current.CancellationToken);

    // Each query's ranking made by sorting, those of other classes first where distances are equal.
    private static (double[] Recall, double Map, double MapAtR, double RPrecision, int Queries) BruteForce(
        EmbeddingRows queries, int[] queryLabels, EmbeddingRows gallery, int[] labels, bool isSame, int[] at)
    {
        double[] recall = new double[at.Length];
        double map = 0, mapAtR = 0, rPrecision = 0;
        int counted = 0;
        for (int q = 0; q < queries.Count; q++)
        {
            bool[] ranking = [.. Enumerable.Range(0, gallery.Count).Where(row => !isSame || row != q)
                .OrderByDescending(row => Cosine(queries[q], gallery[row])).ThenBy(row => labels[row] == queryLabels[q])
                .Select(row => labels[row] == queryLabels[q])];
            int relevant = ranking.Count(hit => hit);
            if (relevant == 0) continue;
            counted++;
            for (int i = 0; i < at.Length; i++) recall[i] += ranking.Take(at[i]).Contains(true) ? 1 : 0;
            double sum = 0, sumAtR = 0;
            for (int i = 0, found = 0; i < ranking.Length; i++)
            {
                if (!ranking[i]) continue;
                found++;
                sum += (double)found / (i + 1);
                if (i < relevant) sumAtR += (double)found / (i + 1);
            }

            map += sum / relevant;
            mapAtR += sumAtR / relevant;
            rPrecision += (double)ranking.Take(relevant).Count(hit => hit) / relevant;
        }

        return ([.. recall.Select(sum => sum / counted)], map / counted, mapAtR / counted, rPrecision / counted, counted);
    }

    // In single precision, in which the distances of a few of the pairs are equal or the other way round.
    private static float Cosine(ReadOnlySpan<float> a, ReadOnlySpan<float> b)
    {
        float factorA = Factor(a), factorB = Factor(b), product = 0;
        for (int i = 0; i < a.Length; i++) product = float.MultiplyAddEstimate(a[i] * factorA, b[i] * factorB, product);
        return product;
    }

    private static float Factor(ReadOnlySpan<float> row)
    {
        double squares = 0;
        foreach (float value in row) squares += (double)value * value;
        return squares == 0 ? 0 : (float)(1 / Math.Sqrt(squares));
    }

    private static void AssertSame(
        (double[] Recall, double Map, double MapAtR, double RPrecision, int Queries) expected, RetrievalResult result)
    {
        Assert.Equal(expected.Queries, result.Queries);
        Assert.All(expected.Recall.Zip(result.Recall), pair => Assert.Equal(pair.First, pair.Second.Recall.Value, 12));
        Assert.Equal(expected.Map, result.MeanAveragePrecision.Value, 12);
        Assert.Equal(expected.MapAtR, result.MeanAveragePrecisionAtR.Value, 12);
        Assert.Equal(expected.RPrecision, result.RPrecision.Value, 12);
    }

    private static IEnumerable<double> Flat(RetrievalResult result) =>
        [.. result.Recall.Select(recall => recall.Recall.Value), result.MeanAveragePrecision.Value, result.MeanAveragePrecisionAtR.Value,
            result.RPrecision.Value];

    // Doubled rows are copies of another of any class: distances that are equal to the last bit.
    private static (EmbeddingRows Rows, int[] Labels) Random(ulong seed, int count, int length, int classes, bool doubled)
    {
        var random = new SeededRandom(seed);
        int[] labels = new int[count];
        float[] values = new float[count * length];
        for (int row = 0; row < count; row++)
        {
            labels[row] = random.NextInt(classes);
            if (doubled && row > 0 && random.NextInt(2) == 0)
            {
                values.AsSpan(random.NextInt(row) * length, length).CopyTo(values.AsSpan(row * length));
                continue;
            }

            for (int i = 0; i < length; i++)
                values[(row * length) + i] = (float)(random.NextGaussian() + (i == labels[row] % length ? 1 : 0));
        }

        return (new EmbeddingRows(values, length), labels);
    }

    private static EmbeddingRows Rows(float[] degrees) =>
        new(degrees.SelectMany(angle => new[] { MathF.Cos(angle * MathF.PI / 180), MathF.Sin(angle * MathF.PI / 180) }).ToArray(), 2);
}
