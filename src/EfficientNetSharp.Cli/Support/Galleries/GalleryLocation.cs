using EfficientNetSharp.Files;
using EfficientNetSharp.Recognition;
using EfficientNetSharp.Recognition.Embedded;
using EfficientNetSharp.Recognition.PostgreSql;
using EfficientNetSharp.Recognition.Qdrant;

namespace EfficientNetSharp.Cli.Support.Galleries;

/// <summary>The gallery that a person named: a folder, or an address of a database.</summary>
internal static class GalleryLocation
{
    public const string Description =
        "The gallery: a folder, postgresql://USER:PASSWORD@HOST/DATABASE/GALLERY or qdrant://HOST:PORT/COLLECTION.";

    /// <summary>Whether something is there that a new gallery cannot be; whether it is a usable gallery, <see cref="Open"/> says.</summary>
    public static bool IsThere(string given)
    {
        if (!IsAddress(given)) return EmbeddedGallery.Exists(given) || File.Exists(given);
        try
        {
            Open(given).Close();
            return true;
        }
        catch (InvalidInputException)
        {
            return false;
        }
    }

    /// <summary>Refuses a place where no gallery can be made, before any work.</summary>
    public static void EnsureWritable(string given)
    {
        if (!IsAddress(given)) OutputFolder.EnsureWritable(given);
    }

    /// <summary>Opens a gallery.</summary>
    public static IGalleryStore Open(string given) => PostgreSqlAddress.IsOne(given)
        ? PostgreSqlGallery.OpenAsync(PostgreSqlAddress.Parse(given)).GetAwaiter().GetResult()
        : QdrantAddress.IsOne(given) ? QdrantGallery.OpenAsync(QdrantAddress.Parse(given)).GetAwaiter().GetResult()
        : EmbeddedGallery.Open(given);

    /// <summary>Makes a gallery.</summary>
    public static IGalleryStore Create(string given, GalleryDescription description) => PostgreSqlAddress.IsOne(given)
        ? PostgreSqlGallery.CreateAsync(PostgreSqlAddress.Parse(given), description).GetAwaiter().GetResult()
        : QdrantAddress.IsOne(given) ? QdrantGallery.CreateAsync(QdrantAddress.Parse(given), description).GetAwaiter().GetResult()
        : EmbeddedGallery.Create(given, description);

    /// <summary>Closes a gallery.</summary>
    public static void Close(this IGalleryStore store) => store.DisposeAsync().AsTask().GetAwaiter().GetResult();

    private static bool IsAddress(string given) => PostgreSqlAddress.IsOne(given) || QdrantAddress.IsOne(given);
}
