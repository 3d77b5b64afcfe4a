using EfficientNetSharp.Formats;
using EfficientNetSharp.Formats.Protobuf;

namespace EfficientNetSharp.Data.Formats.Shards;

/// <summary>
/// The parts of a <c>tf.Example</c> (tensorflow/core/example/example.proto and feature.proto) that a labelled image has. An example is a
/// map from names to lists of bytes, floats or integers.
/// </summary>
/// <param name="Label">The class as the file has it.</param>
/// <param name="Name">The name of the class.</param>
/// <param name="Image">The encoded image's place.</param>
internal sealed record TfExample(long? Label, string? Name, (long Start, long Length)? Image)
{
    public const string
        ImageKey = "image/encoded", LabelKey = "image/class/label", SynsetKey = "image/class/synset", TextKey = "image/class/text";

    // Field numbers: Example.features, Features.feature, an entry's key and value, Feature.bytes_list and int64_list, a list's value.
    private const int Features = 1, Entry = 1, Key = 1, Value = 2, BytesList = 1, IntegerList = 3, ListValue = 1;

    /// <summary>Reads the small parts; of the image only its place.</summary>
    /// <exception cref="InvalidInputException">It is no example.</exception>
    public static TfExample Read(ByteSource source)
    {
        long? label = null;
        string? synset = null, text = null;
        (long Start, long Length)? image = null;
        foreach (var (key, value) in Entries(source))
        {
            switch (key)
            {
                case LabelKey:
                    foreach (var list in Inside(source, value, IntegerList))
                    {
                        foreach (var field in Fields(source, list).Where(field => field.Number == ListValue))
                            label ??= ProtoReader.ReadIntegers(source, field).Select(number => (long?)number).FirstOrDefault();
                    }

                    break;
                case ImageKey:
                    image = FirstBytes(source, value) is { } bytes ? (bytes.Start, bytes.Length) : null;
                    break;
                case SynsetKey:
                    synset = FirstBytes(source, value) is { } synsetField ? ProtoReader.ReadText(source, synsetField) : null;
                    break;
                case TextKey:
                    text = FirstBytes(source, value) is { } textField ? ProtoReader.ReadText(source, textField) : null;
                    break;
            }
        }

        return new TfExample(label, string.IsNullOrEmpty(synset) ? (string.IsNullOrEmpty(text) ? null : text) : synset, image);
    }

    private static IEnumerable<(string Key, ProtoField Value)> Entries(ByteSource source)
    {
        var all = ProtoReader.ReadFields(source, 0, source.Length);
        foreach (var features in all.Where(field => field is { Number: Features, IsDelimited: true }))
        {
            foreach (var entry in Inside(source, features, Entry))
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

    private static ProtoField? FirstBytes(ByteSource source, ProtoField value)
    {
        foreach (var list in Inside(source, value, BytesList))
        {
            foreach (var field in Fields(source, list))
            {
                if (field is { Number: ListValue, IsDelimited: true }) return field;
            }
        }

        return null;
    }

    private static IEnumerable<ProtoField> Inside(ByteSource source, ProtoField message, int number) =>
        Fields(source, message).Where(field => field.Number == number && field.IsDelimited);

    private static IEnumerable<ProtoField> Fields(ByteSource source, ProtoField message) =>
        ProtoReader.ReadFields(source, message.Start, message.Length);
}
