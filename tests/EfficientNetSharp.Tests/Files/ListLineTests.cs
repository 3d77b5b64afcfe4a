using System.Text;
using CsCheck;
using EfficientNetSharp.Files;

namespace EfficientNetSharp.Tests.Files;

/// <summary>Names in text lists and in CSV: as many rows as names, and each comes back.</summary>
public sealed class ListLineTests
{
    // What a line ends at for Python's splitlines, editors and .NET, and what readers strip or take for a quote.
    private const string Troublesome = "\n\r\v\f\u001c\u001e\u0085\u2028\u2029\t \"\\,a\ud800";

    private static readonly Gen<char> Unit =
        Gen.Select(Gen.Char, Gen.Int[0, (2 * Troublesome.Length) - 1], (any, i) => i < Troublesome.Length ? Troublesome[i] : any);

    [Theory]
    [InlineData("photos/cat 1.png", "photos/cat 1.png")]
    [InlineData(@"C:\photos\größe.png", @"C:\photos\größe.png")]
    [InlineData("say \"hi\", twice.png", "say \"hi\", twice.png")]
    [InlineData("a\nb.png", "\"a\\u000Ab.png\"")]
    [InlineData("\"quoted\"", "\"\\\"quoted\\\"\"")]
    [InlineData(" blank ", "\" blank \"")]
    [InlineData("", "\"\"")]
    public void Lines_are_names_or_JSON_strings(string name, string line)
    {
        Assert.Equal(line, ListLine.Of(name));
        Assert.Equal(name, ListLine.Read(line));
    }

    // No attribute can hold half a pair.
    [Fact]
    public void Half_a_surrogate_pair_is_kept() => Lines_are_names_or_JSON_strings("\udcffx\\", "\"\\uDCFFx\\\\\"");

    [Fact]
    public void A_list_has_a_line_for_each_name_whatever_the_names() => Unit.Array[0, 8].Array[1, 10].Sample(names =>
    {
        string[] given = [.. names.Select(units => new string(units))];
        // Through UTF-8, as a file holds it.
        byte[] file = Encoding.UTF8.GetBytes(string.Concat(given.Select(name => ListLine.Of(name) + "\n")));
        string[] lines = Encoding.UTF8.GetString(file).Split('\n')[..^1];
        bool whole = lines.All(line => line.Trim() == line
            && line.All(unit => !char.IsControl(unit) && unit is not ('\u2028' or '\u2029')));
        return whole && lines.Select(ListLine.Read).SequenceEqual(given);
    });

    [Theory]
    [InlineData("\"open")]
    [InlineData("\"a\" b")]
    [InlineData("\"\\q\"")]
    public void A_quote_begins_a_whole_JSON_string(string line) =>
        Assert.Contains("JSON string", Assert.Throws<InvalidInputException>(() => ListLine.Read(line)).Message, StringComparison.Ordinal);

    [Theory]
    [InlineData("a,b\"c", "\"a,b\"\"c\"")]
    [InlineData("two\nlines", "\"two\nlines\"")]
    [InlineData(" edge", "\" edge\"")]
    [InlineData("plain name", "plain name")]
    public void Cells_of_CSV_are_quoted_where_they_must_be(string cell, string expected) =>
        Assert.Equal(expected + ",1", CsvText.Row([cell, "1"]));
}
