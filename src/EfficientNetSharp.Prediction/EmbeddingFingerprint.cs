using System.Buffers.Binary;
using System.Runtime.InteropServices;
using System.Security.Cryptography;
using System.Text;
using EfficientNetSharp.Files;
using EfficientNetSharp.Graphs;
using EfficientNetSharp.Models;

namespace EfficientNetSharp.Prediction;

/// <summary>
/// What has to be equal for two embeddings to be comparable: the network with its weights, bit for bit, and what is done to an image
/// before it. Where the file lies, what it is called, its classes and its provenance do not count.
/// </summary>
public sealed record EmbeddingFingerprint
{
    private const int HashDigits = 64;

    /// <summary>Takes what is known already.</summary>
    /// <param name="network">As <see cref="Network"/>.</param>
    /// <param name="preprocessing">As <see cref="Preprocessing"/>.</param>
    /// <param name="length">As <see cref="Length"/>.</param>
    /// <exception cref="InvalidInputException">It is no fingerprint; the message says what is wrong.</exception>
    public EmbeddingFingerprint(string network, Preprocessing preprocessing, int length)
    {
        ArgumentNullException.ThrowIfNull(network);
        ArgumentNullException.ThrowIfNull(preprocessing);
        if (network.Length != HashDigits || !network.All(char.IsAsciiHexDigitLower))
        {
            throw new InvalidInputException(
                $"The fingerprint of a network is expected to be {HashDigits} hexadecimal digits in lower case, found {OneLine.Quote(network)}.");
        }

        if (length is < 1 or > MaxLength)
            throw new InvalidInputException($"An embedding is expected to have 1 to {MaxLength} values, found {length}.");
        (Network, Preprocessing, Length) = (network, preprocessing, length);
        PreprocessingJson = ModelJson.Serialize(new ModelCard { Classes = [], Preprocessing = preprocessing });
    }

    /// <summary>Most values of an embedding; published ones have 64 to 4096.</summary>
    public const int MaxLength = 65_536;

    /// <summary>
    /// SHA-256 in hexadecimal: of the graph that yields the embedding and of its weights as float32, or of the file where a backend runs
    /// it by itself.
    /// </summary>
    public string Network { get; }

    /// <summary>What is done to an image before the network sees it.</summary>
    public Preprocessing Preprocessing { get; }

    /// <summary>Values of the embedding.</summary>
    public int Length { get; }

    /// <summary>The preprocessing as JSON, equal for equal ones; <see cref="ModelJson.ParsePreprocessing"/> reads it.</summary>
    public string PreprocessingJson { get; }

    /// <summary>The fingerprint of a network that is open for images and yields embeddings.</summary>
    /// <param name="network">
    /// The network, opened with <see cref="OpenOptions.Features"/> for <see cref="FeatureSelection.Pooled"/>.
    /// </param>
    /// <exception cref="InvalidInputException">Its file cannot be read any more.</exception>
    public static EmbeddingFingerprint Of(ImageNetwork network)
    {
        ArgumentNullException.ThrowIfNull(network);
        string hash = network.Source is { } source ? HashOf(FeatureSelection.Pooled.Of(source.Graph), source.Weights)
            : HashOfFile(network.Path);
        return new EmbeddingFingerprint(hash, network.Card.Preprocessing, checked((int)network.Runner.OutputShape.Count));
    }

    /// <summary>How another differs, in words that complete "it has …"; <see langword="null"/> where it is the same.</summary>
    /// <param name="other">The other.</param>
    public string? DifferenceOf(EmbeddingFingerprint other)
    {
        ArgumentNullException.ThrowIfNull(other);
        if (other.Length != Length) return $"embeddings of {NumberText.Counted(other.Length, "value")} instead of {Length:N0}";
        var (mine, its) = (Preprocessing, other.Preprocessing);
        if ((mine.Height, mine.Width) != (its.Height, its.Width))
            return $"images of {its.Height}x{its.Width} pixels instead of {mine.Height}x{mine.Width}";
        if (PreprocessingJson != other.PreprocessingJson) return "other preprocessing of its images";
        return Network == other.Network ? null : "other weights, or is another network";
    }

    /// <summary>Whether another is the same.</summary>
    public bool Equals(EmbeddingFingerprint? other) => other is not null && DifferenceOf(other) is null;

    /// <inheritdoc />
    public override int GetHashCode() => HashCode.Combine(Network, PreprocessingJson, Length);

    private static string HashOf(Graph graph, WeightSet weights)
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        Append(hash, GraphJson.Serialize(graph));
        foreach (var (name, tensor) in weights.For(graph).OrderBy(pair => pair.Key, StringComparer.Ordinal))
        {
            Append(hash, name);
            Append(hash, string.Join('x', tensor.Shape));
            hash.AppendData(MemoryMarshal.AsBytes(tensor.Values.AsSpan()));
        }

        return Convert.ToHexStringLower(hash.GetHashAndReset());
    }

    private static string HashOfFile(string path)
    {
        using var file = InputFile.Open(path);
        using var stream = file.OpenStream();
        return Convert.ToHexStringLower(SHA256.HashData(stream));
    }

    // With its length, so that no two lists of texts run together.
    private static void Append(IncrementalHash hash, string text)
    {
        byte[] bytes = Encoding.UTF8.GetBytes(text);
        Span<byte> length = stackalloc byte[sizeof(int)];
        BinaryPrimitives.WriteInt32LittleEndian(length, bytes.Length);
        hash.AppendData(length);
        hash.AppendData(bytes);
    }
}
