using System.Text.RegularExpressions;

namespace EfficientNetSharp.Cli.Tests;

/// <summary>What the sources of all rooms keep to, where no compiler rule says it.</summary>
public sealed partial class SourceTests
{
    public static TheoryData<string> Files => new(
        Directory.EnumerateFiles(Path.Combine(Repository.Root, "src"), "*.cs", SearchOption.AllDirectories)
            .Select(file => Path.GetRelativePath(Repository.Root, file).Replace('\\', '/'))
            .Where(file => !file.Contains("/obj/", StringComparison.Ordinal) && !file.Contains("/bin/", StringComparison.Ordinal)));

    [Theory]
    [MemberData(nameof(Files))]
    public void Numbers_are_read_from_text_in_one_place(string file)
    {
        if (file is "src/EfficientNetSharp/NumberText.cs") return;
        Assert.DoesNotMatch(NumberParsing(), Code(file));
        // A pattern's \d takes the digits of all scripts.
        Assert.DoesNotMatch(ScriptDigits(), Code(file));
    }

    [Theory]
    [MemberData(nameof(Files))]
    public void The_terminal_is_reached_in_one_place(string file)
    {
        if (!file.StartsWith("src/EfficientNetSharp.Cli/", StringComparison.Ordinal)) return;
        // Interruption speaks when the terminal may not answer any more.
        if (Path.GetFileName(file) is not ("Terminal.cs" or "Interruption.cs")) Assert.DoesNotMatch(ConsoleUse(), Code(file));
        if (Path.GetFileName(file) is not "TextTable.cs") Assert.DoesNotContain("Spectre", Code(file), StringComparison.Ordinal);
    }

    private static string Code(string file) => Comment().Replace(Repository.Read(file), "");

    // Hexadecimal digits of an escape, and those of big integers, are no numbers that people write.
    [GeneratedRegex(
        @"\b(double|float|decimal|Half|u?int|u?long|u?short|s?byte|Double|Single|U?Int(16|32|64)|Convert)\." +
        @"(Try)?(Parse|ToU?Int(16|32|64)|ToDouble|ToSingle|ToDecimal|ToByte)\((?!text\.Slice\(i \+ 1, 4\))")]
    private static partial Regex NumberParsing();

    [GeneratedRegex(@"GeneratedRegex\([^)]*\\d")]
    private static partial Regex ScriptDigits();

    [GeneratedRegex(@"\bConsole\.")]
    private static partial Regex ConsoleUse();

    [GeneratedRegex(@"//.*$", RegexOptions.Multiline)]
    private static partial Regex Comment();
}
