using System.Collections.Immutable;
using EfficientNetSharp.Data.Folders;
using EfficientNetSharp.Files;
using EfficientNetSharp.Imaging.Alignment;
using EfficientNetSharp.Imaging.Codecs;

namespace EfficientNetSharp.Data.Landmarks;

/// <summary>Which faces of an image are aligned where a list has several.</summary>
public enum FaceChoice
{
    /// <summary>The largest, as in portraits of one person with others behind.</summary>
    Largest,

    /// <summary>All, in files that are numbered.</summary>
    All,
}

/// <summary>Whose left and right a list of landmarks names.</summary>
public enum LandmarkSides
{
    /// <summary>The image's, as MTCNN and RetinaFace have them.</summary>
    Image,

    /// <summary>The person's, whose left eye is on the image's right.</summary>
    Person,
}

/// <summary>How a folder is aligned.</summary>
public sealed record AlignmentOptions
{
    /// <summary>The aligned side in pixels: a multiple of 112 or 128; default 112.</summary>
    public int Side { get; init; } = FaceAligner.DefaultSide;

    /// <summary>Which faces of an image; default the largest.</summary>
    public FaceChoice Faces { get; init; } = FaceChoice.Largest;

    /// <summary>Whose left and right the list names; default the image's.</summary>
    public LandmarkSides Sides { get; init; } = LandmarkSides.Image;

    /// <summary>Threads, at least 1; <see langword="null"/> for one per processor.</summary>
    public int? Workers { get; init; }
}

/// <summary>A face that was not aligned.</summary>
/// <param name="Image">The image as the list names it.</param>
/// <param name="Line">The line of the list.</param>
/// <param name="Reason">Why not, in one line.</param>
public sealed record AlignmentFailure(string Image, int Line, string Reason);

/// <summary>What became of a folder.</summary>
/// <param name="Written">The files written, relative to the output folder.</param>
/// <param name="Failures">The faces that were not aligned, in the order of the list.</param>
/// <param name="SmallerFaces">Faces left out because a larger one is in their image.</param>
/// <param name="WithoutLandmarks">Images of the folder that the list does not name.</param>
public sealed record AlignmentOutcome(
    ImmutableArray<string> Written, ImmutableArray<AlignmentFailure> Failures, int SmallerFaces, ImmutableArray<string> WithoutLandmarks);

/// <summary>Aligns the faces of a folder into another of the same structure, as PNG files.</summary>
public static class FolderAligner
{
    private readonly record struct Job(ListedFace Face, string Output);

    /// <summary>Aligns what a list names. A face that cannot be aligned does not disturb the others.</summary>
    /// <param name="images">The folder of images.</param>
    /// <param name="faces">The list's faces.</param>
    /// <param name="output">The folder to write, which is made.</param>
    /// <param name="options">Size and choice; <see langword="null"/> for the defaults.</param>
    /// <param name="progress">Told how many faces are done.</param>
    /// <param name="cancellationToken">Ends the work between faces.</param>
    /// <exception cref="InvalidInputException">The side is no multiple of 112 or 128, or nothing can be written to the folder.</exception>
    public static AlignmentOutcome Run(
        string images, ImmutableArray<ListedFace> faces, string output, AlignmentOptions? options = null, IProgress<int>? progress = null,
        CancellationToken cancellationToken = default)
    {
        ArgumentException.ThrowIfNullOrWhiteSpace(images);
        ArgumentException.ThrowIfNullOrWhiteSpace(output);
        options ??= new AlignmentOptions();
        // Refuses a wrong side once, instead of for every face.
        _ = AlignmentTemplate.OfSize(options.Side);
        string root = Path.GetFullPath(images);
        var failures = new List<AlignmentFailure>();
        var usable = new List<ListedFace>();
        foreach (var face in faces)
        {
            string? reason = face.Path is null ? "it is not in the folder"
                : Path.IsPathRooted(face.Path) ? "it lies outside of the folder"
                : face.Landmarks is null ? "its landmarks are no numbers" : null;
            if (reason is not null) failures.Add(new AlignmentFailure(face.Image, face.Line, reason));
            else usable.Add(options.Sides == LandmarkSides.Person ? face with { Landmarks = face.Landmarks!.Exchanged } : face);
        }

        var jobs = Choose(usable, options.Faces, out int smaller);
        foreach (string folder in jobs.Select(job => Path.GetDirectoryName(Path.Combine(output,
            job.Output))!).Distinct(StringComparer.Ordinal))
            OutputFolder.Create(folder);
        string?[] errors = new string?[jobs.Count];
        int done = 0;
        var parallel = new ParallelOptions
        {
            CancellationToken = cancellationToken, MaxDegreeOfParallelism = options.Workers ?? Environment.ProcessorCount,
        };
        Parallel.For(0, jobs.Count, parallel, i =>
        {
            errors[i] = Align(root, jobs[i], output, options.Side);
            progress?.Report(Interlocked.Increment(ref done));
        });
        failures.AddRange(jobs.Select((job, i) => (job, Error: errors[i])).Where(pair => pair.Error is not null)
            .Select(pair => new AlignmentFailure(pair.job.Face.Image, pair.job.Face.Line, pair.Error!)));
        var listed = faces.Select(face => face.Path).OfType<string>().ToHashSet(StringComparer.Ordinal);
        return new AlignmentOutcome(
            [.. jobs.Where((_, i) => errors[i] is null).Select(job => job.Output)],
            [.. failures.OrderBy(failure => failure.Line)],
            smaller,
            [.. FolderScan.ListImages(root, FolderListing.OfFileSystem).Select(image =>
                image.Folder.Length == 0 ? image.File : $"{image.Folder}/{image.File}")
                .Where(image => !listed.Contains(image))]);
    }

    // Files keep their names but for the ending; where that makes two of one name they keep it as well.
    private static List<Job> Choose(List<ListedFace> faces, FaceChoice choice, out int smaller)
    {
        var jobs = new List<Job>();
        smaller = 0;
        var byImage = faces.GroupBy(face => face.Path!, StringComparer.Ordinal).ToList();
        var shared = byImage.Select(group => Path.ChangeExtension(group.Key, null)).GroupBy(stem => stem, StringComparer.Ordinal)
            .Where(group => group.Count() > 1).Select(group => group.Key).ToHashSet(StringComparer.Ordinal);
        foreach (var group in byImage)
        {
            string stem = Path.ChangeExtension(group.Key, null);
            if (shared.Contains(stem)) stem = group.Key;
            ListedFace[] ordered = [.. group.OrderByDescending(SizeOf)];
            if (choice == FaceChoice.Largest)
            {
                smaller += ordered.Length - 1;
                jobs.Add(new Job(ordered[0], $"{stem}.png"));
                continue;
            }

            for (int i = 0; i < ordered.Length; i++) jobs.Add(new Job(ordered[i], i == 0 ? $"{stem}.png" : $"{stem}_{i + 1}.png"));
        }

        // A second face of x would be called as the first of x_2.
        var names = new HashSet<string>(StringComparer.Ordinal);
        for (int i = 0; i < jobs.Count; i++)
        {
            string name = jobs[i].Output;
            while (!names.Add(name)) name = $"{Path.ChangeExtension(name, null)}_.png";
            jobs[i] = jobs[i] with { Output = name };
        }

        return jobs;
    }

    // The spread of the landmarks, which grows with the face.
    private static double SizeOf(ListedFace face)
    {
        var points = face.Landmarks!.Points;
        double x = points.Average(point => point.X), y = points.Average(point => point.Y);
        return points.Sum(point => ((point.X - x) * (point.X - x)) + ((point.Y - y) * (point.Y - y)));
    }

    private static string? Align(string root, Job job, string output, int side)
    {
        try
        {
            using var image = ImageDecoder.DecodeFile(Path.Combine(root, job.Face.Path!));
            using var aligned = FaceAligner.Align(image, job.Face.Landmarks!, side);
            byte[] png = ImageEncoder.EncodePng(aligned);
            AtomicFile.Write(Path.Combine(output, job.Output), stream => stream.Write(png));
            return null;
        }
        catch (InvalidInputException failure)
        {
            return failure.Message;
        }
    }
}
