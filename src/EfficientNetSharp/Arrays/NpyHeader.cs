using System.Collections.Immutable;
using EfficientNetSharp.Files;

namespace EfficientNetSharp.Arrays;

/// <summary>
/// The header of a .npy file: a Python dictionary literal with the keys <c>descr</c>, <c>fortran_order</c> and <c>shape</c>
/// (NumPy's <c>numpy.lib.format</c>). Only these three, and only the literals that NumPy writes for plain arrays, are known.
/// </summary>
internal sealed class NpyHeader
{
    private readonly string _text;
    private readonly string _path;
    private int _at;
    private bool _hasOrder;

    private NpyHeader(string text, string path)
    {
        _text = text;
        _path = path;
    }

    public string? Descr { get; private set; }

    public bool IsFortranOrder { get; private set; }

    public ImmutableArray<int> Shape { get; private set; }

    /// <summary>Reads the literal.</summary>
    /// <exception cref="InvalidInputException">It is not one of a plain array.</exception>
    public static NpyHeader Parse(string text, string path)
    {
        var header = new NpyHeader(text, path);
        header.ParseDictionary();
        return header;
    }

    public InvalidInputException Error(string what) => new($"'{_path}' is not a usable .npy file: {what}.");

    private void ParseDictionary()
    {
        Expect('{');
        while (!Accept('}'))
        {
            string key = ParseString("a key");
            Expect(':');
            ParseValue(key);
            if (Accept(',')) continue;
            Expect('}');
            break;
        }

        SkipSpaces();
        if (_at < _text.Length) throw Error($"its header goes on after the dictionary with {OneLine.Quote(_text[_at..], 20)}");
        if (Descr is null || !_hasOrder || Shape.IsDefault) throw Error("its header lacks one of descr, fortran_order and shape");
    }

    private void ParseValue(string key)
    {
        switch (key)
        {
            case "descr" when Descr is null:
                Descr = ParseDescr();
                break;
            case "fortran_order" when !_hasOrder:
                IsFortranOrder = ParseBoolean();
                _hasOrder = true;
                break;
            case "shape" when Shape.IsDefault:
                Shape = ParseShape();
                break;
            default:
                throw Error($"its header has {OneLine.Quote(key)} twice or where only descr, fortran_order and shape are expected");
        }
    }

    private string ParseDescr()
    {
        SkipSpaces();
        if (_at < _text.Length && _text[_at] == '[')
            throw Error("it holds records with named fields; save one field of them as a plain array of numbers");
        return ParseString("the type");
    }

    private string ParseString(string what)
    {
        SkipSpaces();
        char quote = _at < _text.Length ? _text[_at] : '\0';
        if (quote is not ('\'' or '"')) throw Unexpected($"{what} in quotes");
        int end = _text.IndexOf(quote, _at + 1);
        if (end < 0) throw Error($"its header ends within {what}");
        string value = _text[(_at + 1)..end];
        _at = end + 1;
        return value;
    }

    private bool ParseBoolean()
    {
        SkipSpaces();
        foreach (var (word, value) in new[] { ("True", true), ("False", false) })
        {
            if (!_text.AsSpan(_at).StartsWith(word, StringComparison.Ordinal)) continue;
            _at += word.Length;
            return value;
        }

        throw Unexpected("True or False");
    }

    private ImmutableArray<int> ParseShape()
    {
        var shape = ImmutableArray.CreateBuilder<int>();
        Expect('(');
        while (!Accept(')'))
        {
            if (shape.Count == ArrayShape.MaxDimensions) throw Error($"it has more than {ArrayShape.MaxDimensions} dimensions");
            shape.Add(ParseDimension());
            if (Accept(',')) continue;
            Expect(')');
            break;
        }

        return shape.ToImmutable();
    }

    private int ParseDimension()
    {
        SkipSpaces();
        int start = _at;
        while (_at < _text.Length && char.IsAsciiDigit(_text[_at])) _at++;
        if (_at == start) throw Unexpected("a dimension, 0 or more");
        var digits = _text.AsSpan(start, _at - start);
        if (!NumberText.TryParseDigits(digits, out int dimension))
            throw Error($"a dimension is {OneLine.Clean(digits.ToString(), 30)}, expected at most {int.MaxValue}");
        // Python 2 wrote long integers as 3L; NumPy still takes them.
        if (_at < _text.Length && _text[_at] == 'L') _at++;
        return dimension;
    }

    private bool Accept(char c)
    {
        SkipSpaces();
        if (_at >= _text.Length || _text[_at] != c) return false;
        _at++;
        return true;
    }

    private void Expect(char c)
    {
        if (!Accept(c)) throw Unexpected($"'{c}'");
    }

    private void SkipSpaces()
    {
        while (_at < _text.Length && _text[_at] is ' ' or '\n' or '\r' or '\t') _at++;
    }

    private InvalidInputException Unexpected(string expected)
    {
        string found = _at < _text.Length ? OneLine.Quote(_text[_at..], 20) : "its end";
        return Error($"its header has {found} at character {_at}, expected {expected}");
    }
}
