using System.Collections.Immutable;
using System.Text.Json;
using EfficientNetSharp.Files;

namespace EfficientNetSharp.Graphs;

/// <summary>Reads what <see cref="OperatorWriter"/> writes.</summary>
internal static class OperatorReader
{
    /// <summary>The operator, and the pads that the text says, where it has some that follow from a rule.</summary>
    /// <param name="members">What the text says of the node.</param>
    /// <param name="inputs">How many inputs it says.</param>
    public static (Operator Op, ImmutableArray<int>? Pads) Read(JsonMembers members, int inputs)
    {
        string name = members.Text("op");
        switch (name)
        {
            case OperatorNames.Convolution:
                return ReadConvolution(members);
            case OperatorNames.ConditionalConvolution:
                var (shape, shapePads) = ReadConvolution(members);
                return (new ConditionalConvolution(shape, members.Count("experts")), shapePads);
            case OperatorNames.MaxPool:
                var (padding, pads, explicitPads) = ReadPadding(members);
                return (new MaxPool(members.Count("kernel"), members.Count("stride"), padding) { ExplicitPads = explicitPads }, pads);
            case OperatorNames.AveragePool:
                var (style, averagePads, explicitAverage) = ReadPadding(members);
                return (new AveragePool(members.Count("kernel"), members.Count("stride"), style)
                {
                    ExplicitPads = explicitAverage, CountsPadding = members.Flag("counts_padding"),
                }, averagePads);
            case OperatorNames.ZeroPad:
                int[] sides = members.Integers("pads", 4);
                return members.Has("kernel")
                    ? (new ZeroPad(default(Pads)) { Window = new PadWindow(members.Count("kernel"), members.Count("stride")) }, [.. sides])
                    : (new ZeroPad(ReadPads(sides)), null);
            case OperatorNames.Concatenation:
                return (new Concatenation(inputs), null);
            default:
                return (ReadPlain(members, name), null);
        }
    }

    /// <summary>What a window adds around an input of the given shape.</summary>
    public static Pads PadsOf(Operator op, TensorShape from) => op switch
    {
        Convolution convolution => convolution.PadsFor(from),
        ConditionalConvolution conditional => conditional.Shape.PadsFor(from),
        MaxPool pool => pool.PadsFor(from),
        AveragePool pool => pool.PadsFor(from),
        ZeroPad pad => pad.PadsFor(from),
        _ => default,
    };

    private static Operator ReadPlain(JsonMembers members, string name) => name switch
    {
        OperatorNames.Input => new Input(members.Count("channels"), members.Count("height"), members.Count("width")),
        OperatorNames.BatchNormalization =>
        new BatchNormalization(members.Count("channels"), members.Number("epsilon"), members.Number("momentum")),
        OperatorNames.Activation => new Activation(GraphWords.ParseActivation(members.Text("kind"), members.Name)),
        OperatorNames.PRelu => new PRelu(members.Count("channels")),
        OperatorNames.GlobalAveragePool => new GlobalAveragePool(),
        OperatorNames.Flatten => new Flatten(),
        OperatorNames.Linear => new Linear(members.Count("in"), members.Count("out"), members.Flag("bias")),
        OperatorNames.ChannelSlice => new ChannelSlice(members.Count("first"), members.Count("count")),
        OperatorNames.ChannelShuffle => new ChannelShuffle(members.Count("groups")),
        OperatorNames.Add => new Add(),
        OperatorNames.Gate => new Gate(),
        OperatorNames.Dropout => new Dropout(members.Number("rate")),
        OperatorNames.StochasticDepth => new StochasticDepth(members.Number("rate")),
        _ => throw new JsonException($"{members.Name} has the operator {OneLine.Quote(name)}, which this version does not know"),
    };

    private static (Convolution Op, ImmutableArray<int>? Pads) ReadConvolution(JsonMembers members)
    {
        var (padding, pads, explicitPads) = ReadPadding(members);
        int[] kernel = members.Counts("kernel", 2);
        var op = new Convolution(
            members.Count("in"), members.Count("out"), kernel[0], members.Count("stride"), members.Count("groups"), padding,
            members.Flag("bias"))
        {
            KernelWidth = kernel[1], ExplicitPads = explicitPads,
        };
        return (op, pads);
    }

    private static (PaddingStyle Style, ImmutableArray<int>? Pads, Pads? Explicit) ReadPadding(JsonMembers members)
    {
        string word = members.Text("padding");
        if (word == GraphWords.Explicit)
        {
            // The style is not used where pads are explicit; one value stands for that everywhere, so that equal networks are equal.
            return (PaddingStyle.None, null, ReadPads(members.Counts("pads", 4)));
        }

        return (GraphWords.ParsePadding(word, members.Name), members.Has("pads") ? [.. members.Counts("pads", 4)] : null, null);
    }

    private static Pads ReadPads(int[] pads) => new(pads[0], pads[1], pads[2], pads[3]);
}
