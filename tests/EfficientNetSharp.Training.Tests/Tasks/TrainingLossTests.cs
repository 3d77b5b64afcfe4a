using System.Text.Json;
using EfficientNetSharp.Training.Tasks;
using EfficientNetSharp.Training.Torch;
using TorchSharp;
using static TorchSharp.torch;

namespace EfficientNetSharp.Training.Tests.Tasks;

/// <summary>Losses and their gradients against PyTorch's.</summary>
public sealed class TrainingLossTests
{
    private static readonly JsonElement Golden = RecipeGoldens.Get("loss");

    [Fact]
    public void Plain_labels_smoothed() => Compare("plain", logits => TrainingLoss.CrossEntropy(logits, Batch(mixed: false), 0.1));

    [Fact]
    public void Mixed_labels_are_the_cross_entropy_with_both_by_their_shares() =>
        Compare("mixed", logits => TrainingLoss.CrossEntropy(logits, Batch(mixed: true), 0.1));

    [Fact]
    public void Distillation_is_the_divergence_at_its_temperature_times_its_square()
    {
        using var scope = NewDisposeScope();
        Compare("distillation", logits => TrainingLoss.Distillation(logits, tensor(Numbers("teacher"), 4, 5), 3));
        Assert.Equal(0, TrainingLoss.Distillation(tensor(Numbers("teacher"), 4, 5), tensor(Numbers("teacher"), 4, 5), 3).Number(), 1e-6);
    }

    [Fact]
    public void Mixtures_with_themselves_are_plain()
    {
        TorchRuntime.Prepare();
        using var scope = NewDisposeScope();
        int[] labels = [0, 3, 2, 4];
        using var logits = tensor(Numbers("logits"), 4, 5);
        var twice = new TrainingBatch { Images = new float[4], Labels = labels, SecondLabels = labels, FirstShares = [0.3f, 0.5f, 0f, 1f] };
        double plain = TrainingLoss.CrossEntropy(logits, new TrainingBatch { Images = new float[4], Labels = labels }, 0.1).Number();
        Assert.Equal(plain, TrainingLoss.CrossEntropy(logits, twice, 0.1).Number(), 1e-6);
    }

    private static TrainingBatch Batch(bool mixed) => new()
    {
        Images = new float[4],
        Labels = Labels("first"),
        SecondLabels = mixed ? Labels("second") : [],
        FirstShares = mixed ? RecipeGoldens.Numbers(Golden.GetProperty("share")) : [],
    };

    private static void Compare(string name, Func<Tensor, Tensor> loss)
    {
        TorchRuntime.Prepare();
        using var scope = NewDisposeScope();
        var logits = tensor(Numbers("logits"), [4, 5], requires_grad: true);
        var value = loss(logits);
        value.backward();
        var expected = Golden.GetProperty(name);
        Assert.Equal(expected.GetProperty("value").GetDouble(), value.Number(), 1e-5);
        float[] gradient = RecipeGoldens.Numbers(expected.GetProperty("gradient")), found = logits.grad!.data<float>().ToArray();
        for (int i = 0; i < gradient.Length; i++) Assert.Equal(gradient[i], found[i], 1e-6f);
    }

    private static int[] Labels(string name) => [.. Golden.GetProperty(name).EnumerateArray().Select(label => label.GetInt32())];

    private static float[] Numbers(string name) => RecipeGoldens.Numbers(Golden.GetProperty(name));
}
