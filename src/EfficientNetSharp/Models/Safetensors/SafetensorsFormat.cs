using EfficientNetSharp.Arrays;

namespace EfficientNetSharp.Models.Safetensors;

/// <summary>
/// The facts of the format (safetensors' README and <c>tensor.rs</c>): eight bytes of header length, least significant first, the
/// header as JSON, then the tensors' bytes without gaps.
/// </summary>
internal static class SafetensorsFormat
{
    /// <summary>Bytes of the length in front of the header.</summary>
    public const int LengthBytes = sizeof(ulong);

    /// <summary>The reference implementation's limit of the header.</summary>
    public const int MaxHeaderBytes = 100_000_000;

    /// <summary>The header is filled up with spaces to a multiple of this, so that tensors are aligned.</summary>
    public const int HeaderAlignment = 8;

    /// <summary>The key of the header that is no tensor.</summary>
    public const string MetadataKey = "__metadata__";

    private static readonly Dictionary<string, ElementType> ByName = Enum.GetValues<ElementType>()
        .ToDictionary(Name, StringComparer.Ordinal);

    /// <summary>The type's name in a header.</summary>
    public static string Name(ElementType type) => type switch
    {
        ElementType.Bool => "BOOL",
        ElementType.F6E2M3 => "F6_E2M3",
        ElementType.F6E3M2 => "F6_E3M2",
        ElementType.F8E5M2 => "F8_E5M2",
        ElementType.F8E4M3 => "F8_E4M3",
        ElementType.F8E8M0 => "F8_E8M0",
        ElementType.F8E4M3Fnuz => "F8_E4M3FNUZ",
        ElementType.F8E5M2Fnuz => "F8_E5M2FNUZ",
        _ => type.ToString(),
    };

    /// <summary>The type of a name in a header, or <see langword="null"/>.</summary>
    public static ElementType? Find(string name) => ByName.TryGetValue(name, out var type) ? type : null;

    /// <summary>Bytes that elements take; false where they do not fit 64 bits or are not whole bytes.</summary>
    public static bool TryGetByteLength(ElementType type, ReadOnlySpan<int> shape, out long bytes)
    {
        bytes = 0;
        int bits = type.BitCount();
        if (!ArrayShape.TryCountElements(shape, out long count) || count > long.MaxValue / bits || count * bits % 8 != 0) return false;
        bytes = count * bits / 8;
        return true;
    }
}
