using EfficientNetSharp.Weights.Formats;

namespace EfficientNetSharp.Weights.Tests;

public sealed class SourceTensorTests
{
    [Fact]
    public void Values_are_read_only_when_asked_for()
    {
        int reads = 0;
        var tensor = new SourceTensor("a", [2], () =>
        {
            reads++;
            return [1, 2];
        });
        Assert.Equal(0, reads);
        Assert.Equal([1, 2], tensor.ReadTensor().Values);
        Assert.Equal(1, reads);
    }
}
