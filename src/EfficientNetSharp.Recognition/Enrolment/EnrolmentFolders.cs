using System.Collections.Immutable;
using EfficientNetSharp.Data;
using EfficientNetSharp.Data.Formats;
using EfficientNetSharp.Files;

namespace EfficientNetSharp.Recognition.Enrolment;

/// <summary>Whose the images of files and folders are: all of one name, or each of its folder's name.</summary>
public static class EnrolmentFolders
{
    /// <summary>Finds images and names.</summary>
    /// <param name="paths">Image files or folders of them.</param>
    /// <param name="name">Whose all are; where <see langword="null"/> each belongs to the folder that it lies in, below one of the
    /// paths.</param>
    /// <param name="leftOut">What in the folders is no image.</param>
    /// <returns>The images, those of a folder together.</returns>
    /// <exception cref="InvalidInputException">
    /// A path is neither file nor folder, there is no image, no name can be told, or two folders of one name lie in different places.
    /// </exception>
    public static ImmutableArray<EnrolmentImage> Find(IReadOnlyList<string> paths, string? name, out ImmutableArray<LeftOut> leftOut)
    {
        ArgumentNullException.ThrowIfNull(paths);
        if (name is not null)
        {
            GallerySample.CheckName(name);
            return [.. Datasets.FindImages(paths, out leftOut).Select(image => new EnrolmentImage(image, name))];
        }

        var images = ImmutableArray.CreateBuilder<EnrolmentImage>();
        var all = ImmutableArray.CreateBuilder<LeftOut>();
        var places = new Dictionary<string, string>(StringComparer.Ordinal);
        foreach (string path in paths)
        {
            string root = Path.TrimEndingDirectorySeparator(Path.GetFullPath(path));
            var found = Datasets.FindImages([path], out var others);
            all.AddRange(others);
            foreach (string image in found)
            {
                string folder = Path.GetDirectoryName(Path.GetFullPath(image))!;
                if (File.Exists(path) || folder == root) throw NoName(image);
                string identity = Path.GetFileName(folder);
                if (!places.TryAdd(identity, folder) && places[identity] != folder)
                {
                    throw new InvalidInputException(
                        $"Two folders are named {OneLine.Quote(identity)}, '{places[identity]}' and '{folder}'; give one another name, or enroll each by itself with --name.");
                }

                images.Add(new EnrolmentImage(image, identity));
            }
        }

        leftOut = all.ToImmutable();
        return images.ToImmutable();
    }

    private static InvalidInputException NoName(string image) => new(
        $"Whose '{image}' is, is not said: images lie in a folder per identity, or --name says whose all are.");
}
