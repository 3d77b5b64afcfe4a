using System.Collections.Immutable;
using EfficientNetSharp.Files;
using EfficientNetSharp.Weights.NameMaps;

namespace EfficientNetSharp.Weights.Importing;

/// <summary>What a file has besides a network's own tensors.</summary>
internal sealed record Leftovers
{
    private const int MaxListed = 4;

    // What trainers keep in dictionaries beside the model's, and what modules of theirs are called that are no part of the model.
    private static readonly string[] TrainerWords = ["opt", "sched", "scaler", "rng", "callback", "loop", "history", ".state."];
    private static readonly string[] TrainingWords = ["loss", "criterion", "metric"];

    // AveragedModel's count of the models that it averages.
    private const string AverageCount = "n_averaged";

    /// <summary>Tensors in the network's own modules that it has no parameter for: it is another network.</summary>
    public required ImmutableArray<string> Surplus { get; init; }

    /// <summary>Tensors of what may follow the network, or change its results: a head of another kind than its table's.</summary>
    public required ImmutableArray<string> Head { get; init; }

    /// <summary>Tensors that are no part of the network: those of optimizers, losses, other models.</summary>
    public required ImmutableArray<string> Beside { get; init; }

    /// <summary>Sorts what is left of a file.</summary>
    /// <param name="tensors">Its tensors.</param>
    /// <param name="body">The network that is taken.</param>
    /// <param name="others">The same network elsewhere in the file.</param>
    /// <param name="alone">Whether what is not behind the network's prefix was said to be no part of it.</param>
    public static Leftovers Of(SourceTensors tensors, FittedBody body, IReadOnlyCollection<FittedBody> others, bool alone)
    {
        var sorting = new Sorting(tensors, body, others, alone);
        var places = tensors.InOrder.ToLookup(sorting.PlaceOf);
        return new Leftovers
        {
            Surplus = [.. places[Place.Body]], Head = [.. places[Place.Head]], Beside = [.. places[Place.Beside]],
        };
    }

    /// <summary>Some of the names with their shapes, and how many there are.</summary>
    public static string Describe(SourceTensors tensors, IReadOnlyCollection<string> names)
    {
        string more = names.Count > MaxListed ? " …" : "";
        return $"{string.Join(", ", names.Take(MaxListed).Select(tensors.Describe))}{more} ({names.Count} {(names.Count == 1 ? "tensor" : "tensors")})";
    }

    /// <summary>The outermost dictionaries or modules of names, and how many tensors there are in each.</summary>
    public static string DescribeGroups(IReadOnlyCollection<string> names)
    {
        var groups = names.GroupBy(ModuleName.Top, StringComparer.Ordinal).ToList();
        string more = groups.Count > MaxListed ? $" and {groups.Count - MaxListed} more" : "";
        return string.Join(", ", groups.Take(MaxListed).Select(group =>
            $"{OneLine.Quote(group.Key)} ({group.Count()} {(group.Count() == 1 ? "tensor" : "tensors")})")) + more;
    }

    private enum Place
    {
        Known,
        Body,
        Head,
        Beside,
    }

    private sealed class Sorting
    {
        private readonly SourceTensors _tensors;
        private readonly FittedBody _body;
        private readonly bool _alone;
        private readonly HashSet<string> _known;
        private readonly HashSet<string> _bodyNames;
        private readonly HashSet<string> _headRoots;
        private readonly string _scope;
        private readonly ImmutableArray<string> _otherPrefixes;

        public Sorting(SourceTensors tensors, FittedBody body, IReadOnlyCollection<FittedBody> others, bool alone)
        {
            (_tensors, _body, _alone) = (tensors, body, alone);
            var graph = body.Build();
            var mapped = body.Map(graph, tensors.Names);
            var ends = NetworkEnds.Of(body.Architecture);
            var classifier = mapped.FirstOrDefault(parameter => parameter.Parameter.Name == ends.ClassifierKernel);
            _known = others.Append(body).SelectMany(place => place.Map(graph, tensors.Names))
                .Select(parameter => parameter.SourceName).ToHashSet(StringComparer.Ordinal);
            // The classifier may be one of several layers in a module, which a head of another kind takes the place of.
            string? headModule = classifier is null ? null : ModuleName.Top(Relative(classifier.SourceName));
            string[] own = [.. mapped.Where(parameter => !ends.IsClassifier(parameter.Parameter.Name))
                .Select(parameter => parameter.SourceName).Where(tensors.Names.Contains)];
            _bodyNames = own.Select(Relative).Where(name => ModuleName.Top(name) != headModule).ToHashSet(StringComparer.Ordinal);
            _scope = Common(own.Select(tensors.ScopeOf));
            _otherPrefixes = [.. others.Select(other => other.Prefix)
                .Where(other => other.Length > 0 && !body.Prefix.StartsWith(other, StringComparison.Ordinal))];
            int features = classifier is null || tensors.Names.Contains(classifier.SourceName) ? 0 : Features(classifier);
            _headRoots = HeadRoots(features);
        }

        public Place PlaceOf(string name)
        {
            if (_known.Contains(name) || _body.Source.Ignores(name, _tensors.Names) || name.EndsWith(AverageCount, StringComparison.Ordinal)
                || _otherPrefixes.Any(other => name.StartsWith(other, StringComparison.Ordinal))) return Place.Known;
            bool behind = name.StartsWith(_body.Prefix, StringComparison.Ordinal);
            if (behind && _body.Source.IsOfBody(Relative(name), _bodyNames)) return Place.Body;
            if (!behind && _alone) return Place.Beside;
            string scope = _tensors.ScopeOf(name);
            if (!scope.StartsWith(_scope, StringComparison.Ordinal)) return _headRoots.Contains(Root(scope)) ? Place.Head : Place.Beside;
            return Has(TrainingWords, ModuleName.Top(name[_scope.Length..])) ? Place.Beside : Place.Head;
        }

        // Dictionaries beside the network's: where one has a matrix over the features, all with matrices may follow each other.
        private HashSet<string> HeadRoots(int features)
        {
            var roots = _tensors.InOrder.Where(name => _tensors.ShapeOf(name) is { Length: >= 2 })
                .Where(name => !_tensors.ScopeOf(name).StartsWith(_scope, StringComparison.Ordinal))
                .ToLookup(name => Root(_tensors.ScopeOf(name)), StringComparer.Ordinal)
                .Where(root => !root.Any(name => Has(TrainerWords, _tensors.ScopeOf(name))) && !root.Any(_known.Contains)).ToList();
            return features > 0 && roots.Exists(root => root.Any(name => _tensors.ShapeOf(name)!.Value.Contains(features)))
                ? roots.Select(root => root.Key).ToHashSet(StringComparer.Ordinal)
                : [];
        }

        // The outermost dictionary that the network does not lie in.
        private string Root(string scope)
        {
            int common = Common([scope, _scope]).Length, end = scope.IndexOf('.', common);
            return end < 0 ? scope : scope[..(end + 1)];
        }

        private string Relative(string name) => name[_body.Prefix.Length..];

        private static int Features(MappedParameter classifier) =>
            classifier.SourceShape[classifier.Layout == TensorLayout.PyTorch ? 1 : 0];

        private static bool Has(string[] words, string name) =>
            words.Any(word => name.Contains(word, StringComparison.OrdinalIgnoreCase));

        // What all begin with, up to a dot.
        private static string Common(IEnumerable<string> scopes)
        {
            string common = scopes.Aggregate((a, b) => a[..a.AsSpan().CommonPrefixLength(b)]);
            return common[..(common.LastIndexOf('.') + 1)];
        }
    }
}
