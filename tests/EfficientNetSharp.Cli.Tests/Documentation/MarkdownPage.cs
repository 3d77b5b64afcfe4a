using System.Collections.Immutable;
using System.Text.RegularExpressions;

namespace EfficientNetSharp.Cli.Tests.Documentation;

/// <summary>The code of a page: its fenced blocks, and what stands in backticks outside of them.</summary>
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
        }

        (Blocks, Spans) = (blocks.ToImmutable(), spans.ToImmutable());
    }

    public ImmutableArray<CodeBlock> Blocks { get; }

    public ImmutableArray<CodeSpan> Spans { get; }

    [GeneratedRegex(@"^\s*(?<fence>```+|~~~+)(?<language>[^`]*)$")]
    private static partial Regex Fence();

    [GeneratedRegex("`(?<text>[^`]+)`")]
    private static partial Regex Span();
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
