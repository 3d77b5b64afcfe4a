using System.CommandLine;
using EfficientNetSharp.Inference;
using EfficientNetSharp.Running;

namespace EfficientNetSharp.Cli.Support;

/// <summary>How a network is to run, as verbs ask for it: <c>--threads</c> and <c>--simd</c>.</summary>
internal sealed class RunnerChoice
{
    private readonly Option<int> _threads;

    private readonly Option<int?> _simd = new("--simd")
    {
        HelpName = "BITS",
        Description =
            $"Bits of the engine's vectors: {string.Join(", ", Enum.GetValues<SimdLevel>().Select(level => (int)level))}; "
            + $"${SimdLevels.Variable}, else the widest that the machine has, if not given.",
        CustomParser = result =>
        {
            try
            {
                return (int)SimdLevels.Parse(result.Tokens.Count == 0 ? "" : result.Tokens[0].Value, "--simd");
            }
            catch (InvalidInputException e)
            {
                result.AddError(e.Message);
                return null;
            }
        },
    };

    /// <summary>Makes the options.</summary>
    /// <param name="threads">The option of threads; <see langword="null"/> for the usual.</param>
    public RunnerChoice(Option<int>? threads = null) => _threads = threads ?? SharedOptions.Threads();

    /// <summary>The options, for a verb's list.</summary>
    public IEnumerable<Option> Options => [_threads, _simd];

    public void AddTo(Command command)
    {
        foreach (var option in Options) command.Add(option);
    }

    /// <summary>What was asked for.</summary>
    public RunnerOptions Get(ParseResult parsed) => new() { Threads = parsed.GetValue(_threads), SimdBits = parsed.GetValue(_simd) };

    /// <summary>The vectors that the engine works with then.</summary>
    public static SimdLevel LevelOf(RunnerOptions options) =>
        options.SimdBits is { } bits ? SimdLevels.Of(bits, "--simd") : SimdLevels.Default;
}
