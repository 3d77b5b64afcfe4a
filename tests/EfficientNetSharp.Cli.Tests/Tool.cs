namespace EfficientNetSharp.Cli.Tests;

/// <summary>The tool as it is typed, in this process.</summary>
internal static class Tool
{
    /// <summary>
    /// The collection of tests that train to equal bytes or set libtorch's number of threads, which is one for the whole process and
    /// decides the order of sums: they do not run side by side.
    /// </summary>
    public const string TorchThreads = "libtorch's threads";

    public static (int Code, string Output, string Error) Run(params string[] words)
    {
        using var output = new StringWriter();
        using var error = new StringWriter();
        int code = EffnetCommand.Run(words, new Terminal(output, error, live: false, TestContext.Current.CancellationToken));
        return (code, output.ToString(), error.ToString());
    }
}
