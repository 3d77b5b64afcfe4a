using System.CommandLine;
using EfficientNetSharp.Cli.Support.Words;

namespace EfficientNetSharp.Cli.Commands;

/// <summary><c>effnet help</c>: a verb's page, as its <c>--help</c> shows it.</summary>
internal static class HelpCommand
{
    public static Command Create(RootCommand root, HelpPage page)
    {
        var verb = new Argument<string[]>("VERB")
        {
            Description = "The verb, such as train or data inspect; all are listed if not given.",
            Arity = ArgumentArity.ZeroOrMore,
        };
        verb.CompletionSources.Add(_ => root.Subcommands.Select(known => known.Name));
        var command = new Command("help", "Show what a verb does and takes.") { verb };
        command.SetAction(parsed =>
        {
            Command found = root;
            foreach (string word in parsed.GetValue(verb) ?? [])
            {
                var known = found.Subcommands.ToList();
                found = known.Find(one => one.Name == word) ?? throw new InvalidInputException(
                    $"{WordErrors.NoVerb(word, found)} '{HelpPage.PathOf(found)} --help' shows all.");
            }

            page.Write(found);
            return EffnetCommand.Done;
        });
        return command;
    }
}
