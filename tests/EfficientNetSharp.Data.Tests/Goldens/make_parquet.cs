// Writes the Parquet files of Goldens/parquet with ParquetSharp, which is Arrow's own writer, as the Hugging Face hub's files are made:
//     dotnet run make_parquet.cs GOLDENS
// from a copy of this file outside of the repository, whose package versions would get in the way. GOLDENS is this folder; the
// pictures are those of its csv/pictures.
#:package ParquetSharp@25.0.1.2

using ParquetSharp;
using ParquetSharp.Schema;

Directory.SetCurrentDirectory(args[0]);
const string features = """{"info": {"features": {"image": {"_type": "Image"}, "label": {"names": ["ant", "bee", "cat"], "_type": "ClassLabel"}}}}""";
Directory.CreateDirectory("parquet/data");
Write(
    "parquet/data/train-00000-of-00001.parquet", Compression.Snappy, [("1.png", 2), ("2.png", 0)],
    [("a, b.png", 1), (null, 1), ("4.png", null), ("5.png", 0)]);
Write("parquet/data/validation-00000-of-00001.parquet", Compression.Zstd, [("6.png", 1)]);

void Write(string path, Compression compression, params (string? File, long? Label)[][] groups)
{
    var schema = new GroupNode("schema", Repetition.Required,
    [
        new GroupNode("image", Repetition.Optional,
        [
            new PrimitiveNode("bytes", Repetition.Optional, LogicalType.None(), PhysicalType.ByteArray),
            new PrimitiveNode("path", Repetition.Optional, LogicalType.String(), PhysicalType.ByteArray),
        ]),
        new PrimitiveNode("label", Repetition.Optional, LogicalType.None(), PhysicalType.Int64),
    ]);
    using var properties = new WriterPropertiesBuilder().Compression(compression).Build();
    using var writer = new ParquetFileWriter(path, schema, properties, new Dictionary<string, string> { ["huggingface"] = features });
    foreach (var rows in groups)
    {
        using var group = writer.AppendRowGroup();
        using (var column = group.NextColumn().LogicalWriter<Nested<byte[]?>?>())
            column.WriteBatch(
                rows.Select(
                row => (Nested<byte[]?>?)new Nested<byte[]?>(row.File is null ? null : File.ReadAllBytes($"csv/pictures/{row.File}")))
                .ToArray());
        using (var column = group.NextColumn().LogicalWriter<Nested<string?>?>())
            column.WriteBatch(rows.Select(row => (Nested<string?>?)new Nested<string?>(row.File)).ToArray());
        using (var column = group.NextColumn().LogicalWriter<long?>())
            column.WriteBatch(rows.Select(row => row.Label).ToArray());
    }

    writer.Close();
}
