using System.Collections.Immutable;
using EfficientNetSharp.Files;
using PureHDF;
using PureHDF.VOL.Native;

namespace EfficientNetSharp.Weights.Formats.Keras;

/// <summary>
/// An HDF5 file whose every failure is an <see cref="InvalidInputException"/>. One thread at a time reads it, and others wait.
/// </summary>
internal sealed class Hdf5File : IDisposable
{
    // Deflate's best is 1032 to 1.
    private const long MostRatio = 1032;

    private readonly Lock _lock = new();
    private readonly Hdf5Source _source;
    private readonly InputFile _file;
    private NativeFile? _hdf5;

    private Hdf5File(InputFile file, Stream stream)
    {
        _file = file;
        _source = new Hdf5Source(stream, file.Path);
    }

    public string Path => _file.Path;

    public IH5Group Root => _hdf5!;

    public static Hdf5File Open(InputFile file, Stream stream)
    {
        var hdf5 = new Hdf5File(file, stream);
        hdf5._hdf5 = hdf5.Guard(() => H5File.Open(hdf5._source, leaveOpen: true));
        return hdf5;
    }

    /// <summary>Does something with the file; takes whatever the HDF5 reader makes of damage for damage.</summary>
    public T Guard<T>(Func<T> read)
    {
        lock (_lock)
        {
            _source.Restart();
            try
            {
                return read();
            }
            catch (Exception e) when (FindRefusal(e) is { } refusal)
            {
                throw new InvalidInputException(refusal.Message, e);
            }
#pragma warning disable CA1031 // The HDF5 reader trusts its input: damage shows as nearly any exception.
            catch (Exception e)
#pragma warning restore CA1031
            {
                throw WeightFault.Damaged(Path, $"its HDF5 structures cannot be read ({OneLine.Clean(e.Message, 100)})", e);
            }
        }
    }

    /// <summary>The members of a group, in the order of the file.</summary>
    public ImmutableArray<IH5Object> GetChildren(IH5Group group) => Guard<ImmutableArray<IH5Object>>(() => [.. group.Children()]);

    /// <summary>A text attribute of one or many texts; <see langword="null"/> where there is none.</summary>
    public string[]? FindTexts(IH5Object holder, string attribute) => Guard(() =>
    {
        if (!holder.AttributeExists(attribute)) return null;
        var found = holder.Attribute(attribute);
        if (found.Type.Class is not (H5DataTypeClass.String or H5DataTypeClass.VariableLength)) return null;
        return found.Space.Type == H5DataspaceType.Simple && found.Space.Rank > 0 ? found.Read<string[]>() : found.Space.Type == H5DataspaceType.Scalar ? [found.Read<string>()] : [];
    });

    /// <summary>A dataset as a tensor; <see langword="null"/> where it holds no plain numbers.</summary>
    public SourceTensor? Describe(string name, IH5Dataset dataset)
    {
        var (dimensions, kind) = Guard(() => (dataset.Space.Type switch
        {
            H5DataspaceType.Scalar => [],
            H5DataspaceType.Simple => dataset.Space.Dimensions,
            _ => null,
        }, Hdf5Values.FindKind(dataset)));
        if (dimensions is null || kind is not { } known) return null;
        var shape = StoredShape.Check(Path, name, [.. dimensions.Select(dimension => dimension > long.MaxValue ? -1 : (long)dimension)]);
        long count = StoredShape.Count(shape);
        if (count > MostRatio * _source.Length) throw WeightFault.Damaged(Path, $"the tensor {OneLine.Quote(name)} of shape [{string.Join(", ", shape)}] does not fit it");
        return new SourceTensor(name, shape, () => Guard(() => Hdf5Values.Read(dataset, known, count)));
    }

    public void Dispose()
    {
        _hdf5?.Dispose();
        _file.Dispose();
    }

    private static InvalidInputException? FindRefusal(Exception? e)
    {
        for (; e is not null; e = e.InnerException)
            if (e is InvalidInputException refusal) return refusal;
        return null;
    }
}
