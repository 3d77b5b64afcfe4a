using System.Collections.Immutable;
using EfficientNetSharp.Arrays;
using EfficientNetSharp.Files;
using EfficientNetSharp.Graphs;
using EfficientNetSharp.Graphs.Quantization;

namespace EfficientNetSharp.Costs.Devices;

/// <summary>How the times of a step's terms make the step's time.</summary>
public enum DeviceModel
{
    /// <summary>Their sum: nothing overlaps.</summary>
    Sum,

    /// <summary>Launches, and the largest of the other terms: computing, reading weights and moving maps overlap (a roofline).</summary>
    Roofline,
}

/// <summary>The price of a term.</summary>
/// <param name="Ms">Milliseconds per unit; 0 or more, so that no network gets faster by more work.</param>
/// <param name="Lowest">
/// The lowest price that the rows gave with one network left out; <see langword="null"/> where nobody fitted it.
/// </param>
/// <param name="Highest">The highest such price.</param>
public readonly record struct DevicePrice(double Ms, double? Lowest = null, double? Highest = null);

/// <summary>
/// A device as data: what it computes in, and what the work of a network costs there. Networks are run one image at a time.
/// </summary>
public sealed record DeviceProfile
{
    // Bias values beside 8-bit and wider kernels (the user guide of RKNN-Toolkit 1.7: i32 and i64).
    private const int NarrowBiasBytes = 4, WideBiasBytes = 8;

    /// <summary>Its name, such as <c>rv1126</c>.</summary>
    public required string Name { get; init; }

    /// <summary>What it is, for people.</summary>
    public required string Description { get; init; }

    /// <summary>How terms make a time.</summary>
    public required DeviceModel Model { get; init; }

    /// <summary>Pixels of a map that the convolution engine takes at a time; the last tile of a map is computed whole.</summary>
    public required int TilePixels { get; init; }

    /// <summary>The types that it computes in, by their names, such as <c>int8</c>.</summary>
    public required ImmutableSortedDictionary<string, DeviceType> Types { get; init; }

    /// <summary>The price of each term; what is not named costs nothing.</summary>
    public required ImmutableSortedDictionary<DeviceTerm, DevicePrice> Prices { get; init; }

    /// <summary>Where the prices come from, and how far off they are, for people.</summary>
    public string Source { get; init; } = "";

    /// <summary>The type of a name.</summary>
    /// <exception cref="InvalidInputException">The device does not compute in it; the message lists those that it has.</exception>
    public DeviceType TypeOf(string name) => Types.GetValueOrDefault(name) ?? throw new InvalidInputException(
        $"{OneLine.Clean(Name)} has no type {OneLine.Quote(name)}; it computes in {string.Join(" and ", Types.Keys.Select(key => OneLine.Clean(key)))}.");

    /// <summary>The time of a step, in milliseconds.</summary>
    public double MsOf(DeviceOperation operation)
    {
        ArgumentNullException.ThrowIfNull(operation);
        return MsOf(WorkOf(operation));
    }

    /// <summary>What a step takes of each term.</summary>
    public DeviceWork WorkOf(DeviceOperation operation)
    {
        ArgumentNullException.ThrowIfNull(operation);
        return DeviceWork.Of(operation, TilePixels, TypeOf(operation.Type));
    }

    /// <summary>What a network takes whose values all have one type.</summary>
    /// <param name="graph">The network; a plan that it has does not count.</param>
    /// <param name="type">The type's name.</param>
    /// <exception cref="InvalidInputException">The device has no such type, or does not run an operator.</exception>
    public DevicePrediction Predict(Graph graph, string type)
    {
        TypeOf(type);
        return Predict(graph, _ => type);
    }

    /// <summary>What a quantized network takes, mixed types and the converters between them included.</summary>
    /// <param name="graph">A network with a plan.</param>
    /// <exception cref="InvalidInputException">A value has a type that the device has not, or an operator does not run there.</exception>
    public DevicePrediction Predict(Graph graph)
    {
        ArgumentNullException.ThrowIfNull(graph);
        var plan = graph.Quantization ?? throw new InvalidInputException(
            $"The network has no quantization plan; say in which type {OneLine.Clean(Name)} is to run it: {string.Join(" or ", Types.Keys.Select(key => OneLine.Clean(key)))}.");
        return Predict(graph, node => NameOf(TypeOf(graph, plan, node)));
    }

    /// <summary>What a network takes.</summary>
    /// <param name="graph">The network; a plan that it has does not count.</param>
    /// <param name="typeOf">The name of the type that a node computes in.</param>
    /// <exception cref="InvalidInputException">The device has no such type, or does not run an operator.</exception>
    public DevicePrediction Predict(Graph graph, Func<Node, string> typeOf)
    {
        var operations = Schedule(graph, typeOf);
        var prediction = new DevicePrediction(
            [.. operations.Select(operation => new DeviceStep(operation, MsOf(operation)))], operations.Sum(BytesOf));
        return prediction.Ms > 0 ? prediction : throw new InvalidInputException(
            $"{OneLine.Clean(Name)} has no price for anything that this network does; fit the device to measured times of such networks.");
    }

    /// <summary>The steps in which the device runs a network.</summary>
    /// <param name="graph">The network; a plan that it has does not count.</param>
    /// <param name="typeOf">The name of the type that a node computes in.</param>
    /// <exception cref="InvalidInputException">The device has no such type, or does not run an operator.</exception>
    public ImmutableArray<DeviceOperation> Schedule(Graph graph, Func<Node, string> typeOf)
    {
        ArgumentNullException.ThrowIfNull(graph);
        ArgumentNullException.ThrowIfNull(typeOf);
        return DeviceSchedule.Of(graph, Known, Types);

        string Known(Node node)
        {
            string type = typeOf(node);
            TypeOf(type);
            return type;
        }
    }

    /// <summary>The time of some work, in milliseconds.</summary>
    internal double MsOf(DeviceWork work)
    {
        bool isSum = Model == DeviceModel.Sum;
        var bound = isSum ? null : BoundOf(work);
        double ms = 0;
        foreach (var (term, price) in Prices)
        {
            if (isSum || term == bound || IsLaunch(term)) ms += price.Ms * work[term];
        }

        return ms;
    }

    /// <summary>The term that bounds some work in a roofline; of equal ones the first.</summary>
    internal DeviceTerm? BoundOf(DeviceWork work)
    {
        DeviceTerm? bound = null;
        double longest = 0;
        foreach (var (term, price) in Prices)
        {
            double ms = price.Ms * work[term];
            if (!IsLaunch(term) && ms > longest) (bound, longest) = (term, ms);
        }

        return bound;
    }

    /// <summary>Whether a term is a count of steps, which no other work hides.</summary>
    internal static bool IsLaunch(DeviceTerm term) => term is DeviceTerm.TensorLaunches or DeviceTerm.ShaderLaunches;

    private long BytesOf(DeviceOperation operation)
    {
        int bytes = TypeOf(operation.Type).Bytes;
        return (operation.KernelValues * bytes) + (operation.BiasValues * (bytes == 1 ? NarrowBiasBytes : WideBiasBytes));
    }

    // A plan may leave the network's results as floats, which devices compute in integers all the same.
    private static ElementType? TypeOf(Graph graph, QuantizationPlan plan, Node node) => plan.Of(node)?.Type
        ?? (graph.Outputs.Contains(node) ? plan.Of(graph.Nodes[node.Inputs[0]])?.Type : null);

    private static string NameOf(ElementType? type) => type switch
    {
        ElementType.U8 or ElementType.I8 => "int8",
        ElementType.U16 or ElementType.I16 => "int16",
        _ => "float32",
    };
}
