using System.Runtime.InteropServices;
using System.Security.Cryptography;
using EfficientNetSharp.Models;

namespace EfficientNetSharp.Training.Transfer;

/// <summary>Names weights by their values.</summary>
internal static class WeightFingerprint
{
    /// <summary>SHA-256 over the tensors' values in the order of their names, lower-case hexadecimal.</summary>
    public static string Of(WeightSet weights)
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        foreach (var (_, tensor) in weights.OrderBy(pair => pair.Key, StringComparer.Ordinal))
            hash.AppendData(MemoryMarshal.AsBytes<float>(tensor.Values));
        return Convert.ToHexStringLower(hash.GetHashAndReset());
    }
}
