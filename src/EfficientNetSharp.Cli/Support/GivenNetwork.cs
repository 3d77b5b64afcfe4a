using EfficientNetSharp.Architectures;
using EfficientNetSharp.Graphs;
using EfficientNetSharp.Models;
using EfficientNetSharp.Running;

namespace EfficientNetSharp.Cli.Support;

/// <summary>A network that was named: a file's with its weights, or an architecture's without.</summary>
internal sealed record GivenNetwork(string Name, Graph Graph, WeightSet? Weights)
{
    /// <summary>Opens a file, or builds an architecture.</summary>
    /// <param name="given">What was typed.</param>
    /// <param name="size">The input's size; the network's own if not said.</param>
    public static GivenNetwork Open(string given, InputSize? size)
    {
        if (File.Exists(given) && !ArchitectureFile.IsFile(given))
        {
            var model = Host.Opener.Read(given, new ModelReadOptions { Size = size });
            return new GivenNetwork(model.Architecture?.Name ?? Path.GetFileName(given), model.Graph, model.Weights);
        }

        var architecture = ArchitectureFile.Get(given);
        return new GivenNetwork(architecture.Name, architecture.Build(new BuildOptions { Height = size?.Height, Width = size?.Width }), null);
    }
}
