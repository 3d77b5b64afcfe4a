using System.Text.Json;
using EfficientNetSharp.Files;

namespace EfficientNetSharp.Graphs;

/// <summary>What operators are called in a graph's JSON.</summary>
internal static class OperatorNames
{
    public const string Input = "input", Convolution = "convolution", ConditionalConvolution = "conditional_convolution",
        BatchNormalization = "batch_normalization", Activation = "activation", PRelu = "prelu", MaxPool = "max_pool",
        GlobalAveragePool = "global_average_pool", Flatten = "flatten", Linear = "linear", Add = "add", Gate = "gate",
        Dropout = "dropout", StochasticDepth = "stochastic_depth", AveragePool = "average_pool", ZeroPad = "zero_pad",
        Concatenation = "concatenation", ChannelSlice = "channel_slice", ChannelShuffle = "channel_shuffle";
}

/// <summary>
/// What enumerations are called in a graph's JSON. Stated here rather than taken from C#, so that renaming a member changes no file.
/// </summary>
internal static class GraphWords
{
    public const string Explicit = "explicit";

    private static readonly Dictionary<ActivationKind, string> Activations = new()
    {
        [ActivationKind.Identity] = "identity", [ActivationKind.Relu] = "relu", [ActivationKind.Relu6] = "relu6",
            [ActivationKind.Silu] = "silu",
        [ActivationKind.Sigmoid] = "sigmoid", [ActivationKind.HardSwish] = "hard_swish", [ActivationKind.HardSigmoid] = "hard_sigmoid",
    };

    private static readonly Dictionary<PaddingStyle, string> Paddings = new()
    {
        [PaddingStyle.Symmetric] = "symmetric", [PaddingStyle.Same] = "same", [PaddingStyle.None] = "none",
        [PaddingStyle.RoundedUp] = "rounded_up",
    };

    private static readonly Dictionary<NodeRole, string> Roles = new()
    {
        [NodeRole.Stem] = "stem", [NodeRole.Stage] = "stage", [NodeRole.Head] = "head", [NodeRole.Hidden] = "hidden",
        [NodeRole.Embedding] = "embedding", [NodeRole.Classifier] = "classifier",
    };

    public static string Of(ActivationKind kind) => Activations[kind];

    public static string Of(PaddingStyle style) => Paddings[style];

    public static string Of(NodeRole role) => Roles[role];

    public static ActivationKind ParseActivation(string word, string node) => Parse(Activations, word, node);

    public static PaddingStyle ParsePadding(string word, string node) => Parse(Paddings, word, node);

    public static NodeRole ParseRole(string word, string node) => Parse(Roles, word, node);

    private static T Parse<T>(Dictionary<T, string> words, string word, string node)
        where T : struct, Enum
    {
        foreach (var (value, name) in words)
        {
            if (name == word) return value;
        }

        throw new JsonException($"{node} says {OneLine.Quote(word)}, expected one of {string.Join(", ", words.Values)}");
    }
}
