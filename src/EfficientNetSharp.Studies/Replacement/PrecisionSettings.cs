using System.Collections.Immutable;
using EfficientNetSharp.Costs.Devices;
using EfficientNetSharp.Graphs;
using EfficientNetSharp.Quantization.Search;

namespace EfficientNetSharp.Studies.Replacement;

/// <summary>In which precisions a trained embedding is judged, and how it gets there.</summary>
public sealed record PrecisionSettings
{
    /// <summary>The precisions; floats are always among them, and first. Default all.</summary>
    public ImmutableArray<StudyPrecision> Precisions { get; init; } = [.. Enum.GetValues<StudyPrecision>()];

    /// <summary>Most training images that ranges are found on. Default 64; half as many judge the choices.</summary>
    public int CalibrationImages { get; init; } = 64;

    /// <summary>
    /// What mixed plans may lose: cosine to the embeddings in floats, in points of 100 (<see cref="Quantization.Search.SearchLimit"/>).
    /// Default 1.
    /// </summary>
    public double MaxCosineDrop { get; init; } = 1;

    /// <summary>The device that is predicted for: a name of <see cref="DeviceProfiles"/>. Default <c>rv1126</c>.</summary>
    public string Device { get; init; } = "rv1126";

    /// <summary>
    /// Side of the images on the device in pixels, whatever the study trains with. Default 112, at which the device was measured.
    /// </summary>
    public int DeviceResolution { get; init; } = 112;

    /// <summary>The device's prices.</summary>
    internal DeviceProfile Profile => DeviceProfiles.Get(Device);

    // All that decides what comes of a trained network, the device's prices too, by which mixed plans are chosen.
    internal string Text => string.Join(
        '|', string.Join(',', Precisions), NumberText.Of(CalibrationImages), NumberText.Of(MaxCosineDrop), NumberText.Of(DeviceResolution),
        DeviceProfileJson.Serialize(Profile));

    // Passes of an image through the engine until the network is quantized, for predicting how long a trial takes: ranges and repairs run
    // the images some ten times, and a search some of them for each layer and for each of some thirty plans.
    internal double PassesOf(Graph graph)
    {
        const int searched = 24, plans = 30;
        return (10.0 * CalibrationImages * (Precisions.Length - 1))
            + (Precisions.Contains(StudyPrecision.Mixed) ? (double)searched * (PlanLayer.Of(graph).Length + plans) : 0);
    }

    internal void Check()
    {
        if (Precisions.IsDefaultOrEmpty || Precisions[0] != StudyPrecision.Floats || Precisions.Distinct().Count() < Precisions.Length)
            throw new InvalidInputException("A replacement study judges in floats first, and in each precision once; name each once.");
        new NumberRange(2, 100_000).Require(CalibrationImages, "The study's images to calibrate with");
        new NumberRange(0, 100).Require(MaxCosineDrop, "What mixed plans may lose, in points");
        new NumberRange(8, 4096).Require(DeviceResolution, "Pixels of the images on the device");
        _ = Profile;
    }
}
