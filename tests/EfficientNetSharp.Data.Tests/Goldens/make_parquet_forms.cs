// Writes the Parquet files of Goldens/parquet-forms with ParquetSharp, which is Arrow's own writer: every compression, encoding and page
// version that is read, of the same 40 rows.
//     dotnet run make_parquet_forms.cs GOLDENS
// from a copy of this file outside of the repository, whose package versions would get in the way. GOLDENS is this folder.
// Row i has the image "image <i % 7>" repeated i times and the label i % 3; every ninth row has no image, every eleventh no label.
#:package ParquetSharp@25.0.1.2

using ParquetSharp;
using ParquetSharp.Schema;

string folder = Path.Combine(args[0], "parquet-forms");
Directory.CreateDirectory(folder);
foreach (var (name, compression) in new[]
{
    ("plain", Compression.Uncompressed), ("snappy", Compression.Snappy), ("gzip", Compression.Gzip), ("brotli", Compression.Brotli),
    ("zstd", Compression.Zstd), ("lz4", Compression.Lz4),
})
    Write($"codec-{name}", compression, ParquetDataPageVersion.V1, Encoding.Plain, Encoding.Plain);
foreach (var (name, version) in new[] { ("v1", ParquetDataPageVersion.V1), ("v2", ParquetDataPageVersion.V2) })
{
    Write($"dictionary-{name}", Compression.Snappy, version, null, null);
    Write($"delta-{name}", Compression.Snappy, version, Encoding.DeltaLengthByteArray, Encoding.DeltaBinaryPacked);
    Write($"prefix-{name}", Compression.Zstd, version, Encoding.DeltaByteArray, Encoding.DeltaBinaryPacked);
}

void Write(string name, Compression compression, ParquetDataPageVersion version, Encoding? images, Encoding? labels)
{
    var schema = new GroupNode("schema", Repetition.Required,
    [
        new PrimitiveNode("image", Repetition.Optional, LogicalType.None(), PhysicalType.ByteArray),
        new PrimitiveNode("label", Repetition.Optional, LogicalType.None(), name.Contains("v2") ? PhysicalType.Int32 : PhysicalType.Int64),
    ]);
    var builder = new WriterPropertiesBuilder().Compression(compression).DataPageVersion(version).DataPagesize(512).WriteBatchSize(8);
    builder = images is { } image ? builder.DisableDictionary("image").Encoding("image", image) : builder.EnableDictionary();
    builder = labels is { } label ? builder.DisableDictionary("label").Encoding("label", label) : builder;
    using var properties = builder.Build();
    using var writer = new ParquetFileWriter(Path.Combine(folder, $"{name}.parquet"), schema, properties);
    using var group = writer.AppendRowGroup();
    using (var column = group.NextColumn().LogicalWriter<byte[]?>())
        column.WriteBatch([.. Enumerable.Range(0, 40).Select(i => i % 9 == 8 ? null : System.Text.Encoding.ASCII.GetBytes(string.Concat(Enumerable.Repeat($"image {i % 7} ", i + 1))))]);
    if (name.Contains("v2"))
    {
        using var column = group.NextColumn().LogicalWriter<int?>();
        column.WriteBatch([.. Enumerable.Range(0, 40).Select(i => i % 11 == 10 ? (int?)null : i % 3)]);
    }
    else
    {
        using var column = group.NextColumn().LogicalWriter<long?>();
        column.WriteBatch([.. Enumerable.Range(0, 40).Select(i => i % 11 == 10 ? (long?)null : i % 3)]);
    }

    writer.Close();
}
