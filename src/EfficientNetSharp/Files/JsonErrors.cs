using System.Globalization;
using System.Text.Json;
using System.Text.RegularExpressions;

namespace EfficientNetSharp.Files;

/// <summary>What is wrong with a JSON text, in words for whoever wrote it.</summary>
public static partial class JsonErrors
{
    /// <summary>The library's message with its place as editors count it, without names of the library's types.</summary>
    /// <param name="exception">What reading the text threw.</param>
    /// <param name="max">Characters kept.</param>
    public static string Describe(Exception exception, int max = 300)
    {
        ArgumentNullException.ThrowIfNull(exception);
        string message = Place().Replace(exception.Message, "").TrimEnd('.', ' ');
        if (Conversion().IsMatch(message)) message = "a value is of another kind than expected";
        if (exception is JsonException { Path: { Length: > 1 } path }) message = $"{message}, at {path}";
        if (exception is JsonException { LineNumber: { } line, BytePositionInLine: { } column })
            message = string.Create(CultureInfo.InvariantCulture, $"{message}, in line {line + 1}, column {column + 1}");
        return OneLine.Clean(message, max);
    }

    // "… Path: $.epochs | LineNumber: 0 | BytePositionInLine: 12."
    [GeneratedRegex(@"\s*(Path: [^|]*\| )?LineNumber: [0-9]+ \| BytePositionInLine: [0-9]+\.?$", RegexOptions.CultureInvariant)]
    private static partial Regex Place();

    [GeneratedRegex(
        @"converted to .*\bSystem\.|converted to a 'System\.|must be of type '|token type .* as a |converted to EfficientNetSharp\.",
        RegexOptions.CultureInvariant)]
    private static partial Regex Conversion();
}
