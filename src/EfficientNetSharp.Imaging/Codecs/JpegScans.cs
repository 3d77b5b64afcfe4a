namespace EfficientNetSharp.Imaging.Codecs;

/// <summary>
/// Bounds the scans of a JPEG image. A progressive image is sent in several, each of which goes over all its blocks; one that says nothing
/// new takes a dozen bytes, so that time would grow with the length times the pixels.
/// </summary>
internal static class JpegScans
{
    /// <summary>Encoders write ten; one that sent each bit of each coefficient apart would stay below.</summary>
    internal const int Max = 500;

    /// <summary>Refuses an image of more.</summary>
    /// <exception cref="InvalidInputException">It has more.</exception>
    internal static void Check(ReadOnlySpan<byte> jpeg, string name)
    {
        int scans = 0;
        // In what is compressed the marker cannot come; thumbnails in segments count too, of which there is one.
        for (var rest = jpeg; rest.IndexOf((ReadOnlySpan<byte>)[0xFF, 0xDA]) is var at and >= 0; rest = rest[(at + 2)..]) scans++;
        if (scans <= Max) return;
        throw new InvalidInputException(
            $"Expected a JPEG image of at most {Max} scans, but '{name}' has {scans}; save it again.");
    }
}
