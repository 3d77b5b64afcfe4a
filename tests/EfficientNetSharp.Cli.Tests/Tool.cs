namespace EfficientNetSharp.Cli.Tests;

/// <summary>The tool as it is typed, in this process.</summary>
internal static class Tool
{
    public static (int Code, string Output, string Error) Run(params string[] words) => RunIn(null, words);

    /// <summary>As <see cref="Run"/>, with variables of the environment instead of the process's own.</summary>
    public static (int Code, string Output, string Error) RunIn(Dictionary<string, string>? variables, params string[] words)
    {
        using var output = new StringWriter();
        using var error = new StringWriter();
        var terminal = new Terminal(output, error, live: false, TestContext.Current.CancellationToken)
        {
            Environment = name => variables is null ? Environment.GetEnvironmentVariable(name) : variables.GetValueOrDefault(name),
        };
        int code = EffnetCommand.Run(words, terminal);
        return (code, output.ToString(), error.ToString());
    }
}
