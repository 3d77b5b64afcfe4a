namespace EfficientNetSharp.Evaluation.Reports.Latency;

/// <summary>Names of networks as short as a plot has room for.</summary>
internal static class NetworkNames
{
    // TensorFlow's padding: the same network, as timm names it.
    private const string Twin = "tf_";

    /// <summary>The name that a network and its twin with TensorFlow's padding share.</summary>
    public static string Plain(string name) => name.StartsWith(Twin, StringComparison.Ordinal) ? name[Twin.Length..] : name;

    /// <summary>
    /// The name without the words that its family's name has: <c>b0</c> of EfficientNet, <c>s</c> for <c>efficientnet_v2_s</c> of
    /// EfficientNetV2.
    /// </summary>
    /// <param name="name">The registered name.</param>
    /// <param name="family">The family's.</param>
    public static string WithinFamily(string name, string family)
    {
        string plain = Plain(name), left = string.Concat(family.Where(char.IsLetterOrDigit)).ToLowerInvariant();
        string[] words = plain.Split('_');
        int known = 0;
        while (known < words.Length && words[known].Length > 0 && left.StartsWith(words[known], StringComparison.Ordinal))
            left = left[words[known++].Length..];
        return known == words.Length ? plain : string.Join('_', words[known..]);
    }
}
