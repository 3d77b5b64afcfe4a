using System.Buffers.Binary;
using System.Numerics;
using System.Text;

namespace EfficientNetSharp.Formats.Pickles;

/// <summary>
/// Reads a Python pickle of protocol 2 to 5 (documented in CPython's <c>pickletools</c>) into plain objects. It runs nothing:
/// the names that a pickle may use are the few of its <see cref="PickleResolver"/>, which stand for data, and any other is refused when
/// it is met, or stands for a <see cref="PickleObject"/>, which is a box and no object.
/// </summary>
/// <remarks>
/// The interpreter is a loop over a stack of its own, so that no nesting is too deep. Each byte of a pickle makes at most one
/// small object; their number, with that of all references to them, has a limit that follows from the file's length.
/// </remarks>
internal sealed class Unpickler
{
    // A state dictionary takes about 200 bytes a tensor; the rest is room for optimizer state and histories in checkpoints. Arrays that
    // are left in the file do not count.
    private const int MaxBytes = 32 << 20;

    // An object takes some hundred bytes, and compressed pickles have thousands of them in a byte. A state dictionary has twenty a tensor.
    private const int FreeObjects = 1 << 18, BytesPerObject = 8;

    // SHORT_BINSTRING and SHORT_BINBYTES hold up to 255 bytes; names and small values do, arrays of pixels do not.
    private const int ShortestArray = 256;

    // Names of modules and classes.
    private const int MaxLine = 1_000;

    // The largest integer in real files is the legacy format's magic number of 10 bytes.
    private const int MaxIntegerBytes = 256;

    private readonly ByteSource _source;
    private readonly List<object?> _stack = [];
    private readonly Stack<int> _marks = new();
    private readonly Dictionary<long, object?> _memo = [];

    private readonly PickleResolver _resolver;
    private long _end;
    private long _objectsLeft;

    private Unpickler(ByteSource source, PickleResolver resolver)
    {
        _source = source;
        _resolver = resolver;
        _objectsLeft = FreeObjects + (source.JustifiedBy / BytesPerObject);
    }

    /// <summary>Reads one pickle; the source stands behind it after.</summary>
    /// <param name="source">The bytes.</param>
    /// <param name="resolver">What its names stand for.</param>
    /// <returns>
    /// <see langword="null"/>, <see cref="bool"/>, <see cref="long"/>, <see cref="BigInteger"/>, <see cref="double"/>,
    /// <see cref="string"/>, bytes, <see cref="PickleSpan"/>, <see cref="PickleTuple"/>, <see cref="PickleList"/>,
    /// <see cref="PickleDictionary"/>, or what the resolver makes (<see cref="PickleObject"/> where it lets unknown names pass).
    /// </returns>
    /// <exception cref="InvalidInputException">It is damaged, or asks for anything else.</exception>
    public static object? Load(ByteSource source, PickleResolver resolver) => new Unpickler(source, resolver).Run();

    private object? Run()
    {
        _end = _source.Position + MaxBytes;
        while (_source.Position < _end)
        {
            byte code = _source.ReadByte();
            if (code == (byte)'.') return Pop();
            if (!RunValue(code) && !RunContainer(code) && !RunMemo(code) && !RunObject(code)) throw UnknownCode(code);
        }

        throw Error($"its pickle has over {MaxBytes} bytes, more than plain data have");
    }

    // Numbers, texts and the like, of which each is one value.
    private bool RunValue(byte code)
    {
        switch (code)
        {
            case (byte)'N': Push(null); return true;
            case 0x88: Push(true); return true;
            case 0x89: Push(false); return true;
            case (byte)'I': PushNumber(ReadLine()); return true;
            case (byte)'J': Push((long)(int)_source.ReadUInt32()); return true;
            case (byte)'K': Push((long)_source.ReadByte()); return true;
            case (byte)'M': Push((long)_source.ReadUInt16()); return true;
            case 0x8a: PushInteger(_source.ReadByte()); return true;
            case 0x8b: PushInteger(_source.ReadUInt32()); return true;
            case (byte)'G': Push(BitConverter.UInt64BitsToDouble(BinaryPrimitives.ReverseEndianness(_source.ReadUInt64()))); return true;
            case (byte)'U': PushString(_source.ReadByte()); return true;
            case 0x8c: PushText(_source.ReadByte()); return true;
            case (byte)'T': PushString(_source.ReadUInt32()); return true;
            case (byte)'X': PushText(_source.ReadUInt32()); return true;
            case 0x8d: PushText(_source.ReadUInt64()); return true;
            case (byte)'C': PushBytes(_source.ReadByte()); return true;
            case (byte)'B': PushBytes(_source.ReadUInt32()); return true;
            case 0x8e or 0x96: PushBytes(_source.ReadUInt64()); return true;
            default: return false;
        }
    }

    private bool RunContainer(byte code)
    {
        switch (code)
        {
            case (byte)'(': PushMark(); return true;
            case (byte)')': Push(new PickleTuple([])); return true;
            case 0x85: PushTuple(1); return true;
            case 0x86: PushTuple(2); return true;
            case 0x87: PushTuple(3); return true;
            case (byte)'t': Push(new PickleTuple(PopToMark())); return true;
            case (byte)']' or 0x8f: Push(new PickleList()); return true;
            case (byte)'l' or 0x91: Extend(Push(new PickleList(), PopToMark())); return true;
            case (byte)'a': Extend([Pop()]); return true;
            case (byte)'e' or 0x90: Extend(PopToMark()); return true;
            case (byte)'}': Push(new PickleDictionary()); return true;
            case (byte)'d': SetItems(Push(new PickleDictionary(), PopToMark())); return true;
            case (byte)'s': SetItems(Pop(2)); return true;
            case (byte)'u': SetItems(PopToMark()); return true;
            default: return false;
        }
    }

    private bool RunMemo(byte code)
    {
        switch (code)
        {
            case (byte)'q': Store(_source.ReadByte()); return true;
            case (byte)'r': Store(_source.ReadUInt32()); return true;
            case 0x94: Store(_memo.Count); return true;
            case (byte)'h': Recall(_source.ReadByte()); return true;
            case (byte)'j': Recall(_source.ReadUInt32()); return true;
            case (byte)'0': Pop(); return true;
            case (byte)'1': PopToMark(); return true;
            case (byte)'2': Push(Peek()); return true;
            default: return false;
        }
    }

    private bool RunObject(byte code)
    {
        switch (code)
        {
            case 0x80: CheckProtocol(_source.ReadByte()); return true;
            // A frame's length is a hint for buffering.
            case 0x95: _source.ReadUInt64(); return true;
            case (byte)'c': Push(_resolver.Find(_source, ReadLine(), ReadLine())); return true;
            case (byte)'i': Call(_resolver.Find(_source, ReadLine(), ReadLine()), PopToMark()); return true;
            case (byte)'o': MakeInstance(PopToMark()); return true;
            case 0x93: PushStackGlobal(); return true;
            case (byte)'R' or 0x81: Call(Pop(2)); return true;
            // The third are arguments by name, which plain data have none of and other objects are not made with.
            case 0x92: Call(Pop(3)[..2]); return true;
            case (byte)'b': SetState(Pop()); return true;
            case (byte)'Q': Push(_resolver.Persist(_source, Pop())); return true;
            default: return false;
        }
    }

    private void CheckProtocol(byte protocol)
    {
        if (protocol is < 2 or > 5) throw Error($"its pickle has protocol {protocol}, expected 2 to 5");
    }

    private void PushInteger(uint length)
    {
        if (length > MaxIntegerBytes) throw Error($"its pickle has an integer of {length} bytes");
        var value = new BigInteger(_source.ReadBytes(length));
        Push(value >= long.MinValue && value <= long.MaxValue ? (object)(long)value : value);
    }

    private void PushText(ulong length)
    {
        if (_resolver.HoldsFiles && length >= ShortestArray) PushSpan(length, isText: true);
        else Push(Encoding.UTF8.GetString(ReadBytes(length)));
    }

    // Python 2 had one type for texts and bytes.
    private void PushString(ulong length)
    {
        if (_resolver.LeavesArrays && length >= ShortestArray) PushSpan(length);
        else if (_resolver.HoldsFiles) Push(ReadBytes(length));
        else PushText(length);
    }

    // Old protocols write true and false as numbers with a zero before them.
    private void PushNumber(string digits)
    {
        if (digits is "00" or "01") Push(digits == "01");
        else if (NumberText.TryParse(digits, out long number)) Push(number);
        else throw Error("its pickle has a number that is none");
    }

    private void PushBytes(ulong length)
    {
        if (_resolver.LeavesArrays && length >= ShortestArray) PushSpan(length);
        else Push(ReadBytes(length));
    }

    private void PushSpan(ulong length, bool isText = false)
    {
        if (length > (ulong)(_source.Length - _source.Position)) throw Error("it ends within an array");
        Push(new PickleSpan(_source.Position, (long)length, isText));
        _source.Position += (long)length;
        _end += (long)length;
    }

    private byte[] ReadBytes(ulong length) =>
        length <= MaxBytes ? _source.ReadBytes((long)length) : throw Error($"its pickle has a text of {length} bytes");

    private void PushTuple(int count) => Push(new PickleTuple(Pop(count)));

    private object?[] Push(object container, object?[] items)
    {
        Push(container);
        return items;
    }

    private void Extend(object?[] items)
    {
        var list = Peek() switch
        {
            PickleList own => own,
            PickleObject other => other.Items ??= new PickleList(),
            _ => throw Error("its pickle adds to something that is no list"),
        };
        list.Items.AddRange(items);
    }

    private void SetItems(object?[] items)
    {
        var dictionary = Peek() switch
        {
            PickleDictionary own => own,
            PickleObject other => other.Entries ??= new PickleDictionary(),
            _ => throw Error("its pickle sets items of something that is no dictionary"),
        };
        if (items.Length % 2 != 0) throw Error("its pickle sets a key without a value");
        for (int i = 0; i < items.Length; i += 2) dictionary.Pairs.Add(KeyValuePair.Create(items[i], items[i + 1]));
    }

    private void PushStackGlobal()
    {
        if (Pop(2) is not [string module, string name]) throw Error("its pickle has a name that is no text");
        Push(_resolver.Find(_source, module, name));
    }

    // The class lies below its arguments.
    private void MakeInstance(object?[] items)
    {
        if (items is not [{ } callable, ..]) throw Error("its pickle makes an object of no class");
        Call(callable, items[1..]);
    }

    private void Call(object?[] callableAndArguments)
    {
        if (callableAndArguments is not [{ } callable, PickleTuple arguments])
            throw Error("its pickle calls something that is no function");
        Call(callable, arguments.Items);
    }

    private void Call(object callable, object?[] arguments) => Push(_resolver.Call(_source, callable, arguments));

    private void SetState(object? state) => _resolver.SetState(_source, Peek(), state);

    private void Recall(long key) => Push(_memo.TryGetValue(key, out object? value)
        ? value
        : throw Error($"its pickle refers to an object {key} that was not stored"));

    private string ReadLine()
    {
        var line = new StringBuilder();
        while (line.Length <= MaxLine)
        {
            byte c = _source.ReadByte();
            if (c == (byte)'\n') return line.ToString();
            line.Append((char)c);
        }

        throw Error("its pickle has a name without end");
    }

    private void Push(object? value)
    {
        CountObject();
        _stack.Add(value);
    }

    private void PushMark()
    {
        CountObject();
        _marks.Push(_stack.Count);
    }

    private void Store(long key)
    {
        CountObject();
        _memo[key] = Peek();
    }

    private void CountObject()
    {
        if (--_objectsLeft >= 0) return;
        long max = FreeObjects + (_source.JustifiedBy / BytesPerObject);
        throw Error($"its pickle has over {max} objects, more than its length justifies");
    }

    private object? Peek()
    {
        EnsureOnStack(1);
        return _stack[^1];
    }

    private object? Pop()
    {
        object? value = Peek();
        _stack.RemoveAt(_stack.Count - 1);
        return value;
    }

    private object?[] Pop(int count)
    {
        EnsureOnStack(count);
        object?[] items = [.. _stack[^count..]];
        _stack.RemoveRange(_stack.Count - count, count);
        return items;
    }

    private object?[] PopToMark()
    {
        if (!_marks.TryPop(out int mark)) throw Malformed();
        return Pop(_stack.Count - mark);
    }

    // What is below the last mark belongs to the container around.
    private void EnsureOnStack(int count)
    {
        int bottom = _marks.TryPeek(out int mark) ? mark : 0;
        if (_stack.Count - bottom < count) throw Malformed();
    }

    private InvalidInputException Malformed() => Error("its pickle takes more from its stack than there is");

    private InvalidInputException UnknownCode(byte code)
    {
        string name = code is > 0x20 and < 0x7f ? $"'{(char)code}'" : $"0x{code:x2}";
        return Error($"its pickle has the code {name} at {_source.Position - 1}, which plain data have no use for");
    }

    private InvalidInputException Error(string what) => _source.Damaged(what);
}
