using System.Collections.Immutable;
using System.Runtime.InteropServices;
using EfficientNetSharp.Prediction;

namespace EfficientNetSharp.Evaluation;

/// <summary>
/// Accumulates a classifier's outputs row by row into a <see cref="ClassificationResult"/>. The result does not depend on how rows
/// are cut into batches. Memory grows with the classes and the distinct confusions seen, not with the images.
/// Not thread-safe.
/// </summary>
public sealed class ClassificationMeter
{
    /// <summary>Default bins of the reliability diagram: 15, as in Guo et al. 2017.</summary>
    public const int DefaultCalibrationBins = 15;

    /// <summary>Mistakes kept by default: four rows of six in the report.</summary>
    public const int DefaultWorstMistakes = 24;

    // How deep Top5 looks.
    private const int Depth = 5;

    private static readonly Comparer<Mistake> WorstFirst = Comparer<Mistake>.Create((a, b) =>
        a.Confidence != b.Confidence ? b.Confidence.CompareTo(a.Confidence)
        : a.Index != b.Index ? a.Index.CompareTo(b.Index)
        : (a.Label, a.Predicted).CompareTo((b.Label, b.Predicted)));

    private readonly ImmutableArray<string> _classes;
    private readonly int _mistakesKept;
    private readonly CalibrationMeter _calibration;
    private readonly Dictionary<(int Label, int Predicted), int> _confusion = [];
    private readonly List<Mistake> _mistakes = [];
    private readonly long[] _support;
    private long _top1, _top5, _invalid, _constant;
    private double _loss;

    /// <summary>Creates an empty meter.</summary>
    /// <param name="classes">Names of the classes in the order of the logits, at least 1.</param>
    /// <param name="calibrationBins">Bins of equal width for the calibration error, at least 1.</param>
    /// <param name="worstMistakes">How many of the most confident mistakes to keep, at least 0.</param>
    public ClassificationMeter(
        IReadOnlyList<string> classes, int calibrationBins = DefaultCalibrationBins, int worstMistakes = DefaultWorstMistakes)
    {
        ArgumentNullException.ThrowIfNull(classes);
        ArgumentOutOfRangeException.ThrowIfLessThan(classes.Count, 1, nameof(classes));
        ArgumentOutOfRangeException.ThrowIfLessThan(calibrationBins, 1);
        ArgumentOutOfRangeException.ThrowIfNegative(worstMistakes);
        _classes = [.. classes];
        _support = new long[classes.Count];
        _mistakesKept = worstMistakes;
        _calibration = new CalibrationMeter(calibrationBins);
    }

    /// <summary>Rows added so far.</summary>
    public long Count { get; private set; }

    /// <summary>Adds one image.</summary>
    /// <param name="logits">The network's outputs for it, [classes], before any softmax.</param>
    /// <param name="label">Its class.</param>
    /// <param name="index">Its index in the dataset, which a <see cref="Mistake"/> refers to.</param>
    /// <exception cref="ArgumentException">The row's length is not the number of classes.</exception>
    /// <exception cref="ArgumentOutOfRangeException">The label is not a class.</exception>
    public void Add(ReadOnlySpan<float> logits, int label, int index)
    {
        if (logits.Length != _classes.Length)
            throw new ArgumentException($"A row of {_classes.Length} logits is expected, not of {logits.Length}.", nameof(logits));
        CheckLabel(label);

        Count++;
        _support[label]++;
        var row = SoftmaxRow.Of(logits);
        if (!row.IsValid)
        {
            _invalid++;
            return;
        }

        bool isRight = !row.IsConstant && row.Best == label;
        _loss += row.CrossEntropy(logits[label]);
        _calibration.Add(row.Confidence, isRight);
        if (row.IsConstant)
        {
            _constant++;
            return;
        }

        if (Rank(logits, label) < Depth) _top5++;
        CollectionsMarshal.GetValueRefOrAddDefault(_confusion, (label, row.Best), out _)++;
        if (isRight) _top1++;
        else Keep(new Mistake(index, label, row.Best, row.Confidence));
    }

    /// <summary>Adds a batch of images.</summary>
    /// <param name="logits">Their outputs [N,classes], row-major.</param>
    /// <param name="labels">Their classes [N].</param>
    /// <param name="indices">Their indices in the dataset [N].</param>
    /// <exception cref="ArgumentException">The lengths do not match.</exception>
    /// <exception cref="ArgumentOutOfRangeException">A label is not a class; nothing of the batch is added.</exception>
    public void Add(ReadOnlySpan<float> logits, ReadOnlySpan<int> labels, ReadOnlySpan<int> indices)
    {
        int classes = _classes.Length;
        if (indices.Length != labels.Length)
            throw new ArgumentException($"{labels.Length} indices are expected, one a label, not {indices.Length}.", nameof(indices));
        if (logits.Length != (long)labels.Length * classes)
            throw new ArgumentException($"{labels.Length} rows of {classes} logits are expected, not {logits.Length} values.",
                nameof(logits));
        foreach (int label in labels) CheckLabel(label);

        for (int i = 0; i < labels.Length; i++) Add(logits.Slice(i * classes, classes), labels[i], indices[i]);
    }

    /// <summary>The measures of all rows so far; more can be added afterwards.</summary>
    /// <param name="imagesPerSecond">The speed to report, where it was measured.</param>
    /// <param name="brokenImages">How many images could not be read.</param>
    public ClassificationResult ToResult(double? imagesPerSecond = null, long brokenImages = 0)
    {
        var confusion = new ConfusionMatrix(
            _classes.Length, _confusion.Select(cell => new ConfusionCell(cell.Key.Label, cell.Key.Predicted, cell.Value)));
        var classes = Measure(confusion);
        var present = classes.Where(measures => measures.Support > 0).ToArray();
        double loss = Share(_loss, Count - _invalid);
        return new ClassificationResult
        {
            Count = Count,
            Top1 = Share(_top1, Count),
            Top5 = Share(_top5, Count),
            Loss = Count == _invalid || !double.IsFinite(loss) ? null : loss,
            MacroPrecision = Share(present.Sum(measures => measures.Precision), present.Length),
            MacroRecall = Share(present.Sum(measures => measures.Recall), present.Length),
            MacroF1 = Share(present.Sum(measures => measures.F1), present.Length),
            ExpectedCalibrationError = _calibration.ExpectedCalibrationError,
            ImagesPerSecond = imagesPerSecond,
            BrokenImages = brokenImages,
            InvalidRows = _invalid,
            ConstantRows = _constant,
            Classes = classes,
            Calibration = _calibration.Bins,
            WorstMistakes = [.. _mistakes],
            Confusion = confusion,
        };
    }

    private ImmutableArray<ClassMeasures> Measure(ConfusionMatrix confusion)
    {
        long[] predicted = new long[_classes.Length], hits = new long[_classes.Length];
        foreach (var cell in confusion.Cells)
        {
            predicted[cell.Predicted] += cell.Count;
            if (cell.Label == cell.Predicted) hits[cell.Label] = cell.Count;
        }

        return [.. _classes.Select((name, i) => new ClassMeasures(
            name,
            Precision: Share(hits[i], predicted[i]),
            Recall: Share(hits[i], _support[i]),
            F1: Share(2 * hits[i], _support[i] + predicted[i]),
            _support[i],
            predicted[i]))];
    }

    // The order is total, so which mistakes are kept does not depend on the order of adding.
    private void Keep(Mistake mistake)
    {
        int place = _mistakes.BinarySearch(mistake, WorstFirst);
        if (place < 0) place = ~place;
        if (place >= _mistakesKept) return;
        _mistakes.Insert(place, mistake);
        if (_mistakes.Count > _mistakesKept) _mistakes.RemoveAt(_mistakesKept);
    }

    // How many classes stand before the label when classes are sorted by falling logit, equal ones by rising class.
    private static int Rank(ReadOnlySpan<float> logits, int label)
    {
        float own = logits[label];
        int before = 0;
        for (int i = 0; i < logits.Length; i++)
        {
            if (logits[i] > own || (logits[i] == own && i < label)) before++;
        }

        return before;
    }

    private void CheckLabel(int label)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(label);
        ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual(label, _classes.Length);
    }

    private static double Share(double sum, long count) => count == 0 ? 0 : sum / count;
}
