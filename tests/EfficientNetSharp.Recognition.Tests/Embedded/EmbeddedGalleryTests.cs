using EfficientNetSharp.Recognition.Embedded;

namespace EfficientNetSharp.Recognition.Tests.Embedded;

/// <summary>The embedded store as the specification has it.</summary>
public abstract class EmbeddedSpecification : GalleryStoreSpecification, IDisposable
{
    private readonly string _root = Directory.CreateTempSubdirectory("effnet-gallery-").FullName;

    public void Dispose()
    {
        Directory.Delete(_root, recursive: true);
        GC.SuppressFinalize(this);
    }

    protected override Task<IGalleryStore> CreateAsync(GalleryDescription description) =>
        Task.FromResult<IGalleryStore>(EmbeddedGallery.Create(Path.Combine(_root, Path.GetRandomFileName()), description));

    protected override async Task<IGalleryStore> ReopenAsync(IGalleryStore store)
    {
        await store.DisposeAsync();
        return EmbeddedGallery.Open(store.Name);
    }
}

public sealed class Float32GalleryTests : EmbeddedSpecification;

public sealed class Float16GalleryTests : EmbeddedSpecification
{
    protected override VectorPrecision Precision => VectorPrecision.F16;

    protected override double Tolerance => 1e-3;
}

public sealed class Int8GalleryTests : EmbeddedSpecification
{
    protected override VectorPrecision Precision => VectorPrecision.I8;

    // Half a step of 127 for each of as few as three values.
    protected override double Tolerance => 8e-3;
}
