namespace EfficientNetSharp.Running;

/// <summary>
/// A backend that runs files of its own kind by itself, even where they have operators that a <see cref="Graphs.Graph"/> has not.
/// </summary>
public interface IFileBackend : IBackend
{
    /// <summary>Whether a file is of its kind, by its name and first bytes. <see langword="false"/> where there is no such file.</summary>
    /// <param name="path">The file.</param>
    bool Opens(string path);

    /// <summary>Makes a runner for a file.</summary>
    /// <param name="path">The file.</param>
    /// <param name="read">The size of the images, and whether the file has to say what they are.</param>
    /// <param name="options">How to run it.</param>
    /// <exception cref="InvalidInputException">The file cannot be used, or not as it is asked for; the message says why.</exception>
    OpenedRunner Open(string path, ModelReadOptions read, RunnerOptions options);
}
