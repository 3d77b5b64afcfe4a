namespace EfficientNetSharp.Recognition;

/// <summary>Embeddings as directions: their cosine is the sum of products.</summary>
internal static class UnitVector
{
    /// <summary>The vector scaled to length 1.</summary>
    /// <exception cref="InvalidInputException">It has another number of values, one is not finite, or all are 0.</exception>
    public static float[] Of(ReadOnlySpan<float> values, int length, string what)
    {
        if (values.Length != length)
            throw new InvalidInputException($"Expected {length} values in {what}, found {values.Length}; use the gallery's model.");
        double squares = 0;
        foreach (float value in values) squares += (double)value * value;
        if (!double.IsFinite(squares))
            throw new InvalidInputException($"Expected finite values in {what}, found NaN or infinity; check the model.");
        if (squares == 0) throw new InvalidInputException($"Expected a direction in {what}, found zeros alone; check the model.");
        double factor = 1 / Math.Sqrt(squares);
        var unit = new float[length];
        for (int i = 0; i < length; i++) unit[i] = (float)(values[i] * factor);
        return unit;
    }

    /// <summary>The cosine of two of them.</summary>
    public static float Cosine(ReadOnlySpan<float> a, ReadOnlySpan<float> b)
    {
        double sum = 0;
        for (int i = 0; i < a.Length; i++) sum += (double)a[i] * b[i];
        return (float)sum;
    }
}
