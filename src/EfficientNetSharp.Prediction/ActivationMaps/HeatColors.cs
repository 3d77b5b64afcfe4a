namespace EfficientNetSharp.Prediction.ActivationMaps;

/// <summary>
/// Colours for values of 0…1, from black over violet and red to pale yellow. Equal steps of the value look equally large and the
/// brightness only rises, so the map reads the same in grey and for the colour-blind.
/// </summary>
/// <remarks>
/// Nine points of <c>inferno</c>, the map that S. van der Walt and N. Smith made for matplotlib (option B of
/// bids.github.io/colormap, placed in the public domain under CC0), with straight lines between them.
/// </remarks>
internal static class HeatColors
{
    private static readonly (byte Red, byte Green, byte Blue)[] Points =
    [
        (0x00, 0x00, 0x04), (0x21, 0x0C, 0x4A), (0x56, 0x10, 0x6E), (0x89, 0x22, 0x6A), (0xBB, 0x37, 0x54),
        (0xE3, 0x59, 0x32), (0xF9, 0x8C, 0x0A), (0xF9, 0xC9, 0x32), (0xFC, 0xFF, 0xA4),
    ];

    /// <summary>The colour of a value, each part 0…255.</summary>
    public static (float Red, float Green, float Blue) Of(float value)
    {
        float place = Math.Clamp(value, 0, 1) * (Points.Length - 1);
        int before = Math.Min((int)place, Points.Length - 2);
        float share = place - before;
        var (a, b) = (Points[before], Points[before + 1]);
        return (Between(a.Red, b.Red), Between(a.Green, b.Green), Between(a.Blue, b.Blue));

        float Between(byte from, byte to) => from + (share * (to - from));
    }
}
