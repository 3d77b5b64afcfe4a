using EfficientNetSharp.Inference;

namespace EfficientNetSharp.Quantization.Repairs;

/// <summary>How the numbers of a layer's patches vary together, summed up in bounded memory.</summary>
/// <param name="length">Numbers of a patch.</param>
internal sealed class PatchCovariance(int length)
{
    // Shorter patches are summed up one by one; the matrix kernel packs its operands first.
    private const int KernelFrom = 24;

    private readonly double[] _rounded = new double[length * length], _mixed = new double[length * length];
    private readonly double[] _roundedSums = new double[length], _floatSums = new double[length];

    /// <summary>Patches seen.</summary>
    public int Count { get; private set; }

    /// <summary>Takes patches.</summary>
    /// <param name="rounded">Those of the quantized network, [count, length].</param>
    /// <param name="floats">Those of the float network at the same places.</param>
    /// <param name="count">How many.</param>
    public void Add(ReadOnlySpan<float> rounded, ReadOnlySpan<float> floats, int count)
    {
        Count += count;
        for (int i = 0; i < count; i++)
        {
            for (int k = 0; k < length; k++)
            {
                _roundedSums[k] += rounded[(i * length) + k];
                _floatSums[k] += floats[(i * length) + k];
            }
        }

        if (length >= KernelFrom)
        {
            float[] transposed = Transposed(rounded, count);
            AddProducts(transposed, transposed, count, _rounded);
            AddProducts(transposed, Transposed(floats, count), count, _mixed);
            return;
        }

        for (int i = 0; i < count; i++)
        {
            var x = rounded.Slice(i * length, length);
            var y = floats.Slice(i * length, length);
            for (int a = 0; a < length; a++)
            for (int b = 0; b < length; b++)
            {
                _rounded[(a * length) + b] += (double)x[a] * x[b];
                _mixed[(a * length) + b] += (double)x[a] * y[b];
            }
        }
    }

    /// <summary>The covariance of the rounded numbers, and theirs (rows) with the floats' (columns).</summary>
    public (float[] Rounded, float[] Mixed) Result()
    {
        float[] rounded = new float[length * length], mixed = new float[length * length];
        double n = Math.Max(Count, 1);
        for (int a = 0; a < length; a++)
        for (int b = 0; b < length; b++)
        {
            int at = (a * length) + b;
            rounded[at] = (float)((_rounded[at] / n) - (_roundedSums[a] / n * (_roundedSums[b] / n)));
            mixed[at] = (float)((_mixed[at] / n) - (_roundedSums[a] / n * (_floatSums[b] / n)));
        }

        return (rounded, mixed);
    }

    /// <summary>The product of each row of one matrix with each row of another, [rows, columns].</summary>
    public static unsafe float[] Products(float[] rows, int rowCount, float[] columns, int columnCount, int depth)
    {
        var product = new ColumnProduct(columns, columnCount, depth);
        float[] wide = new float[rowCount * product.Stride];
        fixed (float* first = rows) product.Run(first, depth * sizeof(float), rowCount, wide);
        if (product.Stride == columnCount) return wide;
        float[] result = new float[rowCount * columnCount];
        for (int row = 0; row < rowCount; row++)
            wide.AsSpan(row * product.Stride, columnCount).CopyTo(result.AsSpan(row * columnCount));
        return result;
    }

    private void AddProducts(float[] rows, float[] columns, int count, double[] sums)
    {
        float[] products = Products(rows, length, columns, length, count);
        for (int i = 0; i < sums.Length; i++) sums[i] += products[i];
    }

    private float[] Transposed(ReadOnlySpan<float> patches, int count)
    {
        float[] transposed = new float[length * count];
        for (int i = 0; i < count; i++)
        for (int k = 0; k < length; k++) transposed[(k * count) + i] = patches[(i * length) + k];
        return transposed;
    }
}
