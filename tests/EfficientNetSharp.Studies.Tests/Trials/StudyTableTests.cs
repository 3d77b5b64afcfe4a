using System.Text;
using EfficientNetSharp.Studies.Trials;

namespace EfficientNetSharp.Studies.Tests.Trials;

public sealed class StudyTableTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("table").FullName;

    private string File_ => Path.Combine(_folder, "trials.jsonl");

    private StudyTable Table => new(File_);

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public void What_was_appended_is_read_back()
    {
        var results = Results(5);
        Assert.Empty(Table.Read());
        Assert.All(results, result => Assert.True(Table.Append(result)));
        Assert.False(Table.Append(results[2]));
        Assert.Equal(results, Table.Read().Values);
    }

    [Fact]
    public void A_table_that_is_cut_at_any_byte_keeps_its_whole_lines_and_goes_on()
    {
        var results = Results(4);
        foreach (var result in results.Take(3)) Table.Append(result);
        byte[] whole = File.ReadAllBytes(File_);
        for (int length = 0; length <= whole.Length; length++)
        {
            File.WriteAllBytes(File_, whole[..length]);
            int lines = whole.AsSpan(0, length).Count((byte)'\n');
            Assert.Equal(results.Take(lines), Table.Read().Values);
            Assert.True(Table.Append(results[3]));
            Assert.Equal([.. results.Take(lines), results[3]], Table.Read().Values);
        }
    }

    [Fact]
    public void A_byte_that_was_changed_in_any_line_is_named_with_it()
    {
        foreach (var result in Results(3)) Table.Append(result);
        byte[] whole = File.ReadAllBytes(File_);
        for (int at = 0; at < whole.Length; at++)
        {
            // What ends a line is no part of it; a last line without one is cut, and another end joins two.
            if (at == whole.Length - 1) continue;
            byte[] changed = [.. whole];
            changed[at] ^= 1;
            File.WriteAllBytes(File_, changed);
            int line = 1 + whole.AsSpan(0, at).Count((byte)'\n');
            string said = Assert.Throws<InvalidInputException>(() => Table.Read()).Message;
            Assert.Contains($"line {line} ", said, StringComparison.Ordinal);
            Assert.Contains("delete the line", said, StringComparison.Ordinal);
        }
    }

    [Fact]
    public void Zeros_that_a_crash_left_at_the_end_are_a_cut_line()
    {
        var results = Results(2);
        Table.Append(results[0]);
        using (var file = new FileStream(File_, FileMode.Append)) file.Write(new byte[4096]);
        Assert.Single(Table.Read());
        Table.Append(results[1]);
        Assert.Equal(results, Table.Read().Values);
    }

    [Fact]
    public void Tables_may_be_joined_but_not_contradict_each_other()
    {
        var results = Results(3);
        foreach (var result in results) Table.Append(result);
        string text = File.ReadAllText(File_);
        File.WriteAllText(File_, text + "\r\n" + text.Replace("\n", "\r\n", StringComparison.Ordinal));
        Assert.Equal(3, Table.Read().Count);

        // The same trial on another machine, in another time.
        string other = TrialLine.Of(results[1] with { Seconds = 99, Host = "elsewhere" });
        File.WriteAllText(File_, text + other + "\n");
        Assert.Equal(1.5, Table.Read()[results[1].Key].Seconds);

        File.WriteAllText(File_, text + TrialLine.Of(results[1] with { BestEpoch = 7 }) + "\n");
        Assert.Contains("lines 2 and 4", Assert.Throws<InvalidInputException>(() => Table.Read()).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Many_that_append_at_once_lose_nothing_and_repeat_nothing()
    {
        var results = Results(40);
        var readers = new List<int>();
        Parallel.For(0, 8, new ParallelOptions { MaxDegreeOfParallelism = 8 }, worker =>
        {
            foreach (var result in results.Skip(worker % 4)) Table.Append(result);
            lock (readers) readers.Add(Table.Read().Count);
        });
        Assert.Equal(results.Select(result => result.Key).Order(), Table.Read().Keys.Order());
        Assert.Equal(40, File.ReadAllText(File_).Count(c => c == '\n'));
    }

    [Fact]
    public void Any_text_in_a_result_stays_on_its_line()
    {
        var result = Results(1)[0] with { Network = "a\"b\\c\nd\u2028é", Diverged = "x\",\"check\":\"00000000\"}" };
        Table.Append(result);
        Assert.Equal(result, Assert.Single(Table.Read().Values));
        Assert.Single(File.ReadAllLines(File_));
    }

    [Fact]
    public void A_file_of_something_else_is_refused()
    {
        File.WriteAllText(File_, "series,point\nwidth,2\n", Encoding.UTF8);
        Assert.Contains("line 1", Assert.Throws<InvalidInputException>(() => Table.Read()).Message, StringComparison.Ordinal);
        Directory.CreateDirectory(Path.Combine(_folder, "folder"));
        Assert.Throws<InvalidInputException>(() => new StudyTable(Path.Combine(_folder, "folder")).Read());
    }

    private static List<TrialResult> Results(int count)
    {
        var trial = Study.Of(SmallStudies.Settings()).Trials(new Dictionary<string, TrialResult>())[0]!;
        return
        [
            .. Enumerable.Range(0, count).Select(i => SmallStudies.Invented(trial with { Recipe = trial.Recipe with { Seed = (ulong)i } })),
        ];
    }
}
