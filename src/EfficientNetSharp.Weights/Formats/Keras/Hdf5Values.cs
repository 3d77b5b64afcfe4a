using EfficientNetSharp.Arrays;
using PureHDF;

namespace EfficientNetSharp.Weights.Formats.Keras;

/// <summary>Reads the values of HDF5 datasets as float32.</summary>
internal static class Hdf5Values
{
    /// <summary>The type of a dataset's elements; <see langword="null"/> where they are no plain numbers.</summary>
    public static ElementType? FindKind(IH5Dataset dataset) => (dataset.Type.Class, dataset.Type.Size) switch
    {
        (H5DataTypeClass.FloatingPoint, 2) => ElementType.F16,
        (H5DataTypeClass.FloatingPoint, 4) => ElementType.F32,
        (H5DataTypeClass.FloatingPoint, 8) => ElementType.F64,
        (H5DataTypeClass.FixedPoint, 1) => dataset.Type.FixedPoint.IsSigned ? ElementType.I8 : ElementType.U8,
        (H5DataTypeClass.FixedPoint, 2) => dataset.Type.FixedPoint.IsSigned ? ElementType.I16 : ElementType.U16,
        (H5DataTypeClass.FixedPoint, 4) => dataset.Type.FixedPoint.IsSigned ? ElementType.I32 : ElementType.U32,
        (H5DataTypeClass.FixedPoint, 8) => dataset.Type.FixedPoint.IsSigned ? ElementType.I64 : ElementType.U64,
        _ => null,
    };

    /// <summary>The values, row-major.</summary>
    public static float[] Read(IH5Dataset dataset, ElementType type, long count)
    {
        if (count == 0) return [];
        return type switch
        {
            ElementType.F16 => Read<Half>(dataset, count, value => (float)value),
            ElementType.F32 => Read<float>(dataset, count, value => value),
            ElementType.F64 => Read<double>(dataset, count, value => (float)value),
            ElementType.I8 => Read<sbyte>(dataset, count, value => value),
            ElementType.U8 => Read<byte>(dataset, count, value => value),
            ElementType.I16 => Read<short>(dataset, count, value => value),
            ElementType.U16 => Read<ushort>(dataset, count, value => value),
            ElementType.I32 => Read<int>(dataset, count, value => value),
            ElementType.U32 => Read<uint>(dataset, count, value => value),
            ElementType.I64 => Read<long>(dataset, count, value => value),
            _ => Read<ulong>(dataset, count, value => value),
        };
    }

    private static float[] Read<T>(IH5Dataset dataset, long count, Func<T, float> convert)
    {
        T[] values = dataset.Space.Type == H5DataspaceType.Scalar ? [dataset.Read<T>()] : dataset.Read<T[]>();
        if (values.Length != count) throw new InvalidDataException($"{values.Length} values, expected {count}");
        return values as float[] ?? Array.ConvertAll(values, value => convert(value));
    }
}
