namespace EfficientNetSharp.Formats.Downloads;

/// <summary>A moment of a download.</summary>
/// <param name="Received">Bytes of the file that are there, those of an earlier run included.</param>
/// <param name="Total">Bytes of the whole file; <see langword="null"/> while the server has not stated it.</param>
/// <param name="Note">Something that a person may want to know, such as why an attempt is repeated; usually <see langword="null"/>.</param>
public sealed record DownloadProgress(long Received, long? Total, string? Note = null);
