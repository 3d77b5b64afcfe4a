using System.Collections.Immutable;

namespace EfficientNetSharp.Quantization.Repairs;

/// <summary>What can be done so that a network loses less by rounding.</summary>
public sealed record Repair
{
    private Repair(string name, string description) => (Name, Description) = (name, description);

    /// <summary>Channels of layers are brought to like ranges where that changes nothing else (cross-layer equalization).</summary>
    public static Repair Equalization { get; } = new("equalize", "channels brought to like ranges across layers");

    /// <summary>
    /// As <see cref="Equalization"/>, through SiLU, hard swish and ReLU6 too, where it changes the network a little
    /// (<see cref="ApproximateEqualization"/>).
    /// </summary>
    public static Repair ApproximateEqualization { get; } =
        new("equalize-approximate", "channels brought to like ranges through SiLU, hard swish and ReLU6, which is approximate");

    /// <summary>Ranges before functions such as SiLU are chosen by the error behind them.</summary>
    public static Repair Ranges { get; } = new("ranges", "ranges before SiLU and its like by the error behind them");

    /// <summary>Biases are corrected for what rounding shifts, layer after layer.</summary>
    public static Repair Bias { get; } = new("bias", "biases corrected for what rounding shifts");

    /// <summary>Weights are rounded by their effect on their layer's outputs, layer after layer; biases are corrected with them.</summary>
    public static Repair Rounding { get; } = new("rounding", "weights rounded by their effect on outputs, biases corrected");

    /// <summary>All, in the order in which they are done.</summary>
    public static ImmutableArray<Repair> All { get; } = [Equalization, ApproximateEqualization, Ranges, Bias, Rounding];

    /// <summary>Its name as the command line spells it.</summary>
    public string Name { get; }

    /// <summary>What it does, for people.</summary>
    public string Description { get; }

    /// <summary>The one of a name.</summary>
    /// <exception cref="InvalidInputException">There is none; the message lists all.</exception>
    public static Repair Of(string name) => All.FirstOrDefault(repair => repair.Name == name)
        ?? throw new InvalidInputException(
            $"There is no repair {Files.OneLine.Quote(name)}; the known ones are {string.Join(", ", All.Select(repair => repair.Name))}.");
}
