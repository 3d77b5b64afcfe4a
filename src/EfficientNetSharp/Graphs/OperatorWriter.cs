using System.Text.Json;

namespace EfficientNetSharp.Graphs;

/// <summary>
/// Writes an operator's members; <see cref="OperatorReader"/> reads them. The state is the writer, the node and its first input's shape.
/// </summary>
internal sealed class OperatorWriter : IOperatorVisitor<(Utf8JsonWriter Json, Node Node, TensorShape From), bool>
{
    public static OperatorWriter Instance { get; } = new();

    public bool Visit(Input op, (Utf8JsonWriter Json, Node Node, TensorShape From) state) =>
        Write(state.Json, OperatorNames.Input, ("channels", op.Channels), ("height", op.Height), ("width", op.Width));

    public bool Visit(Convolution op, (Utf8JsonWriter Json, Node Node, TensorShape From) state) =>
        Write(state, OperatorNames.Convolution, op);

    public bool Visit(ConditionalConvolution op, (Utf8JsonWriter Json, Node Node, TensorShape From) state)
    {
        Write(state, OperatorNames.ConditionalConvolution, op.Shape);
        state.Json.WriteNumber("experts", op.Experts);
        return true;
    }

    public bool Visit(BatchNormalization op, (Utf8JsonWriter Json, Node Node, TensorShape From) state)
    {
        Write(state.Json, OperatorNames.BatchNormalization, ("channels", op.Channels));
        state.Json.WriteNumber("epsilon", op.Epsilon);
        state.Json.WriteNumber("momentum", op.Momentum);
        return true;
    }

    public bool Visit(Activation op, (Utf8JsonWriter Json, Node Node, TensorShape From) state)
    {
        Write(state.Json, OperatorNames.Activation);
        state.Json.WriteString("kind", GraphWords.Of(op.Kind));
        return true;
    }

    public bool Visit(PRelu op, (Utf8JsonWriter Json, Node Node, TensorShape From) state) =>
        Write(state.Json, OperatorNames.PRelu, ("channels", op.Channels));

    public bool Visit(MaxPool op, (Utf8JsonWriter Json, Node Node, TensorShape From) state)
    {
        Write(state.Json, OperatorNames.MaxPool, ("kernel", op.Kernel), ("stride", op.Stride));
        WritePadding(state.Json, op.Padding, op.ExplicitPads is not null, op.PadsFor(state.From));
        return true;
    }

    public bool Visit(AveragePool op, (Utf8JsonWriter Json, Node Node, TensorShape From) state)
    {
        Write(state.Json, OperatorNames.AveragePool, ("kernel", op.Kernel), ("stride", op.Stride));
        WritePadding(state.Json, op.Padding, op.ExplicitPads is not null, op.PadsFor(state.From));
        state.Json.WriteBoolean("counts_padding", op.CountsPadding);
        return true;
    }

    public bool Visit(ZeroPad op, (Utf8JsonWriter Json, Node Node, TensorShape From) state)
    {
        if (op.Window is { } window) Write(state.Json, OperatorNames.ZeroPad, ("kernel", window.Kernel), ("stride", window.Stride));
        else Write(state.Json, OperatorNames.ZeroPad);
        WritePads(state.Json, op.PadsFor(state.From));
        return true;
    }

    // How many it takes is told by its inputs.
    public bool Visit(Concatenation op, (Utf8JsonWriter Json, Node Node, TensorShape From) state) =>
        Write(state.Json, OperatorNames.Concatenation);

    public bool Visit(ChannelSlice op, (Utf8JsonWriter Json, Node Node, TensorShape From) state) =>
        Write(state.Json, OperatorNames.ChannelSlice, ("first", op.First), ("count", op.Count));

    public bool Visit(ChannelShuffle op, (Utf8JsonWriter Json, Node Node, TensorShape From) state) =>
        Write(state.Json, OperatorNames.ChannelShuffle, ("groups", op.Groups));

    public bool Visit(GlobalAveragePool op, (Utf8JsonWriter Json, Node Node, TensorShape From) state) =>
        Write(state.Json, OperatorNames.GlobalAveragePool);

    public bool Visit(Flatten op, (Utf8JsonWriter Json, Node Node, TensorShape From) state) => Write(state.Json, OperatorNames.Flatten);

    public bool Visit(Linear op, (Utf8JsonWriter Json, Node Node, TensorShape From) state)
    {
        Write(state.Json, OperatorNames.Linear, ("in", op.InFeatures), ("out", op.OutFeatures));
        state.Json.WriteBoolean("bias", op.HasBias);
        return true;
    }

    public bool Visit(Add op, (Utf8JsonWriter Json, Node Node, TensorShape From) state) => Write(state.Json, OperatorNames.Add);

    public bool Visit(Gate op, (Utf8JsonWriter Json, Node Node, TensorShape From) state) => Write(state.Json, OperatorNames.Gate);

    public bool Visit(Dropout op, (Utf8JsonWriter Json, Node Node, TensorShape From) state)
    {
        Write(state.Json, OperatorNames.Dropout);
        state.Json.WriteNumber("rate", op.Rate);
        return true;
    }

    public bool Visit(StochasticDepth op, (Utf8JsonWriter Json, Node Node, TensorShape From) state)
    {
        Write(state.Json, OperatorNames.StochasticDepth);
        state.Json.WriteNumber("rate", op.Rate);
        return true;
    }

    private static bool Write(Utf8JsonWriter json, string name, params ReadOnlySpan<(string Name, int Value)> members)
    {
        json.WriteString("op", name);
        foreach (var (member, value) in members) json.WriteNumber(member, value);
        return true;
    }

    private static bool Write((Utf8JsonWriter Json, Node Node, TensorShape From) state, string name, Convolution op)
    {
        var json = state.Json;
        Write(json, name, ("in", op.InChannels), ("out", op.OutChannels));
        json.WriteStartArray("kernel");
        json.WriteNumberValue(op.Kernel);
        json.WriteNumberValue(op.KernelWidth);
        json.WriteEndArray();
        json.WriteNumber("stride", op.Stride);
        json.WriteNumber("groups", op.Groups);
        WritePadding(json, op.Padding, op.ExplicitPads is not null, op.PadsFor(state.From));
        json.WriteBoolean("bias", op.HasBias);
        return true;
    }

    private static void WritePadding(Utf8JsonWriter json, PaddingStyle style, bool isExplicit, Pads pads)
    {
        json.WriteString("padding", isExplicit ? GraphWords.Explicit : GraphWords.Of(style));
        WritePads(json, pads);
    }

    private static void WritePads(Utf8JsonWriter json, Pads pads)
    {
        json.WriteStartArray("pads");
        foreach (int pad in (ReadOnlySpan<int>)[pads.Top, pads.Left, pads.Bottom, pads.Right]) json.WriteNumberValue(pad);
        json.WriteEndArray();
    }
}
