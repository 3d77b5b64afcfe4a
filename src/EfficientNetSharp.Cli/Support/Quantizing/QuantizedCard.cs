using EfficientNetSharp.Models;
using EfficientNetSharp.Quantization;

namespace EfficientNetSharp.Cli.Support.Quantizing;

/// <summary>The card of a quantized model: that of the float model, and what was done.</summary>
internal static class QuantizedCard
{
    public static ModelCard Of(ModelCard card, QuantizationScheme scheme, QuantizedNetwork network, int images, MatchThresholds? thresholds)
    {
        string steps = string.Join("; ", network.Steps.Where(step => step.IsKept).Select(step => step.Name));
        return card with
        {
            // The float card's are of the float network's cosines.
            Thresholds = thresholds is null ? [] : [thresholds],
            Provenance = card.Provenance
                .SetItem(ProvenanceKeys.Quantization, steps.Length == 0 ? scheme.Name : $"{scheme.Name}: {steps}")
                .SetItem(ProvenanceKeys.CalibrationImages, NumberText.Of(images)),
        };
    }
}
