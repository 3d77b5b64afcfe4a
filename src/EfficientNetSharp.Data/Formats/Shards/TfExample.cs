using EfficientNetSharp.Formats;
using EfficientNetSharp.Formats.Protobuf;

namespace EfficientNetSharp.Data.Formats.Shards;

/// <summary>What a feature of an example holds.</summary>
/// <param name="Count">How many values it has.</param>
/// <param name="Integer">The integer that all its values are; <see langword="null"/> where they differ or are none.</param>
/// <param name="Text">The text that all its bytes are, where they are short.</param>
/// <param name="Bytes">The place of its first bytes.</param>
/// <param name="OneHot">Of a list of zeros with a one among them, the position of the one.</param>
/// <param name="Differs">Whether it has integers or texts that differ.</param>
internal sealed record TfFeature(
    long Count, long? Integer, string? Text, (long Start, long Length)? Bytes, int? OneHot, bool Differs);

/// <summary>
/// A <c>tf.Example</c> (tensorflow/core/example/example.proto and feature.proto): a map from names to lists of bytes, floats or integers.
/// Only the small parts are read; of an image its place.
/// </summary>
internal sealed class TfExample
{
    // Field numbers: Example.features, Features.feature, an entry's key and value, the lists of a Feature, a list's value.
    private const int Features = 1, Entry = 1, Key = 1, Value = 2, BytesList = 1, FloatList = 2, IntegerList = 3, ListValue = 1;

    // Names of classes have a line; longer bytes are images and captions.
    private const int MaxText = 1000;

    // A class list that is written out as zeros and a one. ImageNet-21k has 21,843 classes; what is longer is an image in numbers.
    private const int MaxNumbers = 50_000;

    private readonly Dictionary<string, TfFeature> _features;

    private TfExample(Dictionary<string, TfFeature> features) => _features = features;

    /// <summary>The names of its features.</summary>
    public IEnumerable<string> Names => _features.Keys;

    /// <summary>A feature; <see langword="null"/> where there is none of the name.</summary>
    public TfFeature? this[string name] => _features.GetValueOrDefault(name);

    /// <summary>Reads the small parts; of bytes only their place.</summary>
    /// <exception cref="InvalidInputException">It is no example.</exception>
    public static TfExample Read(ByteSource source)
    {
        var features = new Dictionary<string, TfFeature>(StringComparer.Ordinal);
        foreach (var (key, value) in Entries(source)) features[key] = ReadFeature(source, value);
        return new TfExample(features);
    }

    private static TfFeature ReadFeature(ByteSource source, ProtoField feature)
    {
        (long Start, long Length)? bytes = null;
        string? text = null;
        var numbers = new List<double>();
        bool areIntegers = false, textsDiffer = false;
        long count = 0;
        foreach (var list in Fields(source, feature).Where(field => field.IsDelimited).ToList())
        {
            foreach (var field in Fields(source, list).Where(field => field.Number == ListValue))
            {
                if (list.Number == BytesList && field.IsDelimited)
                {
                    count++;
                    bytes ??= (field.Start, field.Length);
                    if (field.Length > MaxText || textsDiffer) continue;
                    string found = ProtoReader.ReadText(source, field);
                    textsDiffer = text is not null && text != found;
                    text = found;
                }
                else if (list.Number == IntegerList)
                {
                    areIntegers = true;
                    foreach (long number in ProtoReader.ReadIntegers(source, field))
                    {
                        if (++count > MaxNumbers) break;
                        numbers.Add(number);
                    }
                }
                else if (list.Number == FloatList)
                {
                    foreach (double number in Floats(source, field))
                    {
                        if (++count > MaxNumbers) break;
                        numbers.Add(number);
                    }
                }
            }
        }

        bool isOneHot = numbers.Count > 1 && count <= MaxNumbers && numbers.TrueForAll(number => number is 0 or 1)
            && numbers.Count(number => number == 1) == 1;
        bool areEqual = areIntegers && numbers.Count > 0 && numbers.TrueForAll(number => number == numbers[0]);
        return new TfFeature(
            count, areEqual ? (long)numbers[0] : null, textsDiffer ? null : text, bytes, isOneHot ? numbers.IndexOf(1) : null,
            textsDiffer || (areIntegers && !areEqual && numbers.Count > 0));
    }

    private static IEnumerable<double> Floats(ByteSource source, ProtoField field)
    {
        if (!field.IsDelimited)
        {
            yield return field.AsFloat();
            yield break;
        }

        for (long at = field.Start; at + sizeof(float) <= field.Start + field.Length; at += sizeof(float))
        {
            source.Position = at;
            yield return BitConverter.UInt32BitsToSingle(source.ReadUInt32());
        }
    }

    private static IEnumerable<(string Key, ProtoField Value)> Entries(ByteSource source)
    {
        var all = ProtoReader.ReadFields(source, 0, source.Length);
        foreach (var features in all.Where(field => field is { Number: Features, IsDelimited: true }))
        {
            foreach (var entry in Fields(source, features).Where(field => field is { Number: Entry, IsDelimited: true }))
            {
                string? key = null;
                ProtoField? value = null;
                foreach (var field in Fields(source, entry))
                {
                    if (field is { Number: Key, IsDelimited: true }) key = ProtoReader.ReadText(source, field);
                    else if (field is { Number: Value, IsDelimited: true }) value = field;
                }

                if (key is not null && value is { } found) yield return (key, found);
            }
        }
    }

    private static IEnumerable<ProtoField> Fields(ByteSource source, ProtoField message) =>
        ProtoReader.ReadFields(source, message.Start, message.Length);
}
