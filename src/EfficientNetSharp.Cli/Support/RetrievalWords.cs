using System.Collections.Immutable;
using System.CommandLine;
using EfficientNetSharp.Cli.Support.Paths;
using EfficientNetSharp.Files;

namespace EfficientNetSharp.Cli.Support;

/// <summary>What was asked for of retrieval.</summary>
/// <param name="IsAsked">Whether an embedding is to be judged, also that of a classifier.</param>
/// <param name="Gallery">What is searched; <see langword="null"/> for the images themselves.</param>
/// <param name="At">The k of recall@k.</param>
/// <param name="Flip">Whether mirror images are added.</param>
internal sealed record RetrievalRequest(bool IsAsked, string? Gallery, ImmutableArray<int> At, bool Flip);

/// <summary>Words of <c>effnet evaluate</c> that judge an embedding.</summary>
internal sealed class RetrievalWords
{
    private readonly Option<bool> _retrieval = new("--retrieval")
    {
        Description = "Judge a classifier's embedding by retrieval instead of its classes; a model without classes is judged so in any case.",
    };

    private readonly InputOption _gallery = new("--gallery", InputKind.Images)
    {
        Description = "For retrieval, images to search, as one clean image per class; the other images of DATA if not given.",
    };

    private readonly Option<ImmutableArray<int>> _at = new("--recall-at")
    {
        HelpName = "K",
        Description = "For retrieval, how many of the nearest to look at; 1,5,10 if not given.",
        CustomParser = result =>
        {
            string given = result.Tokens.Count == 0 ? "" : result.Tokens[0].Value;
            var at = ImmutableArray.CreateBuilder<int>();
            foreach (string word in given.Split(','))
            {
                if (!NumberText.TryParse(word, out int k) || k < 1)
                {
                    result.AddError($"--recall-at: expected whole numbers from 1 such as 1,5,10, found {OneLine.Quote(word)}.");
                    return [];
                }

                at.Add(k);
            }

            return [.. at.Distinct().Order()];
        },
    };

    private readonly Option<bool> _flip = new("--flip")
    {
        Description = "For retrieval, add the mirror image's embedding to each.",
    };

    public void AddTo(Command command)
    {
        command.Add(_retrieval);
        command.Add(_gallery);
        command.Add(_at);
        command.Add(_flip);
    }

    public RetrievalRequest Get(ParseResult parsed)
    {
        var at = parsed.GetValue(_at);
        bool isImplied = parsed.GetValue(_gallery) is not null || !at.IsDefaultOrEmpty || parsed.GetValue(_flip);
        return new RetrievalRequest(
            parsed.GetValue(_retrieval) || isImplied, parsed.GetValue(_gallery), at.IsDefaultOrEmpty ? [1, 5, 10] : at,
                parsed.GetValue(_flip));
    }
}
