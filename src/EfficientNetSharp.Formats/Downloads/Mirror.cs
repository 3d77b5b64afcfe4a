using System.Collections.Immutable;
using EfficientNetSharp.Files;

namespace EfficientNetSharp.Formats.Downloads;

/// <summary>Where a mirror may hold a file: a folder or a base address, see <see cref="DownloadOptions.From"/>.</summary>
internal sealed class Mirror
{
    private const string Expected = "--from expects a folder or an http or https address";

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
            bool isKnown = Uri.TryCreate(text.EndsWith('/') ? text : text + '/', UriKind.Absolute, out var address)
                && (address.IsFile || address.Scheme is "http" or "https");
            if (!isKnown) throw new InvalidInputException($"{Expected}, found {OneLine.Quote(text, 200)}; check how it is spelled.");
            if (!address!.IsFile) return new Mirror(text, address);
            text = address.LocalPath;
        }

        if (!Directory.Exists(text))
            throw new InvalidInputException($"{Expected}, found {OneLine.Quote(from, 200)}, which is no folder that exists.");
        return new Mirror(text, null);
    }

    /// <summary>The file in the folder.</summary>
    /// <exception cref="InvalidInputException">It is not there; the message names the places.</exception>
    internal string FindFile(RemoteFile file)
    {
        var places = Relative(file).Select(path => Path.GetFullPath(Path.Combine(_from, path))).ToList();
        return places.FirstOrDefault(File.Exists) ?? throw new InvalidInputException(
            $"'{_from}' does not hold the file of {file.Name}: no {string.Join(" and no ", places)}; put the file of {file.Url} there.");
    }

    /// <summary>The addresses to ask one after the other.</summary>
    internal ImmutableArray<Uri> Addresses(RemoteFile file) => [.. Relative(file).Select(path => new Uri(_base!, path))];

    private static IEnumerable<string> Relative(RemoteFile file)
    {
        string path = string.Join('/', DownloadCache.PathParts(file.Url));
        yield return path;
        if (file.HasUniqueFileName) yield return file.FileName;
        yield return $"{file.Url.Host}/{path}";
    }
}
