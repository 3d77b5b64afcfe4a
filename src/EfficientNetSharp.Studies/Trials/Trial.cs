using System.Security.Cryptography;
using System.Text;
using EfficientNetSharp.Architectures;
using EfficientNetSharp.Models;
using EfficientNetSharp.Studies.Replacement;
using EfficientNetSharp.Training.Recipes;

namespace EfficientNetSharp.Studies.Trials;

/// <summary>One network of a study, to be trained once: all that decides what comes of it, and where it stands in the study.</summary>
public sealed record Trial
{
    // Part of the key: raised when the same trial comes to another result than before.
    private const int Format = 1;

    /// <summary>The line of the study that it is a point of, such as <c>width</c>.</summary>
    public required string Series { get; init; }

    /// <summary>Its point, such as <c>×2</c>.</summary>
    public required string Point { get; init; }

    /// <summary>What the training may cost, for people, such as <c>12 epochs</c>.</summary>
    public required string Budget { get; init; }

    /// <summary>The network; its resolution is the input's side.</summary>
    public required Architecture Architecture { get; init; }

    /// <summary>How it is trained; its seed is the trial's.</summary>
    public required TrainingRecipe Recipe { get; init; }

    /// <summary>What is done to images before the network sees them.</summary>
    public required Preprocessing Preprocessing { get; init; }

    /// <summary>The images: <see cref="StudyData.Fingerprint"/>.</summary>
    public required string Data { get; init; }

    /// <summary>Threads that libtorch computes with; the last bits of a result depend on their number.</summary>
    public required int Threads { get; init; }

    /// <summary>Where to compute, as for <see cref="Training.TrainingJob.Device"/>.</summary>
    public required string Device { get; init; }

    /// <summary>What belongs to it where the network yields an embedding; <see langword="null"/> for a classifier.</summary>
    public EmbeddingTrial? Embedding { get; init; }

    /// <summary>
    /// Names the result: 32 hexadecimal digits over all that decides it. Places in a study and names of networks do not count, so that a
    /// network that stands at two points is trained once.
    /// </summary>
    public string Key
    {
        get
        {
            string[] parts =
            [
                NumberText.Of(Format),
                ModelJson.Serialize(Architecture with { Name = "network", Family = "network" }),
                RecipeJson.Serialize(Recipe),
                ModelJson.Serialize(new ModelCard { Classes = [], Preprocessing = Preprocessing }),
                Data,
                NumberText.Of(Threads),
                Device,
                .. Embedding is null ? [] : new[] { Embedding.Text },
            ];
            // Each with its length before it, so that no two lists of parts are one text.
            byte[] text = Encoding.UTF8.GetBytes(string.Concat(parts.Select(part => $"{part.Length}:{part}")));
            return Convert.ToHexStringLower(SHA256.HashData(text).AsSpan(0, 16));
        }
    }
}
