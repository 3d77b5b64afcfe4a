using EfficientNetSharp.Training.Embeddings;
using EfficientNetSharp.Training.Recipes;

namespace EfficientNetSharp.Training.Tests.Embeddings;

/// <summary>The losses of embeddings as their papers write them, number by number.</summary>
/// <param name="options">Which, and with what.</param>
internal sealed class SlowLosses(EmbeddingOptions options)
{
    /// <summary>Lengths that AdaFace's margins follow, which are no part of what is differentiated; as the rows' own where null.</summary>
    public double[]? Lengths { get; init; }

    /// <summary>Running mean and deviation of lengths.</summary>
    public (double Mean, double Deviation) Statistics { get; init; } = (20, 100);

    /// <summary>t of CurricularFace.</summary>
    public double Progress { get; init; }

    public double Of(double[][] rows, int[] labels, double[][] centers) => options.Loss switch
    {
        EmbeddingLossKind.ProxyAnchor => ProxyAnchor(rows, labels, centers),
        EmbeddingLossKind.MultiSimilarity => MultiSimilarity(rows, labels, rows.Length),
        EmbeddingLossKind.SupervisedContrastive => Contrastive(rows, labels),
        EmbeddingLossKind.Triplet => Triplet(rows, labels),
        _ => Margin(rows, labels, centers),
    };

    /// <summary>What the margin adds to an image's own cosine.</summary>
    public double MarginOf(double[][] rows, int[] labels, double[][] centers, int image)
    {
        double own = Cosine(rows[image], centers[labels[image]]), length = LengthOf(rows[image]);
        return Target(own, Lengths?[image] ?? length, length) - own;
    }

    /// <summary>The softmax with constants for margins.</summary>
    public double WithConstantMargins(double[][] rows, int[] labels, double[][] centers, double[] added, double scale) =>
        rows.Select((row, i) =>
        {
            double plain = Cosine(row, centers[labels[i]]), own = plain + added[i];
            double turned = Math.Cos(Math.Acos(plain) + options.LossMargin);
            return Math.Log(1 + centers.Select((center, c) => c == labels[i] ? 0 : Math.Exp(scale * (Other(Cosine(row, center)) - own))).Sum());

            double Other(double cosine) =>
                options.Loss == EmbeddingLossKind.CurricularFace && cosine > turned ? cosine * (Progress + cosine) : cosine;
        }).Average();

    /// <summary>MultiSimilarity with a term for the first images alone.</summary>
    public double MultiSimilarityOf(double[][] rows, int[] labels, int anchors) => MultiSimilarity(rows, labels, anchors);

    public static double LengthOf(double[] row) => Math.Sqrt(row.Sum(value => value * value));

    private static double Cosine(double[] a, double[] b) => a.Zip(b, (x, y) => x * y).Sum() / LengthOf(a) / LengthOf(b);

    private double Margin(double[][] rows, int[] labels, double[][] centers)
    {
        int k = options.Loss == EmbeddingLossKind.SubcenterArcFace ? options.Subcenters : 1, identities = centers.Length / k;
        double sum = 0, s = options.LossScale;
        for (int i = 0; i < rows.Length; i++)
        {
            double[] cosines = [.. Enumerable.Range(0, identities).Select(c =>
                Enumerable.Range(c * k, k).Max(center => Cosine(rows[i], centers[center])))];
            double own = Target(cosines[labels[i]], Lengths?[i] ?? LengthOf(rows[i]), LengthOf(rows[i]));
            if (options.Loss == EmbeddingLossKind.CurricularFace)
            {
                double turned = Math.Cos(Math.Acos(cosines[labels[i]]) + options.LossMargin);
                for (int c = 0; c < identities; c++)
                {
                    if (cosines[c] > turned) cosines[c] *= Progress + cosines[c];
                }
            }

            cosines[labels[i]] = own;
            sum += Math.Log(cosines.Sum(value => Math.Exp(s * (value - own))));
        }

        var mag = options.MagFace;
        double lengths = options.Loss != EmbeddingLossKind.MagFace ? 0 : rows.Average(row =>
            Math.Clamp(LengthOf(row), mag.MinLength, mag.MaxLength) is var a ? (a / mag.MaxLength / mag.MaxLength) + (1 / a) : 0);
        return (sum / rows.Length) + (mag.LengthWeight * lengths);
    }

    private double Target(double cosine, double fixedLength, double length)
    {
        double theta = Math.Acos(cosine), m = options.LossMargin;
        switch (options.Loss)
        {
            case EmbeddingLossKind.CosFace:
                return cosine - m;
            case EmbeddingLossKind.Combined:
                var (m1, m2, m3) = (options.Combined.Multiplier, options.Combined.Angle, options.Combined.Cosine);
                double angle = (m1 * theta) + m2, last = (Math.PI - m2) / m1;
                return (angle < Math.PI ? Math.Cos(angle) : m1 == 1 ? cosine - (m2 * Math.Sin(m2)) : cosine - Math.Cos(last) - 1) - m3;
            case EmbeddingLossKind.AdaFace:
                double z = Math.Clamp((Math.Clamp(fixedLength, 0.001, 100) - Statistics.Mean) / (Statistics.Deviation + 1e-3)
                    * options.Concentration, -1, 1);
                return Math.Cos(Math.Clamp(theta - (m * z), 1e-3, Math.PI - 1e-3)) - (m + (m * z));
            case EmbeddingLossKind.MagFace:
                var mag = options.MagFace;
                double a = Math.Clamp(length, mag.MinLength, mag.MaxLength);
                double margin = mag.MinMargin + ((mag.MaxMargin - mag.MinMargin) * (a - mag.MinLength) / (mag.MaxLength - mag.MinLength));
                return cosine > 0 ? Math.Cos(theta + margin) : cosine;
            default:
                return theta + m < Math.PI ? Math.Cos(theta + m) : cosine - (m * Math.Sin(m));
        }
    }

    private double ProxyAnchor(double[][] rows, int[] labels, double[][] proxies)
    {
        double draw = 0, push = 0, alpha = options.LossScale, delta = options.LossMargin;
        for (int p = 0; p < proxies.Length; p++)
        {
            double own = 0, other = 0;
            for (int i = 0; i < rows.Length; i++)
            {
                double cosine = Cosine(rows[i], proxies[p]);
                if (labels[i] == p) own += Math.Exp(-alpha * (cosine - delta));
                else other += Math.Exp(alpha * (cosine + delta));
            }

            draw += Math.Log(1 + own);
            push += Math.Log(1 + other);
        }

        return (draw / labels.Distinct().Count()) + (push / proxies.Length);
    }

    private double MultiSimilarity(double[][] rows, int[] labels, int anchors)
    {
        double sum = 0;
        for (int i = 0; i < anchors; i++)
        {
            var like = Others(i).Where(j => labels[j] == labels[i]).Select(j => Cosine(rows[i], rows[j])).ToList();
            var unlike = Others(i).Where(j => labels[j] != labels[i]).Select(j => Cosine(rows[i], rows[j])).ToList();
            if (like.Count == 0 || unlike.Count == 0) continue;
            var draws = like.Where(cosine => cosine - options.MiningMargin < unlike.Max()).ToList();
            var pushes = unlike.Where(cosine => cosine + options.MiningMargin > like.Min()).ToList();
            if (draws.Count == 0 || pushes.Count == 0) continue;
            double alpha = options.PositiveScale, beta = options.NegativeScale, lambda = options.LossMargin;
            sum += Math.Log(1 + draws.Sum(cosine => Math.Exp(-alpha * (cosine - lambda)))) / alpha;
            sum += Math.Log(1 + pushes.Sum(cosine => Math.Exp(beta * (cosine - lambda)))) / beta;
        }

        return sum / anchors;

        IEnumerable<int> Others(int image) => Enumerable.Range(0, rows.Length).Where(j => j != image);
    }

    private double Contrastive(double[][] rows, int[] labels)
    {
        var terms = new List<double>();
        for (int i = 0; i < rows.Length; i++)
        {
            var others = Enumerable.Range(0, rows.Length).Where(j => j != i).ToList();
            var like = others.Where(j => labels[j] == labels[i]).ToList();
            if (like.Count == 0) continue;
            double all = Math.Log(others.Sum(j => Math.Exp(options.LossScale * Cosine(rows[i], rows[j]))));
            terms.Add(like.Average(j => all - (options.LossScale * Cosine(rows[i], rows[j]))));
        }

        return terms.Count == 0 ? 0 : terms.Average();
    }

    private double Triplet(double[][] rows, int[] labels)
    {
        var terms = new List<double>();
        for (int i = 0; i < rows.Length; i++)
        {
            var like = Enumerable.Range(0, rows.Length).Where(j => j != i && labels[j] == labels[i]).Select(j => Distance(i, j)).ToList();
            var unlike = Enumerable.Range(0, rows.Length).Where(j => labels[j] != labels[i]).Select(j => Distance(i, j)).ToList();
            if (like.Count == 0 || unlike.Count == 0) continue;
            switch (options.Mining)
            {
                case TripletMining.Hardest:
                    terms.Add(Violation(like.Max(), unlike.Min()));
                    break;
                case TripletMining.All:
                    terms.AddRange(like.SelectMany(p => unlike.Select(n => Violation(p, n))).Where(term => term > 0));
                    break;
                default:
                    terms.AddRange(like.Select(p => Violation(p, unlike.Any(n => n > p) ? unlike.Where(n => n > p).Min() : unlike.Max())));
                    break;
            }
        }

        return terms.Count == 0 ? 0 : terms.Average();

        double Violation(double like, double unlike) => Math.Max(0, like - unlike + options.LossMargin);
        double Distance(int a, int b) => Math.Sqrt(2 - (2 * Cosine(rows[a], rows[b])));
    }
}
