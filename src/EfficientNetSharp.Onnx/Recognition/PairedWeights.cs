using EfficientNetSharp.Files;
using EfficientNetSharp.Graphs;
using EfficientNetSharp.Graphs.Transforms;
using EfficientNetSharp.Models;

namespace EfficientNetSharp.Onnx.Recognition;

/// <summary>Takes a file's weights over to the network of the table that it was recognised as.</summary>
internal sealed class PairedWeights
{
    private readonly Dictionary<string, WeightTensor> _weights = new(StringComparer.Ordinal);
    private readonly WeightSet _file;

    private PairedWeights(WeightSet file) => _file = file;

    /// <summary>Whether normalisations of the table are folded into the layers before them in the file.</summary>
    public bool HasFoldedNorms { get; private set; }

    /// <summary>The weights under the table's names.</summary>
    public WeightSet Weights => new(_weights);

    /// <summary>Takes them over.</summary>
    /// <param name="pairing">The layers of both.</param>
    /// <param name="file">The file's weights.</param>
    /// <param name="difference">Why they cannot be taken over, for people; <see langword="null"/> where they were.</param>
    public static PairedWeights Take(NetworkPairing pairing, WeightSet file, out string? difference)
    {
        var taken = new PairedWeights(file);
        difference = null;
        foreach (var (ours, theirs) in pairing.Pairs)
        {
            difference ??= ours.Node.Operator switch
            {
                Convolution or ConditionalConvolution or Linear => taken.TakeLayer(ours, theirs),
                BatchNormalization => taken.TakeNorm(ours.Node, theirs.Node, bias: null),
                _ => taken.TakeAll(ours.Node, theirs.Node),
            };
        }

        return taken;
    }

    private string? TakeAll(Node ours, Node theirs)
    {
        foreach (var (parameter, source) in ours.Parameters.Zip(theirs.Parameters)) _weights[parameter.Name] = _file[source];
        return null;
    }

    // Kernel, then the bias where it belongs: in the layer, in the normalisation's mean, or in an identity's shift.
    private string? TakeLayer(CanonicalLayer ours, CanonicalLayer theirs)
    {
        _weights[ours.Node.Parameters[0].Name] = _file[theirs.Node.Parameters[0]];
        var bias = theirs.Node.Parameters.Length > 1 ? _file[theirs.Node.Parameters[1]] : null;
        bool wantsBias = ours.Node.Parameters.Length > 1;
        if (wantsBias) _weights[ours.Node.Parameters[1].Name] = bias ?? Zeros(ours.Node.Shape.Channels);
        if (ours.Norm is { } norm)
        {
            if (theirs.Norm is { } given) return TakeNorm(norm, given, wantsBias ? null : bias);
            HasFoldedNorms = true;
            foreach (var (name, tensor) in IdentityNormalization.Of(norm, wantsBias ? Zeros(norm.Shape.Channels) : bias
                ?? Zeros(norm.Shape.Channels)))
                _weights[name] = tensor;
            return null;
        }

        if (theirs.Norm is not null) return $"{OneLine.Quote(theirs.Norm.Name)} normalises after {ours.Node.Name}, which that network does not";
        if (bias is not null && !wantsBias && bias.Values.AsSpan().ContainsAnyExcept(0f))
            return $"{OneLine.Quote(theirs.Node.Name)} has a bias, which {ours.Node.Name} of that network has not";
        return null;
    }

    // Another epsilon makes no difference with the variance shifted by as much; a bias before a normalisation shifts its mean.
    private string? TakeNorm(Node ours, Node theirs, WeightTensor? bias)
    {
        TakeAll(ours, theirs);
        double shift = ((BatchNormalization)theirs.Operator).Epsilon - ((BatchNormalization)ours.Operator).Epsilon;
        if (shift != 0)
        {
            var variance = _file[theirs.Parameters[3]];
            if (variance.Values.AsSpan().ContainsAnyInRange(float.NegativeInfinity, (float)-shift) && shift < 0)
                return $"{OneLine.Quote(theirs.Name)} has variances below the epsilon of {ours.Name}";
            _weights[ours.Parameters[3].Name] =
                new WeightTensor(variance.Shape, Array.ConvertAll(variance.Values, value => (float)(value + shift)));
        }

        if (bias is null) return null;
        var mean = _file[theirs.Parameters[2]];
        _weights[ours.Parameters[2].Name] = new WeightTensor(mean.Shape, [.. mean.Values.Zip(bias.Values, (m, b) => m - b)]);
        return null;
    }

    private static WeightTensor Zeros(int count) => new([count], new float[count]);
}
