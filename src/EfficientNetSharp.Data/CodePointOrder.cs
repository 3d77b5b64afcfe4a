namespace EfficientNetSharp.Data;

/// <summary>
/// Orders strings by Unicode code point, as Python's <c>sorted</c> and therefore torchvision's <c>ImageFolder</c> do. It differs
/// from <see cref="StringComparer.Ordinal"/>, which compares UTF-16 units, for characters beyond U+FFFF: class numbers must
/// agree with weights trained elsewhere for folder names of any script.
/// </summary>
internal sealed class CodePointOrder : IComparer<string>
{
    public static readonly CodePointOrder Instance = new();

    public int Compare(string? x, string? y)
    {
        if (x is null || y is null) return (x is null ? 0 : 1) - (y is null ? 0 : 1);
        int same = x.AsSpan().CommonPrefixLength(y);
        if (same == x.Length || same == y.Length) return x.Length.CompareTo(y.Length);
        char a = x[same], b = y[same];
        // A surrogate stands for a code point above all others of one unit, U+E000 … U+FFFF included.
        if (char.IsSurrogate(a) != char.IsSurrogate(b)) return char.IsSurrogate(a) ? 1 : -1;
        return a.CompareTo(b);
    }
}
