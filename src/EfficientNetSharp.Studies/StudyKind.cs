namespace EfficientNetSharp.Studies;

/// <summary>What a study asks.</summary>
public enum StudyKind
{
    /// <summary>Accuracy over multiply-adds along width, depth, resolution and all three (the paper's Figure 3).</summary>
    Fig3,

    /// <summary>Width under four settings of depth and resolution (Figure 4).</summary>
    Fig4,

    /// <summary>The grid search of α, β and γ at φ = 1 (section 3.3).</summary>
    Grid,

    /// <summary>MobileNetV1, MobileNetV2, ResNet-50 and EfficientNet-B0 scaled along each axis and along all (Tables 3 and 7).</summary>
    Tables,

    /// <summary>The search of a baseline (section 4): evolution and random search in MnasNet's space.</summary>
    Search,

    /// <summary>
    /// A product's embedding and networks that may take its place: accuracy in several precisions, time on a device (not in the paper).
    /// </summary>
    Replace,

    /// <summary>Published strategies of scaling at equal multiply-adds and at equal time (not in the paper).</summary>
    Strategies,
}
