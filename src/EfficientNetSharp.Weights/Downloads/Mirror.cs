using System.Collections.Immutable;
using EfficientNetSharp.Files;

namespace EfficientNetSharp.Weights.Downloads;

/// <summary>Where a mirror may hold the file of a row: a folder or a base address, see <see cref="DownloadOptions.From"/>.</summary>
internal sealed class Mirror
{
    private readonly Uri? _base;
    private readonly string _from;

    private Mirror(string from, Uri? @base) => (_from, _base) = (from, @base);

    internal bool IsFolder => _base is null;

    /// <summary>Understands what a person gave.</summary>
    /// <exception cref="InvalidInputException">It is neither a folder that exists nor an http or https address.</exception>
    internal static Mirror Of(string from)
    {
        string text = from.Trim();
        if (text.Contains("://", StringComparison.Ordinal))
        {
            if (!Uri.TryCreate(text.EndsWith('/') ? text : text + '/', UriKind.Absolute, out var address) || !(address.IsFile || address.Scheme is "http" or "https"))
                throw new InvalidInputException($"--from expects a folder or an http or https address, found {OneLine.Quote(text, 200)}; check how it is spelled.");
            if (!address.IsFile) return new Mirror(text, address);
            text = address.LocalPath;
        }

        if (!Directory.Exists(text))
            throw new InvalidInputException($"--from expects a folder or an http or https address, found {OneLine.Quote(from, 200)}, which is no folder that exists.");
        return new Mirror(text, null);
    }

    /// <summary>The file in the folder.</summary>
    /// <exception cref="InvalidInputException">It is not there; the message names the places.</exception>
    internal string FindFile(PublishedWeights row)
    {
        var places = Relative(row).Select(path => Path.GetFullPath(Path.Combine(_from, path))).ToList();
        return places.FirstOrDefault(File.Exists)
            ?? throw new InvalidInputException($"'{_from}' does not hold the weights {row.Name}: no {string.Join(" and no ", places)}; put the file of {row.Url} there.");
    }

    /// <summary>The addresses to ask one after the other.</summary>
    internal ImmutableArray<Uri> Addresses(PublishedWeights row) => [.. Relative(row).Select(path => new Uri(_base!, path))];

    private static IEnumerable<string> Relative(PublishedWeights row)
    {
        string path = string.Join('/', WeightCache.PathParts(row));
        yield return path;
        // A name that several files have would bring one for another.
        if (!PublishedWeightsTable.All.Any(other => other.FileName == row.FileName && other.Url != row.Url)) yield return row.FileName;
        yield return $"{row.Url.Host}/{path}";
    }
}
