using System.Globalization;
using EfficientNetSharp.Fuzzing.Formats;

namespace EfficientNetSharp.Fuzzing.Tests;

/// <summary>
/// Every reader of what comes from outside, on changed files: it reads or refuses in one line, within the memory and time that
/// docs/security.md promises. A few hundred files of each format here; <c>eng/fuzz.sh</c> for hours.
/// </summary>
/// <remarks><c>EFFNET_TEST_FUZZ=seed:first:count</c> reads others.</remarks>
public sealed class FormatTests(ITestOutputHelper output)
{
    private const string Variable = "EFFNET_TEST_FUZZ";

    public static TheoryData<string> Formats => [.. FuzzFormats.All.Select(format => format.Name)];

    public static TheoryData<string> FormatsWithCorpus =>
        [.. FuzzFormats.All.Select(format => format.Name).Where(name => Directory.Exists(Path.Combine(Repository.Corpus, name)))];

    [Theory]
    [MemberData(nameof(Formats))]
    public void Changed_files_are_read_or_refused_within_bounds(string name)
    {
        string[] given = (Environment.GetEnvironmentVariable(Variable) ?? "2:0:300").Split(':');
        ulong seed = ulong.Parse(given[0], CultureInfo.InvariantCulture);
        long first = long.Parse(given[1], CultureInfo.InvariantCulture), count = long.Parse(given[2], CultureInfo.InvariantCulture);
        var result = Campaign.Run(FuzzFormats.Get(name), seed, first, count, TimeSpan.FromMinutes(30));
        output.WriteLine($"{name}: seed {seed}, mutants {first} to {first + count - 1}, {result.Accepted} read, the others refused");
        Assert.Equal([], result.Findings.Select(finding => finding.ToJson()));
        Assert.Equal(count, result.Inputs);
    }

    [Theory]
    [MemberData(nameof(FormatsWithCorpus))]
    public void Files_that_once_failed_are_read_or_refused_within_bounds(string name) =>
        Assert.Equal([], Campaign.RunCorpus(FuzzFormats.Get(name)).Select(finding => finding.ToJson()));
}
