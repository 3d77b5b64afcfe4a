using System.CommandLine;
using EfficientNetSharp.Architectures;
using EfficientNetSharp.Cli.Support.Paths;
using EfficientNetSharp.Weights.Downloads;

namespace EfficientNetSharp.Cli.Support.Words;

/// <summary>
/// What a shell may complete a command line with: verbs, options, choices, and the names of networks and of published weights. Shells ask
/// by <c>effnet [suggest:POSITION] "LINE"</c>, as dotnet-suggest does, and complete names of files themselves.
/// </summary>
internal static class Completion
{
    private const string Directive = "[suggest";

    /// <summary>Whether a shell asks.</summary>
    public static bool IsAsked(IReadOnlyList<string> words) => words.Count > 0 && words[0].StartsWith(Directive, StringComparison.Ordinal);

    /// <summary>Answers, a line for each.</summary>
    public static int Answer(Terminal terminal, ParseResult parsed)
    {
        using var answer = new StringWriter();
        parsed.Invoke(new InvocationConfiguration { Output = answer, Error = TextWriter.Null, EnableDefaultExceptionHandler = false });
        // The library completes the ways of asking for help that only Windows' old tools have, too.
        foreach (string word in answer.ToString().Split(['\r', '\n'], StringSplitOptions.RemoveEmptyEntries))
            if (word is not ("-?" or "/?" or "/h")) terminal.Output.WriteLine(word);
        return EffnetCommand.Done;
    }

    /// <summary>Lets an argument be completed with names of networks.</summary>
    public static InputArgument<T> WithNetworks<T>(this InputArgument<T> argument)
    {
        argument.CompletionSources.Add(_ => Networks());
        return argument;
    }

    /// <summary>Lets an option be completed with names of networks.</summary>
    public static InputOption WithNetworks(this InputOption option)
    {
        option.CompletionSources.Add(_ => Networks());
        return option;
    }

    /// <inheritdoc cref="WithNetworks(InputOption)" />
    public static InputOptions WithNetworks(this InputOptions option)
    {
        option.CompletionSources.Add(_ => Networks());
        return option;
    }

    /// <summary>Lets an option be completed with names of published weights.</summary>
    public static InputOptions WithWeights(this InputOptions option)
    {
        option.CompletionSources.Add(_ => Weights());
        return option;
    }

    /// <summary>Lets an argument be completed with names of published weights.</summary>
    public static InputArgument<T> WithWeights<T>(this InputArgument<T> argument)
    {
        argument.CompletionSources.Add(_ => Weights());
        return argument;
    }

    /// <summary>Lets an option be completed with names of published weights.</summary>
    public static InputOption WithWeights(this InputOption option)
    {
        option.CompletionSources.Add(_ => Weights());
        return option;
    }

    /// <summary>The names of all networks.</summary>
    public static IEnumerable<string> Networks() => ArchitectureRegistry.All.Select(architecture => architecture.Name);

    /// <summary>The names of all published weights, and of the networks that have some.</summary>
    public static IEnumerable<string> Weights() =>
        PublishedWeightsTable.All.SelectMany(row => new[] { row.Architecture, row.Name }).Distinct();
}
