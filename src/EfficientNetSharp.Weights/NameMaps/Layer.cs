using System.Collections.Immutable;
using EfficientNetSharp.Architectures;
using EfficientNetSharp.Graphs;

namespace EfficientNetSharp.Weights.NameMaps;

/// <summary>A node that has parameters, and its place in the architecture's table.</summary>
internal sealed record Layer
{
    /// <summary>The node.</summary>
    public required Node Node { get; init; }

    /// <summary>
    /// Its name below its block, such as <c>expand.conv</c>; below the network outside of blocks, such as <c>stem.conv</c>.
    /// </summary>
    public required string Part { get; init; }

    /// <summary>The block that it is in; <see langword="null"/> outside of blocks.</summary>
    public Block? Block { get; init; }

    /// <summary>Whether its kernel filters each channel by itself.</summary>
    public bool IsDepthwise => Node.Operator is Convolution { IsDepthwise: true } or ConditionalConvolution { Shape.IsDepthwise: true };

    /// <summary>The last piece of <see cref="Part"/>: <c>conv</c>, <c>norm</c>, <c>activation</c> …</summary>
    public string Kind => Part[(Part.LastIndexOf('.') + 1)..];

    /// <summary>What comes before <see cref="Kind"/>: <c>stem</c>, <c>expand</c> …; empty where <see cref="Part"/> is one piece.</summary>
    public string Place => Part.LastIndexOf('.') is var dot and >= 0 ? Part[..dot] : "";

    /// <summary>The layers of a graph that have parameters, in order of use.</summary>
    public static ImmutableArray<Layer> Of(Architecture architecture, Graph graph)
    {
        var blocks = new Dictionary<(int, int), Block>();
        int flat = 0;
        for (int stage = 0; stage < architecture.Stages.Length; stage++)
        {
            for (int repeat = 0; repeat < architecture.Stages[stage].Repeats; repeat++)
                blocks.Add((stage, repeat), new Block(architecture.Family, architecture.Stages[stage], stage, repeat, flat++));
        }

        var layers = ImmutableArray.CreateBuilder<Layer>();
        foreach (var node in graph.Nodes)
        {
            if (node.Parameters.IsEmpty) continue;
            string[] parts = node.Name.Split('.', 4);
            if (parts[0] != "stages")
            {
                layers.Add(new Layer { Node = node, Part = node.Name });
                continue;
            }

            var block = blocks[(node.Place.Stage, node.Place.Block)];
            layers.Add(new Layer { Node = node, Part = parts[3], Block = block });
            string place = parts[3].Split('.')[0];
            if (!block.Places.Contains(place)) block.Places.Add(place);
        }

        return layers.ToImmutable();
    }
}

/// <summary>A block of a network.</summary>
/// <param name="Family">The network's family.</param>
/// <param name="Row">The table's row that it comes from.</param>
/// <param name="Stage">Number of the row, from 0.</param>
/// <param name="Repeat">Number within the row, from 0.</param>
/// <param name="Index">Number within the network, from 0.</param>
internal sealed record Block(string Family, Stage Row, int Stage, int Repeat, int Index)
{
    /// <summary>What it consists of, in order of use: <c>expand</c>, <c>depthwise</c>, <c>squeeze_excite</c>, <c>project</c> …</summary>
    public List<string> Places { get; } = [];

    /// <summary>Whether it has such a part.</summary>
    public bool Has(string place) => Places.Contains(place);
}
