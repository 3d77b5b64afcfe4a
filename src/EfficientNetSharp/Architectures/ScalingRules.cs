namespace EfficientNetSharp.Architectures;

/// <summary>What of a network stays as it is when it is scaled, and how its new channels are rounded.</summary>
/// <param name="FixedStem">Whether the stem keeps its channels (EfficientNet-Lite, MnasNet).</param>
/// <param name="FixedHead">Whether the head keeps its channels.</param>
/// <param name="WideHead">Whether the head never gets narrower, only wider (MobileNetV2).</param>
/// <param name="FixedEndDepth">Whether the first and the last stage keep their repeats (EfficientNet-Lite).</param>
/// <param name="RoundingLimit">
/// Share of its channels that rounding down may take before it rounds up instead: 0.1 in EfficientNet; 1 for plain rounding to
/// the nearest (EfficientNetV2).
/// </param>
/// <param name="ChannelDivisor">What channels come in multiples of: 8, and as often the groups where there are any (ShuffleNet).</param>
public sealed record ScalingRules(
    bool FixedStem = false, bool FixedHead = false, bool WideHead = false, bool FixedEndDepth = false, double RoundingLimit = 0.1,
    int ChannelDivisor = 8);
