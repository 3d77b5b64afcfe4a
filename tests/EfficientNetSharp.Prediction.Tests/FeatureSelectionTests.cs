namespace EfficientNetSharp.Prediction.Tests;

public sealed class FeatureSelectionTests
{
    [Theory]
    [InlineData("pooled", "features")]
    [InlineData("4", "stride_4")]
    [InlineData("32,8", "stride_32,stride_8")]
    public void Words_say_what_is_wanted_and_outputs_are_named_by_it(string text, string names)
    {
        Assert.True(FeatureSelection.TryParse(text, out var selection));
        Assert.Equal(names.Split(','), selection.Names);
        Assert.Equal(text == "pooled", selection.IsPooled);
        Assert.Equal(selection, text == "pooled" ? FeatureSelection.Pooled : FeatureSelection.Maps([.. text.Split(',').Select(int.Parse)]));
    }

    [Theory]
    [InlineData(null)]
    [InlineData("")]
    [InlineData("all")]
    [InlineData("4,")]
    [InlineData("0")]
    [InlineData("-4")]
    [InlineData("4;8")]
    [InlineData("99999999999")]
    public void Other_words_do_not(string? text) => Assert.False(FeatureSelection.TryParse(text, out _));

    [Fact]
    public void No_stride_is_no_selection()
    {
        Assert.Throws<ArgumentException>(() => FeatureSelection.Maps());
        Assert.Throws<ArgumentException>(() => FeatureSelection.Maps(4, 0));
    }
}
