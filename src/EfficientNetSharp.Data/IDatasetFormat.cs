namespace EfficientNetSharp.Data;

/// <summary>A layout of datasets that is recognised by what lies there.</summary>
internal interface IDatasetFormat
{
    /// <summary>Lists the dataset at a path; <see langword="null"/> where something else lies there.</summary>
    /// <param name="path">A folder or a file that exists.</param>
    /// <exception cref="InvalidInputException">It is this layout, but incomplete or damaged.</exception>
    DatasetParts? TryOpen(string path);
}
