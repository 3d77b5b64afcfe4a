using EfficientNetSharp.Training.Torch;
using static TorchSharp.torch;

namespace EfficientNetSharp.Training.Tests.Torch;

public sealed class GradientTableTests
{
    [Fact]
    public void Gradients_add_up_whoever_owns_them()
    {
        using var scope = NewDisposeScope();
        using var table = new GradientTable(1);
        var shared = ones(3);
        table.Add(0, shared.alias(), isOwn: false);
        table.Add(0, shared.alias(), isOwn: false);
        table.Add(0, ones(3));
        table.Add(0, shared.alias(), isOwn: false);

        var (sum, isOwn) = table.Take(0);

        Assert.True(isOwn);
        Assert.Equal([4f, 4f, 4f], sum!.data<float>().ToArray());
        Assert.Equal([1f, 1f, 1f], shared.data<float>().ToArray());
        Assert.Null(table.Take(0).Gradient);
    }
}
