using System.Text.Json.Nodes;
using EfficientNetSharp.Imaging.Transforms;
using EfficientNetSharp.Training.Optimizers;
using EfficientNetSharp.Training.Recipes;
using EfficientNetSharp.Training.Schedules;

namespace EfficientNetSharp.Training.Tests.Recipes;

public sealed class RecipeJsonTests
{
    [Fact]
    public void What_a_file_leaves_out_has_its_default()
    {
        var recipe = RecipeJson.Parse("""{ "epochs": 7, "schedule": { "kind": "Step" }, "augmentation": { "flipProbability": 0 } }""", "x");
        Assert.Equal(new TrainingRecipe { Epochs = 7, Schedule = new ScheduleOptions { Kind = ScheduleKind.Step },
            Augmentation = new AugmentationOptions { MinScale = 0.25, FlipProbability = 0 } }, recipe);
        Assert.Equal(new TrainingRecipe(), RecipeJson.Parse("{}", "x"));
    }

    [Fact]
    public void A_recipe_comes_back_from_its_text()
    {
        var recipe = new TrainingRecipe
        {
            Optimizer = OptimizerKind.Lamb, LearningRate = 0.1, LearningRateBatch = 64, Seed = ulong.MaxValue, Freeze = "stem",
            Clipping = new()
            {
                Adaptive = 0.01,
            },
            Mixing = new(0.2, 1), Progressive = ProgressiveStages.PaperS, Augmentation = new()
            {
                Policy = "rand-m9-n2",
                Erasing = new(0.2),
            },
        };
        Assert.Equal(recipe, RecipeJson.Parse(RecipeJson.Serialize(recipe), "x"));
    }

    [Theory]
    [InlineData("""{ "epoch": 3 }""", "epochs")]
    [InlineData("""{ "schedule": { "warmupEpochs": 3 } }""", "schedule.warmUpEpochs")]
    [InlineData("""{ "augmentation": { "erasing": { "probabilty": 0.5 } } }""", "augmentation.erasing.probability")]
    [InlineData("""{ "totalEpochs": 3 }""", "probeEpochs")]
    public void An_unknown_key_is_refused_with_the_nearest(string json, string nearest) =>
        Assert.Contains($"did you mean '{nearest}'", Refused(json), StringComparison.Ordinal);

    [Theory]
    [InlineData("""{ "learningRate": 1000 }""", "The recipe's learning rate: expected a number above 0 and below 1000, found 1000")]
    [InlineData("""{ "learningRate": 6.3e-700 }""", "'learningRate' is expected to be a number, found 6.3e-700")]
    [InlineData("""{ "learningRate": 1e999 }""", "'learningRate' is expected to be a number, found 1e999")]
    [InlineData("""{ "learningRate": "0,001" }""", "'learningRate' is expected to be a number, found \"0,001\"")]
    [InlineData("""{ "learningRate": "0.001" }""", "'learningRate' is expected to be a number, found \"0.001\"")]
    [InlineData("""{ "weightDecay": 0,05 }""", "in line 1")]
    [InlineData("""{ "epochs": 2.5 }""", "'epochs' is expected to be a whole number, found 2.5")]
    [InlineData("""{ "epochs": 99999999999 }""", "'epochs' is expected to be a whole number, found 99999999999")]
    [InlineData("""{ "epochs": [3] }""", "'epochs' is expected to be a whole number, found [3]")]
    [InlineData("""{ "seed": -1 }""", "'seed' is expected to be a whole number, found -1")]
    [InlineData("""{ "fixedStatistics": "no" }""", "'fixedStatistics' is expected to be true or false, found \"no\"")]
    [InlineData("""{ "optimizer": "adam\u001b[31m" }""", "'optimizer' is expected to be")]
    [InlineData("""{ "schedule": { "warmUpEpochs": "1,5" } }""", "'schedule.warmUpEpochs' is expected to be a number, found \"1,5\"")]
    [InlineData("""{ "augmentation": { "minScale": 2 } }""", "MinScale: expected a number from 0.0001 to 1, found 2")]
    [InlineData("""{ "augmentation": { "brightness": 256 } }""", "Brightness: expected a number from 0 to 255, found 256")]
    [InlineData("""{ "mixing": { "mixupAlpha": 0.0001 } }""", "MixupAlpha: expected 0 or a number from 0.001 to 100, found 0.0001")]
    public void A_wrong_value_is_named_with_what_was_expected_and_found(string json, string expected)
    {
        string message = Refused(json);
        Assert.Contains(expected, message, StringComparison.Ordinal);
        Assert.DoesNotContain("System.", message, StringComparison.Ordinal);
        Assert.DoesNotContain('\u001b', message);
    }

    [Theory]
    [InlineData("[]")]
    [InlineData("{ \"epochs\": 1, \"epochs\": 2 }")]
    [InlineData("{ \"epochs\": \"many\" }")]
    [InlineData("{ \"epochs\": 0 }")]
    [InlineData("{ \"optimizer\": \"magic\" }")]
    [InlineData("{ \"schedule\": null }")]
    [InlineData("{ \"augmentation\": null }")]
    [InlineData("{ \"progressive\": { \"minResolution\": 3 } }")]
    [InlineData("{ \"epochs\": 3, \"progressive\": ")]
    public void Other_faults_get_one_line_with_the_files_name(string json)
    {
        string message = Refused(json);
        Assert.Contains("my.json", message, StringComparison.Ordinal);
        Assert.DoesNotContain('\n', message);
    }

    public static TheoryData<string> Shipped => [.. Library.Names];

    private static RecipeLibrary Library { get; } = new(Path.Combine(AppContext.BaseDirectory, "recipes"));

    [Theory]
    [MemberData(nameof(Shipped))]
    public void Shipped_recipes_load_and_say_where_they_are_from(string name)
    {
        Library.Get(name).Check();
        var text = JsonNode.Parse(File.ReadAllText(Path.Combine(AppContext.BaseDirectory, "recipes", name + ".json")))!;
        Assert.InRange(text["description"]!.GetValue<string>().Length, 40, 400);
    }

    [Fact]
    public void All_recipes_are_there() => Assert.Equal(
        ["arcface", "finetune", "goods", "imagenet_timm_b0", "imagenet_tpu", "imagenet_v2_s", "lite_qat_ready", "qat", "small_data"], Library.Names);

    [Fact]
    public void Small_data_is_what_the_library_does_by_itself() => Assert.Equal(new TrainingRecipe(), Library.Get("small_data"));

    // tensorflow/tpu: 0.016 for 256 images, so 0.128 for 2,048; timm: 0.048 for 768; the paper: 0.256 for 4,096.
    [Theory]
    [InlineData("imagenet_tpu", 2048, 0.128)]
    [InlineData("imagenet_tpu", 4096, 0.256)]
    [InlineData("imagenet_timm_b0", 768, 0.048)]
    public void Learning_rates_follow_the_batch(string name, int batch, double rate) =>
        Assert.Equal(rate, (Library.Get(name) with { BatchSize = batch }).PeakLearningRate, 12);

    [Fact]
    public void Fine_tuning_has_three_tenths_of_the_rate_from_scratch() =>
        Assert.Equal(Library.Get("small_data").PeakLearningRate * 0.3, Library.Get("finetune").PeakLearningRate, 12);

    [Fact]
    public void An_unknown_recipe_is_refused_with_the_nearest() =>
        Assert.Contains("'finetune'", Assert.Throws<InvalidInputException>(() => Library.Get("fine_tune")).Message,
            StringComparison.Ordinal);

    private static string Refused(string json) => Assert.Throws<InvalidInputException>(() => RecipeJson.Parse(json, "my.json")).Message;
}
