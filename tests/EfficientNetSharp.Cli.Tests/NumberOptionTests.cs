using System.CommandLine;
using System.Globalization;
using EfficientNetSharp.Cli.Support.Devices;
using EfficientNetSharp.Graphs;
using EfficientNetSharp.Prediction;
using static EfficientNetSharp.Cli.Tests.Tool;

namespace EfficientNetSharp.Cli.Tests;

/// <summary>
/// Every option of every verb that takes a number, whatever the machine's language: a number is read, or refused as it was typed.
/// </summary>
public sealed class NumberOptionTests
{
    private static readonly Type[] Numbers =
    [
        typeof(int), typeof(long), typeof(ulong), typeof(double), typeof(float), typeof(InputSize), typeof(FeatureSelection),
        typeof(LatencyLimit),
    ];

    private static readonly string[] NoNumbers =
    [
        "0,001", "1 000", "1,000", "1e999", "0x10", "", "١٢", " 1", "1 ", "1\u00A0000", "1_000", "NaN", "Infinity", "∞",
        "1.000,5", "+", "1\0",
    ];

    // Verbs with the option in their own words.
    public static TheoryData<string, string> Options()
    {
        var all = new TheoryData<string, string>();
        using var silent = new StringWriter();
        Walk(EffnetCommand.Create(new Terminal(silent, silent, live: false, default)), []);
        return all;

        void Walk(Command command, string[] path)
        {
            foreach (var option in command.Options.Where(option => Numbers.Contains(NumberType(option))))
                all.Add(string.Join(' ', path), option.Name);
            foreach (var verb in command.Subcommands) Walk(verb, [.. path, verb.Name]);
        }
    }

    [Fact]
    public void The_walk_finds_them()
    {
        var found = Options().Select(row => row.Data).ToList();
        Assert.Superset(
            new HashSet<(string, string)>(
                [("train", "--learning-rate"), ("train", "--seed"), ("scale", "--macs"), ("scale", "--latency"), ("data inspect", "--near"),
                ("benchmark", "--resolution"), ("run", "--features"), ("data augment", "--seed"), ("export", "--opset")]),
            found.ToHashSet());
        Assert.True(found.Count > 60, $"{found.Count} options");
    }

    [Theory]
    [MemberData(nameof(Options))]
    public void What_is_no_number_is_refused_as_it_was_typed(string verb, string option)
    {
        string[] words = [.. verb.Split(' '), .. Arguments(verb)];
        var before = CultureInfo.CurrentCulture;
        try
        {
            foreach (var culture in new[] { Culture(",", "."), Culture(",", " "), Culture("٫", "٬"), Culture(",", "'"), before })
            {
                CultureInfo.CurrentCulture = culture;
                foreach (string given in NoNumbers)
                {
                    var (code, output, error) = Run([.. words, option, given]);
                    Assert.Equal(2, code);
                    Assert.Empty(output);
                    Assert.StartsWith($"effnet: {option}: expected ", error, StringComparison.Ordinal);
                    Assert.Contains($"found '{given.Replace("\0", @"\u0000", StringComparison.Ordinal)}'", error, StringComparison.Ordinal);
                    Assert.Single(error.TrimEnd('\n').Split('\n'));
                    Assert.DoesNotContain("Exception", error, StringComparison.Ordinal);
                }
            }
        }
        finally
        {
            CultureInfo.CurrentCulture = before;
        }
    }

    [Theory]
    [InlineData("--learning-rate", "1000", "a number above 0 and below 1000, found '1000'")]
    [InlineData("--learning-rate", "0.000", "a number above 0 and below 1000, found '0.000'")]
    [InlineData("--learning-rate", "0,001", "found '0,001'; write 0.001, with a point")]
    [InlineData("--weight-decay", "1e5", "a number of at least 0 and below 1000, found '1e5'")]
    [InlineData("--dropout", "1.0", "a number of at least 0 and below 1, found '1.0'")]
    [InlineData("--epochs", "0", "a whole number from 1 to 1000000, found '0'")]
    [InlineData("--epochs", "2.5", "a whole number from 1 to 1000000, found '2.5'")]
    [InlineData("--epochs", "99999999999", "a whole number from 1 to 1000000, found '99999999999'")]
    [InlineData("--seed", "18446744073709551616", "a whole number from 0 to 18446744073709551615, found '18446744073709551616'")]
    [InlineData("--mixup", "0.0001", "0 or a number from 0.001 to 100, found '0.0001'")]
    [InlineData("--min-crop-scale", "0", "a number from 0.0001 to 1, found '0'")]
    public void A_number_out_of_range_gets_both_bounds_and_itself(string option, string given, string expected)
    {
        var (code, _, error) = Run("train", ".", option, given);
        Assert.Equal(2, code);
        Assert.Contains($"{option}: expected ", error, StringComparison.Ordinal);
        Assert.Contains(expected, error, StringComparison.Ordinal);
    }

    private static Type NumberType(Option option) => Nullable.GetUnderlyingType(option.ValueType) ?? option.ValueType;

    // Words for the arguments that the verb requires, so that the option alone is wrong.
    private static IEnumerable<string> Arguments(string verb)
    {
        using var silent = new StringWriter();
        Command command = EffnetCommand.Create(new Terminal(silent, silent, live: false, default));
        foreach (string word in verb.Split(' ')) command = command.Subcommands.Single(sub => sub.Name == word);
        return command.Arguments.Where(argument => argument.Arity.MinimumNumberOfValues > 0).Select(_ => "x")
            .Concat(command.Options.Where(option => option.Required).SelectMany(option => new[] { option.Name, "x" }));
    }

    // As languages write numbers; their names are not known where globalization is invariant.
    private static CultureInfo Culture(string point, string group)
    {
        var culture = (CultureInfo)CultureInfo.InvariantCulture.Clone();
        (culture.NumberFormat.NumberDecimalSeparator, culture.NumberFormat.NumberGroupSeparator) = (point, group);
        return culture;
    }
}
