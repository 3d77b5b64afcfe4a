namespace EfficientNetSharp.Running;

/// <summary>Reads one kind of file as a network that any backend runs.</summary>
public interface IModelReader
{
    /// <summary>What it reads, for messages; for example <c>a model file (.safetensors)</c>.</summary>
    string Reading { get; }

    /// <summary>Whether a file is of its kind, by its name and first bytes. <see langword="false"/> where there is no such file.</summary>
    /// <param name="path">The file.</param>
    /// <exception cref="InvalidInputException">The file cannot be read.</exception>
    bool Reads(string path);

    /// <summary>Reads the network.</summary>
    /// <param name="path">The file.</param>
    /// <param name="options">The size of the images, and whether the file has to say what they are.</param>
    /// <exception cref="InvalidInputException">The file cannot be used, or not as it is asked for; the message says why.</exception>
    OpenedModel Read(string path, ModelReadOptions options);
}
