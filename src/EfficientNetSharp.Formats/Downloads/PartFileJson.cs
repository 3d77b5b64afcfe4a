using System.Text.Json.Serialization;

namespace EfficientNetSharp.Formats.Downloads;

/// <summary>Serializers made by the compiler, so that trimmed programs keep them.</summary>
[JsonSerializable(typeof(PartFile.Validator))]
internal sealed partial class PartFileJson : JsonSerializerContext;
