using System.Collections.Immutable;
using EfficientNetSharp.Arrays;
using EfficientNetSharp.Files;
using EfficientNetSharp.Models.Safetensors;

namespace EfficientNetSharp.Weights.Formats;

/// <summary>Weights out of a safetensors file, in the order of their bytes.</summary>
internal static class SafetensorsReader
{
    public static WeightContents Read(InputFile file)
    {
        var tensors = SafetensorsFile.Open(file.Path);
        long bytes = file.Length;
        file.Dispose();
        return new WeightContents(
            WeightFormat.Safetensors,
            [.. tensors.Tensors.Select(tensor => new SourceTensor(tensor.Name, tensor.Shape, () => ReadValues(tensors, tensor)))],
            tensors,
            bytes)
        {
            Metadata = ImmutableDictionary.CreateRange(tensors.Metadata),
        };
    }

    private static float[] ReadValues(SafetensorsFile file, SafetensorsTensor tensor)
    {
        // The core reads floats only, and refuses by name what is no plain number; integers and truth values are read here.
        if (!Float32Reader.CanRead(tensor.Type) || tensor.Type is ElementType.F64 or ElementType.F32 or ElementType.F16 or ElementType.BF16)
            return file.ReadFloat32(tensor.Name);
        using var bytes = new MemoryStream(file.ReadBytes(tensor.Name));
        return Float32Reader.Read(bytes, file.Path, tensor.Count, tensor.Type);
    }
}
