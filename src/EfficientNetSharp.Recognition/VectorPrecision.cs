namespace EfficientNetSharp.Recognition;

/// <summary>How a gallery holds the values of its embeddings.</summary>
public enum VectorPrecision
{
    /// <summary>32 bits, as the network yields them.</summary>
    F32,

    /// <summary>IEEE half precision: half the memory; a cosine changes by about 1e-5.</summary>
    F16,

    /// <summary>
    /// Whole numbers from −127 to 127 and a scale for each embedding: a quarter of the memory and of the time of a search; a cosine
    /// changes by about 1e-3.
    /// </summary>
    I8,
}
