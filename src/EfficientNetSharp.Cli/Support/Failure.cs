using System.Text.RegularExpressions;
using EfficientNetSharp.Files;
using EfficientNetSharp.Formats.Downloads;

namespace EfficientNetSharp.Cli.Support;

/// <summary>What a failure is called in the one line that a person gets of it.</summary>
internal static partial class Failure
{
    /// <summary>The exit code of a command that ended so.</summary>
    public static int CodeOf(Exception exception) => exception switch
    {
        OperationCanceledException => EffnetCommand.Interrupted,
        InvalidInputException => EffnetCommand.WrongInput,
        AggregateException or TypeInitializationException when exception.InnerException is { } inner => CodeOf(inner),
        _ => EffnetCommand.Failed,
    };

    /// <summary>The line, without the words of the language that the tool is written in.</summary>
    public static string LineOf(Exception exception) => exception switch
    {
        OperationCanceledException => "Interrupted.",
        InvalidInputException or DownloadException or WriteFailedException => exception.Message,
        OutputException => $"The results cannot be written to standard output: {Reason(exception)}.",
        IOException or UnauthorizedAccessException => OfFile(exception),
        AggregateException { InnerException: { } inner } => LineOf(inner),
        TypeInitializationException { InnerException: { } inner } => LineOf(inner),
        OutOfMemoryException => "There is not enough memory for this; close other programs, or take smaller images, batches or files.",
        DllNotFoundException => $"A native library does not load: {Reason(exception)}; 'effnet doctor' says what is missing.",
        _ => $"The tool failed where it should not: {Reason(exception)} (--verbose shows where; please report it).",
    };

    // .NET puts what the system says before the path; the path is what a person looks for.
    private static string OfFile(Exception exception)
    {
        string reason = Reason(exception);
        return PathLast().Match(reason) is { Success: true } match ? $"'{match.Groups[2].Value}': {match.Groups[1].Value}." : $"{reason}.";
    }

    private static string Reason(Exception exception) => exception.Message.Split('\n')[0].Trim().TrimEnd('.');

    [GeneratedRegex("^(.+?) : '(.+)'$")]
    private static partial Regex PathLast();
}
