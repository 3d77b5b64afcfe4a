using System.Collections.Immutable;

namespace EfficientNetSharp.Evaluation.Retrieval;

/// <summary>One measurement of retrieval.</summary>
internal sealed class RetrievalRun
{
    private readonly RetrievalOptions _options;
    private readonly IProgress<double>? _progress;
    private readonly CancellationToken _cancellationToken;
    private readonly EmbeddingRows _queries, _gallery;
    private readonly int[] _queryLabels, _galleryLabels;
    private readonly bool _isSame;

    // The place of the first image of the own class, from 1.
    private readonly int[] _firsts;

    // For each class the gallery's rows of it.
    private readonly Dictionary<int, int[]> _members;

    public RetrievalRun(
        EmbeddingRows queries, ReadOnlySpan<int> queryLabels, EmbeddingRows gallery, ReadOnlySpan<int> galleryLabels, bool isSame,
        RetrievalOptions options, IProgress<double>? progress, CancellationToken cancellationToken)
    {
        if (queryLabels.Length != queries.Count)
            throw new ArgumentException($"{queries.Count} labels are expected, not {queryLabels.Length}.", nameof(queryLabels));
        if (galleryLabels.Length != gallery.Count)
            throw new ArgumentException($"{gallery.Count} labels are expected, not {galleryLabels.Length}.", nameof(galleryLabels));
        if (options.RecallAt.IsDefault || options.RecallAt.Any(k => k < 1))
            throw new ArgumentOutOfRangeException(nameof(options), "Recall is at 1 or more.");
        (_options, _progress, _cancellationToken) = (options, progress, cancellationToken);
        (_queries, _gallery, _isSame) = (queries, gallery, isSame);
        _queryLabels = queryLabels.ToArray();
        _firsts = new int[queries.Count];
        _galleryLabels = galleryLabels.ToArray();
        _members = Enumerable.Range(0, _galleryLabels.Length).GroupBy(row => _galleryLabels[row]).ToDictionary(own => own.Key, own => own.ToArray());
    }

    public RetrievalResult Measure()
    {
        int[] counted = [.. Enumerable.Range(0, _queries.Count).Where(query => RelevantTo(query) > 0)];
        if (counted.Length == 0)
        {
            throw new InvalidInputException(_isSame
                ? "Expected classes with two images or more, found none; there is nothing to find."
                : "Expected images of the queries' classes in what is searched, found none.");
        }

        int measures = _options.RecallAt.Length + 3;
        double[] values = new double[checked(_queries.Count * measures)];
        var blocks = RetrievalEvaluator.Blocks(counted.OrderBy(query => _queryLabels[query]), RelevantTo);
        var scan = new CosineScan(_queries, _gallery);
        int[] all = [.. Enumerable.Range(0, _gallery.Count)];
        int done = 0;
        var options = new ParallelOptions
        {
            CancellationToken = _cancellationToken, MaxDegreeOfParallelism = _options.Threads ?? Environment.ProcessorCount,
        };
        Parallel.ForEach(blocks, options, block =>
        {
            Measure(scan, block, all, values, measures);
            _progress?.Report((double)Interlocked.Add(ref done, block.Length) / counted.Length);
        });
        return Summarize(counted, values, measures) with { Worst = Worst(scan, counted, all) };
    }

    // The lowest cosine goes first among those of one rank.
    private ImmutableArray<MissedQuery> Worst(CosineScan scan, int[] counted, int[] all)
    {
        var worst = ImmutableArray.CreateBuilder<MissedQuery>();
        foreach (int query in counted.Where(query => _firsts[query] > 1).OrderByDescending(query => _firsts[query]).Take(_options.WorstQueries))
        {
            var collector = new Collector([new float[all.Length]]);
            scan.Run([query], all, ref collector, _cancellationToken);
            float[] cosines = collector.Cosines[0];
            var (nearest, right) = (-1, -1);
            for (int row = 0; row < cosines.Length; row++)
            {
                if (_isSame && row == query) continue;
                ref int place = ref _galleryLabels[row] == _queryLabels[query] ? ref right : ref nearest;
                if (place < 0 || cosines[row] > cosines[place]) place = row;
            }

            worst.Add(new MissedQuery(query, nearest, cosines[nearest], right, cosines[right], _firsts[query]));
        }

        return worst.ToImmutable();
    }

    private int RelevantTo(int query) =>
        _members.TryGetValue(_queryLabels[query], out int[]? own) ? own.Length - (_isSame ? 1 : 0) : 0;

    private void Measure(CosineScan scan, int[] block, int[] all, double[] values, int measures)
    {
        // The query itself is among the rows of its class where the gallery is the queries.
        float[][] relevant = new float[block.Length][];
        float[] own = new float[block.Length];
        for (int start = 0, end; start < block.Length; start = end)
        {
            int label = _queryLabels[block[start]];
            end = start + 1;
            while (end < block.Length && _queryLabels[block[end]] == label) end++;
            int[] members = _members[label];
            var collector = new Collector([.. Enumerable.Range(start, end - start).Select(_ => new float[members.Length])]);
            scan.Run(block.AsSpan(start..end), members, ref collector, _cancellationToken);
            for (int i = start; i < end; i++) (relevant[i], own[i]) = Separate(collector.Cosines[i - start], members, block[i]);
        }

        var counter = new RelevantCounter(relevant);
        scan.Run(block, all, ref counter, _cancellationToken);
        for (int i = 0; i < block.Length; i++)
            _firsts[block[i]] = Judge(relevant[i], counter.AtLeastAsNear(i), own[i], values.AsSpan(block[i] * measures, measures));
    }

    // The cosines of the other rows of the class, rising, and of the query with itself; below all cosines where it is not in the gallery.
    private (float[] Relevant, float Own) Separate(float[] cosines, int[] members, int query)
    {
        float own = float.NegativeInfinity;
        if (_isSame)
        {
            int place = Array.BinarySearch(members, query);
            own = cosines[place];
            cosines = [.. cosines[..place], .. cosines[(place + 1)..]];
        }

        Array.Sort(cosines);
        return (cosines, own);
    }

    // Returns the rank of the first.
    private int Judge(float[] rising, int[] atLeastAsNear, float own, Span<double> values)
    {
        int relevant = rising.Length, first = int.MaxValue, amongR = 0;
        double precision = 0, precisionAtR = 0;
        for (int found = 1, asNear = 0; found <= relevant; found++)
        {
            float cosine = rising[^found];
            while (asNear < relevant && rising[^(asNear + 1)] >= cosine) asNear++;
            // Of other classes, at the same distance included.
            int others = atLeastAsNear[^found] - asNear - (own >= cosine ? 1 : 0), rank = others + found;
            first = Math.Min(first, rank);
            precision += (double)found / rank;
            if (rank > relevant) continue;
            amongR++;
            precisionAtR += (double)found / rank;
        }

        var recalls = _options.RecallAt;
        for (int i = 0; i < recalls.Length; i++) values[i] = first <= recalls[i] ? 1 : 0;
        values[^3] = precision / relevant;
        values[^2] = precisionAtR / relevant;
        values[^1] = (double)amongR / relevant;
        return first;
    }

    private RetrievalResult Summarize(int[] counted, double[] values, int measures)
    {
        int[] labels = [.. counted.Select(query => _queryLabels[query])];
        var estimates = new Estimate[measures];
        for (int measure = 0; measure < measures; measure++)
        {
            double[] own = [.. counted.Select(query => values[(query * measures) + measure])];
            estimates[measure] = ClusterBootstrap.OfMean(own, labels, _options.BootstrapSamples, _options.Seed);
        }

        return new RetrievalResult
        {
            Queries = counted.Length,
            WithoutRelevant = _queries.Count - counted.Length,
            Gallery = _isSame ? _gallery.Count - 1 : _gallery.Count,
            Classes = labels.Distinct().Count(),
            Recall = [.. _options.RecallAt.Select((k, i) => new RecallAt(k, estimates[i]))],
            MeanAveragePrecision = estimates[^3],
            MeanAveragePrecisionAtR = estimates[^2],
            RPrecision = estimates[^1],
            ByClass =
            [
                .. counted.GroupBy(query => _queryLabels[query]).OrderBy(own => own.Key).Select(own => new ClassRetrieval(
                    own.Key, own.Count(), own.Count(query => _firsts[query] == 1), own.Average(query => values[((query + 1) * measures) - 1]))),
            ],
        };
    }

    private readonly struct Collector(float[][] cosines) : ICosineVisitor
    {
        public float[][] Cosines => cosines;

        public void Visit(int query, int first, ReadOnlySpan<float> block) => block.CopyTo(cosines[query].AsSpan(first));
    }
}
