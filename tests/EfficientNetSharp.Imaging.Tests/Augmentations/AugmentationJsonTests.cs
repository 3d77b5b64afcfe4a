using System.Text.Json;
using System.Text.Json.Serialization;
using EfficientNetSharp.Imaging.Augmentations;
using EfficientNetSharp.Imaging.Transforms;

namespace EfficientNetSharp.Imaging.Tests.Augmentations;

/// <summary>Recipes hold these records as JSON, written by source generation, which gives absent members their type's zero.</summary>
public sealed partial class AugmentationJsonTests
{
    [Fact]
    public void Files_written_before_policies_mean_what_they_meant()
    {
        const string Old =
            """{"minScale":0.25,"maxScale":1,"minRatio":0.75,"maxRatio":1.3333333333333333,"flipProbability":0.5,"brightness":0,""" +
            "\"contrast\":0,\"saturation\":0,\"hue\":0}";
        Assert.Equal(new AugmentationOptions { MinScale = 0.25 }, JsonSerializer.Deserialize(Old, Context.Default.AugmentationOptions));
    }

    [Fact]
    public void Absent_members_of_new_records_have_their_defaults()
    {
        var read = JsonSerializer.Deserialize("""{"probability":0.2}""", Context.Default.RandomErasingOptions);
        Assert.Equal(new RandomErasingOptions(0.2), read);
        const string Stages =
            """{"minResolution":128,"maxResolution":300,"minMagnitude":5,"maxMagnitude":15,"minMixupAlpha":0,"maxMixupAlpha":0,""" +
            "\"minDropout\":0.1,\"maxDropout\":0.3}";
        Assert.Equal(ProgressiveStages.PaperS, JsonSerializer.Deserialize(Stages, Context.Default.ProgressiveStages));
    }

    [Fact]
    public void All_members_come_back()
    {
        var options = new AugmentationOptions
        {
            Policy = "rand-m9", PolicyMagnitude = 8.25, PolicyProbability = 0.5, CutoutSide = 16,
            Erasing = new RandomErasingOptions(0.25, ErasingMode.RandomPixels, 3, 0.05, 0.25, 0.5),
        };
        string json = JsonSerializer.Serialize(options, Context.Default.AugmentationOptions);
        Assert.Equal(options, JsonSerializer.Deserialize(json, Context.Default.AugmentationOptions));
        string stages = JsonSerializer.Serialize(ProgressiveStages.AutomlL, Context.Default.ProgressiveStages);
        Assert.Equal(ProgressiveStages.AutomlL, JsonSerializer.Deserialize(stages, Context.Default.ProgressiveStages));
        Assert.DoesNotContain("paper", stages, StringComparison.OrdinalIgnoreCase);
    }

    [JsonSourceGenerationOptions(
        PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase, UseStringEnumConverter = true, IgnoreReadOnlyProperties = true)]
    [JsonSerializable(typeof(AugmentationOptions))]
    [JsonSerializable(typeof(RandomErasingOptions))]
    [JsonSerializable(typeof(ProgressiveStages))]
    private sealed partial class Context : JsonSerializerContext;
}
