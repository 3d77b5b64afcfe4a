using EfficientNetSharp.Fuzzing.Formats;

namespace EfficientNetSharp.Fuzzing.Tests;

/// <summary>The harness sees what it is there to see: readers that fail in each way are found, and the input is named.</summary>
public sealed class HarnessTests
{
    public static TheoryData<string> Formats => [.. FuzzFormats.All.Select(format => format.Name)];

    [Theory]
    [InlineData("planted-exception", "exception")]
    [InlineData("planted-lines", "message")]
    [InlineData("planted-managed", "managed")]
    [InlineData("planted-resident", "resident")]
    [InlineData("planted-hang", "hang")]
    [InlineData("planted-crash", "crash")]
    public void A_reader_that_fails_is_found_and_its_input_named(string format, string kind)
    {
        var result = Campaign.Run(FuzzFormats.Get(format), seed: 1, first: 7, count: 2, TimeSpan.FromMinutes(5));
        Assert.Equal(2, result.Inputs);
        Assert.Equal([7L, 8L], result.Findings.Where(finding => finding.Kind == kind).Select(finding => finding.Number));
    }

    [Fact]
    public void A_reader_that_refuses_in_one_line_is_not()
    {
        var result = Campaign.Run(FuzzFormats.Get("planted-good"), seed: 1, first: 0, count: 50, TimeSpan.FromMinutes(5));
        Assert.Empty(result.Findings);
        Assert.Equal((50, 0), (result.Inputs, result.Accepted));
    }

    [Theory]
    [MemberData(nameof(Formats))]
    public void A_mutant_is_a_function_of_its_seed_and_number(string format)
    {
        string folder = Directory.CreateTempSubdirectory("effnet-tests-").FullName;
        try
        {
            for (int number = 0; number < 20; number++)
            {
                var finding = new Finding(format, 3, number, "exception", "", "");
                Assert.Equal(Read(Campaign.Save(finding, Path.Combine(folder, "a"))),
                    Read(Campaign.Save(finding, Path.Combine(folder, "b"))));
            }
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    // What is saved is what the reader was given: every file in its place, the changed one changed, and the same entry.
    [Theory]
    [MemberData(nameof(Formats))]
    public void A_saved_input_is_the_one_that_was_read(string format)
    {
        string folder = Directory.CreateTempSubdirectory("effnet-tests-").FullName;
        try
        {
            for (int number = 0; number < 20; number++)
            {
                var finding = new Finding(format, 3, number, "exception", "", "");
                var made = Campaign.InputOf(finding);
                var saved = Specimen.OfCorpus(Campaign.Save(finding, folder));
                bool isFile = made.Files.Length == 1 && made.Entry.Length > 0;
                if (!isFile) Assert.Equal(made.Entry, saved.Entry);
                Assert.Equal(
                    made.Files.OrderBy(file => file.Path, StringComparer.Ordinal).Select(file => (isFile ? "" : file.Path, Convert.ToHexString(file.Bytes))),
                    saved.Files.OrderBy(file => file.Path, StringComparer.Ordinal).Select(file => (isFile ? "" : file.Path, Convert.ToHexString(file.Bytes))));
            }
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    private static IEnumerable<byte[]> Read(string path) => File.Exists(path)
        ? [File.ReadAllBytes(path)]
        : [.. Directory.EnumerateFiles(path, "*", SearchOption.AllDirectories).Order(StringComparer.Ordinal).Select(File.ReadAllBytes)];
}
