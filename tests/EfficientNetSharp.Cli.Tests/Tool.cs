namespace EfficientNetSharp.Cli.Tests;

/// <summary>The tool as it is typed, in this process.</summary>
internal static class Tool
{
    public static (int Code, string Output, string Error) Run(params string[] words)
    {
        using var output = new StringWriter();
        using var error = new StringWriter();
        int code = EffnetCommand.Run(words, new Terminal(output, error, live: false, TestContext.Current.CancellationToken));
        return (code, output.ToString(), error.ToString());
    }
}
