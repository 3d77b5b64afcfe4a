using System.Collections.Immutable;
using System.Text.RegularExpressions;

namespace EfficientNetSharp.Cli.Tests.Documentation;

/// <summary>What of a page can be checked: its fenced blocks, and outside of them what stands in backticks, links and headings.</summary>
internal sealed partial class MarkdownPage
{
    /// <summary>Reads a page.</summary>
    /// <param name="path">What messages call it.</param>
    /// <param name="text">The page in Markdown.</param>
    /// <exception cref="FormatException">A block does not end.</exception>
    public MarkdownPage(string path, string text)
    {
        var blocks = ImmutableArray.CreateBuilder<CodeBlock>();
        var spans = ImmutableArray.CreateBuilder<CodeSpan>();
        var links = ImmutableArray.CreateBuilder<PageLink>();
        var anchors = ImmutableArray.CreateBuilder<string>();
        string[] lines = text.ReplaceLineEndings("\n").Split('\n');
        for (int i = 0; i < lines.Length; i++)
        {
            if (Fence().Match(lines[i]) is { Success: true } fence)
            {
                int first = i + 1, end = Array.FindIndex(lines, first, line => line.Trim() == fence.Groups["fence"].Value);
                if (end < 0) throw new FormatException($"{path}:{i + 1}: the block does not end.");
                blocks.Add(new CodeBlock(path, first + 1, fence.Groups["language"].Value, string.Join('\n', lines[first..end])));
                i = end;
                continue;
            }

            foreach (Match span in Span().Matches(lines[i])) spans.Add(new CodeSpan(path, i + 1, span.Groups["text"].Value));
            foreach (Match link in Link().Matches(Span().Replace(lines[i], "")))
                links.Add(new PageLink(path, i + 1, link.Groups["target"].Value));
            if (Heading().Match(lines[i]) is { Success: true } heading) anchors.Add(NextAnchor(heading.Groups["text"].Value, anchors));
        }

        (Blocks, Spans, Links, Anchors) = (blocks.ToImmutable(), spans.ToImmutable(), links.ToImmutable(), anchors.ToImmutable());
    }

    public ImmutableArray<CodeBlock> Blocks { get; }

    public ImmutableArray<CodeSpan> Spans { get; }

    /// <summary>Links and images, in Markdown or as attributes of HTML.</summary>
    public ImmutableArray<PageLink> Links { get; }

    /// <summary>What links may name behind '#': a name for each heading.</summary>
    public ImmutableArray<string> Anchors { get; }

    // As GitHub makes them: lower case, blanks as dashes, no punctuation, and a number behind a name that is taken.
    private static string NextAnchor(string heading, IEnumerable<string> taken)
    {
        string text = HeadingLink().Replace(heading, "${text}");
        string name = string.Concat(text.ToLowerInvariant().Where(c => char.IsLetterOrDigit(c) || c is ' ' or '-' or '_')).Replace(' ', '-');
        return Enumerable.Range(0, int.MaxValue).Select(n => n == 0 ? name : $"{name}-{n}").First(each => !taken.Contains(each));
    }

    [GeneratedRegex(@"^\s*(?<fence>```+|~~~+)(?<language>[^`]*)$")]
    private static partial Regex Fence();

    [GeneratedRegex("`(?<text>[^`]+)`")]
    private static partial Regex Span();

    [GeneratedRegex(@"\]\((?<target>[^)\s]+)(\s+""[^""]*"")?\)|\s(src|srcset|href)=""(?<target>[^""]+)""")]
    private static partial Regex Link();

    [GeneratedRegex(@"^#{1,6}\s+(?<text>.+?)\s*$")]
    private static partial Regex Heading();

    [GeneratedRegex(@"\[(?<text>[^\]]*)\]\([^)]*\)")]
    private static partial Regex HeadingLink();
}

/// <summary>A fenced block.</summary>
/// <param name="Page">The page's path.</param>
/// <param name="Line">The line of the code's first line, from 1.</param>
/// <param name="Language">What follows the fence.</param>
/// <param name="Code">The lines between the fences.</param>
internal sealed record CodeBlock(string Page, int Line, string Language, string Code);

/// <summary>Words in backticks.</summary>
/// <param name="Page">The page's path.</param>
/// <param name="Line">Their line, from 1.</param>
/// <param name="Text">What stands between the backticks.</param>
internal sealed record CodeSpan(string Page, int Line, string Text);

/// <summary>A link or an image.</summary>
/// <param name="Page">The page's path.</param>
/// <param name="Line">Its line, from 1.</param>
/// <param name="Target">Where it leads, as it is written.</param>
internal sealed record PageLink(string Page, int Line, string Target);
