using System.Globalization;
using System.Text;
using System.Text.Json;
using System.Text.Json.Serialization;

namespace EfficientNetSharp.Evaluation;

/// <summary>
/// Writes a matrix as an array of rows, <c>[[3,0],[1,2]]</c>; above <see cref="DenseLimit"/> classes, where nearly all would be
/// zeros, as <c>{"size":n,"cells":[[label,predicted,count],…]}</c>. Reads both.
/// </summary>
internal sealed class ConfusionMatrixJsonConverter : JsonConverter<ConfusionMatrix>
{
    /// <summary>About 8 MB of text, well above ImageNet's thousand classes.</summary>
    internal const int DenseLimit = 2048;

    public override void Write(Utf8JsonWriter writer, ConfusionMatrix value, JsonSerializerOptions options)
    {
        bool dense = value.Classes <= DenseLimit;
        if (!dense)
        {
            writer.WriteStartObject();
            writer.WriteNumber("size", value.Classes);
            writer.WritePropertyName("cells");
        }

        writer.WriteStartArray();
        if (dense) WriteRows(writer, value);
        else foreach (var cell in value.Cells) WriteRow(writer, [cell.Label, cell.Predicted, cell.Count]);
        writer.WriteEndArray();
        if (!dense) writer.WriteEndObject();
    }

    public override ConfusionMatrix Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options)
    {
        if (reader.TokenType == JsonTokenType.StartArray) return FromDense(ReadRows(ref reader));

        int size = 0;
        List<int[]> cells = [];
        if (reader.TokenType != JsonTokenType.StartObject) throw new JsonException();
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            bool isSize = reader.ValueTextEquals("size");
            reader.Read();
            if (isSize) size = reader.GetInt32();
            else cells = ReadRows(ref reader);
        }

        if (cells.Exists(cell => cell.Length != 3)) throw new JsonException();
        return Make(size, cells.Select(cell => new ConfusionCell(cell[0], cell[1], cell[2])));
    }

    private static void WriteRows(Utf8JsonWriter writer, ConfusionMatrix matrix)
    {
        int[] row = new int[matrix.Classes];
        for (int label = 0; label < matrix.Classes; label++)
        {
            Array.Clear(row);
            foreach (var cell in matrix.Row(label)) row[cell.Predicted] = cell.Count;
            WriteRow(writer, row);
        }
    }

    // Raw, so that a row stays on one line of an indented file.
    private static void WriteRow(Utf8JsonWriter writer, ReadOnlySpan<int> values)
    {
        var text = new StringBuilder("[");
        for (int i = 0; i < values.Length; i++)
        {
            if (i > 0) text.Append(',');
            text.Append(CultureInfo.InvariantCulture, $"{values[i]}");
        }

        writer.WriteRawValue(text.Append(']').ToString(), skipInputValidation: true);
    }

    private static ConfusionMatrix FromDense(List<int[]> rows)
    {
        if (rows.Exists(row => row.Length != rows.Count)) throw new JsonException();
        return Make(rows.Count,
            rows.SelectMany((row, label) => row.Select((count, predicted) => new ConfusionCell(label, predicted, count))));
    }

    private static ConfusionMatrix Make(int size, IEnumerable<ConfusionCell> cells)
    {
        try
        {
            return new ConfusionMatrix(size, cells);
        }
        catch (ArgumentOutOfRangeException outside)
        {
            throw new JsonException(null, outside);
        }
    }

    private static List<int[]> ReadRows(ref Utf8JsonReader reader)
    {
        var rows = new List<int[]>();
        var row = new List<int>();
        if (reader.TokenType != JsonTokenType.StartArray) throw new JsonException();
        while (reader.Read() && reader.TokenType == JsonTokenType.StartArray)
        {
            row.Clear();
            while (reader.Read() && reader.TokenType != JsonTokenType.EndArray) row.Add(reader.GetInt32());
            rows.Add([.. row]);
        }

        if (reader.TokenType != JsonTokenType.EndArray) throw new JsonException();
        return rows;
    }
}
