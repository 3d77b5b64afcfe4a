using EfficientNetSharp.Graphs;

namespace EfficientNetSharp.Architectures;

/// <summary>Appends what makes a row of numbers from the last map.</summary>
internal sealed class HeadBuilder(Architecture architecture, BlockBuilder blocks)
{
    private readonly GraphBuilder _graph = blocks.Graph;

    public void Append(double dropout, int classes)
    {
        _graph.Place = new NodePlace(NodeRole.Head);
        if (architecture.HeadChannels > 0) blocks.AppendNormalizedConvolution("head", architecture.HeadChannels, 1, 1, 1,
            architecture.Activation);
        if (architecture.ActivatesLastMap) _graph.AppendActivation("head.activation", architecture.Activation);
        if (architecture.Embedding is { } embedding) AppendEmbedding(embedding, dropout);
        else if (architecture.ClassifiesMap && classes > 0) AppendMapClassifier(dropout, classes);
        else AppendClassifier(dropout, classes);
    }

    private void AppendClassifier(double dropout, int classes)
    {
        _graph.Append("pool", new GlobalAveragePool());
        _graph.Append("flatten", new Flatten());
        if (architecture.HiddenFeatures > 0)
        {
            _graph.Place = new NodePlace(NodeRole.Hidden);
            AppendLinear("hidden", architecture.HiddenFeatures, hasBias: true);
            _graph.AppendActivation("hidden.activation", architecture.Activation);
        }

        if (classes == 0) return;
        _graph.Place = new NodePlace(NodeRole.Classifier);
        AppendDropout(dropout);
        AppendLinear("classifier", classes, architecture.HasClassifierBias);
    }

    // SqueezeNet (Iandola et al. 2016) §4: a score for each class at each place, whose mean is the result.
    private void AppendMapClassifier(double dropout, int classes)
    {
        _graph.Place = new NodePlace(NodeRole.Classifier);
        AppendDropout(dropout);
        _graph.Append("classifier", new Convolution(_graph.Last.Shape.Channels, classes, 1, 1, 1, architecture.Padding, HasBias: true));
        _graph.AppendActivation("classifier.activation", architecture.Activation);
        _graph.Append("pool", new GlobalAveragePool());
        _graph.Append("flatten", new Flatten());
    }

    private void AppendEmbedding(EmbeddingHead embedding, double dropout)
    {
        _graph.Place = new NodePlace(NodeRole.Embedding);
        switch (embedding.Kind)
        {
            case EmbeddingKind.Pooled:
                _graph.Append("pool", new GlobalAveragePool());
                _graph.Append("flatten", new Flatten());
                AppendDropout(dropout);
                AppendEmbeddingLinear(embedding, hasBias: true);
                break;
            case EmbeddingKind.Flattened:
                blocks.AppendNormalization("embedding.map_norm");
                AppendDropout(dropout);
                _graph.Append("flatten", new Flatten());
                AppendEmbeddingLinear(embedding, hasBias: true);
                break;
            case EmbeddingKind.GlobalDepthwise:
                var map = _graph.Last.Shape;
                _graph.Append("embedding.depthwise.conv",
                    new Convolution(map.Channels, map.Channels, map.Height, 1, map.Channels, PaddingStyle.None,
                    HasBias: false) { KernelWidth = map.Width });
                blocks.AppendNormalization("embedding.depthwise.norm");
                _graph.Append("flatten", new Flatten());
                AppendEmbeddingLinear(embedding, hasBias: false);
                break;
            default:
                throw new InvalidInputException(
                    $"Architecture '{architecture.Name}' names an unknown embedding kind {(int)embedding.Kind}.");
        }

        blocks.AppendNormalization("embedding.norm");
    }

    // A product of two thin matrices where a rank is given: most of a flattened map's parameters are in the full one.
    private void AppendEmbeddingLinear(EmbeddingHead embedding, bool hasBias)
    {
        if (embedding.Rank > 0)
        {
            int full = Math.Min(_graph.Last.Shape.Channels, embedding.Features);
            AppendLinear("embedding.reduce", Math.Max(2, (int)(full * embedding.Rank)), hasBias: false);
        }

        AppendLinear("embedding.linear", embedding.Features, embedding.HasBias ?? hasBias);
    }

    private void AppendDropout(double rate)
    {
        if (rate > 0) _graph.Append("dropout", new Dropout(rate));
    }

    private void AppendLinear(string name, int features, bool hasBias) =>
        _graph.Append(name, new Linear(_graph.Last.Shape.Channels, features, hasBias));
}
