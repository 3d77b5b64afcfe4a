namespace EfficientNetSharp.Studies.Running;

/// <summary>
/// How long trials take, by trials that are done: a time for each node of the graph in each step, and a time for each multiply-add of each
/// image. Small networks are mostly the first, large ones the second.
/// </summary>
public sealed class CostModel
{
    // Of two cores with AVX-512, one thread. They give the shares of the two where one trial alone tells of their sum.
    private const double UsualNode = 60e-6, UsualMac = 1.5e-10;

    // Networks of like size tell little of either time, and noise may leave one of the two with nothing: then much larger networks would
    // cost no more. Neither is less than this share of the usual.
    private const double LeastShare = 0.2;

    private CostModel(double node, double mac) => (SecondsPerNode, SecondsPerMac) = (node, mac);

    /// <summary>Seconds of a node in a step, forwards and backwards.</summary>
    public double SecondsPerNode { get; }

    /// <summary>Seconds of a multiply-add of an image, forwards and backwards.</summary>
    public double SecondsPerMac { get; }

    /// <summary>
    /// The model that fits measured trials best, by the squares of its relative errors; <see langword="null"/> without any.
    /// </summary>
    /// <param name="measured">Trials, and the seconds that they took.</param>
    public static CostModel? Of(IReadOnlyCollection<(TrialSize Size, double Seconds)> measured)
    {
        ArgumentNullException.ThrowIfNull(measured);
        double aa = 0, ab = 0, bb = 0, a = 0, b = 0;
        foreach (var (size, seconds) in measured)
        {
            if (!(seconds > 0)) continue;
            double nodes = NodesOf(size) / seconds, macs = MacsOf(size) / seconds;
            (aa, ab, bb, a, b) = (aa + (nodes * nodes), ab + (nodes * macs), bb + (macs * macs), a + nodes, b + macs);
        }

        if (aa == 0) return null;
        double scale = ((UsualNode * a) + (UsualMac * b))
                / ((UsualNode * UsualNode * aa) + (2 * UsualNode * UsualMac * ab) + (UsualMac * UsualMac * bb)),
            leastNode = LeastShare * UsualNode * scale, leastMac = LeastShare * UsualMac * scale, determinant = (aa * bb) - (ab * ab);
        // Where all networks have one ratio of the two, only their sum is known.
        if (determinant < 1e-6 * aa * bb) return new CostModel(UsualNode * scale, UsualMac * scale);

        double node = ((a * bb) - (b * ab)) / determinant, mac = ((b * aa) - (a * ab)) / determinant;
        return node < leastNode ? new CostModel(leastNode, Math.Max(leastMac, (b - (leastNode * ab)) / bb))
            : mac < leastMac ? new CostModel(Math.Max(leastNode, (a - (leastMac * ab)) / aa), leastMac)
            : new CostModel(node, mac);
    }

    /// <summary>The seconds that a trial takes.</summary>
    /// <param name="size">How much there is to compute in it.</param>
    public double SecondsOf(TrialSize size)
    {
        ArgumentNullException.ThrowIfNull(size);
        return (SecondsPerNode * NodesOf(size)) + (SecondsPerMac * MacsOf(size));
    }

    private static double NodesOf(TrialSize size) => size.Nodes * size.Steps;

    private static double MacsOf(TrialSize size) => size.Macs * size.Images;
}
