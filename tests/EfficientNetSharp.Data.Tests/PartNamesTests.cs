namespace EfficientNetSharp.Data.Tests;

public sealed class PartNamesTests
{
    [Theory]
    [InlineData("train", "train")]
    [InlineData("Training", "train")]
    [InlineData("val", "val")]
    [InlineData("VALID", "val")]
    [InlineData("validation", "val")]
    [InlineData("dev", "val")]
    [InlineData("eval", "val")]
    [InlineData("test", "test")]
    [InlineData("testing", "test")]
    [InlineData("trains", null)]
    [InlineData("invalid", null)]
    [InlineData("", null)]
    public void A_word_means_one_part_or_none(string word, string? part) => Assert.Equal(part, PartNames.OfWord(word));

    [Theory]
    [InlineData("train-00000-of-01024", "train")]
    [InlineData("imagenet-val-000003.tar", "val")]
    [InlineData("Validation-00000-of-00001.parquet", "val")]
    [InlineData("train_valid_0.tar", "val")]
    [InlineData("flowers-test-3.tfrecord", "test")]
    [InlineData("contest-0001.tar", "train")]
    [InlineData("0001.tar", "train")]
    public void A_shard_belongs_to_the_part_that_a_word_of_its_name_means(string name, string part) =>
        Assert.Equal(part, PartNames.OfShard(name));

    [Fact]
    public void No_word_means_two_parts()
    {
        string[] words = [.. PartNames.ForEvaluation.SelectMany(part => PartNames.WordsOf(part))];
        Assert.Equal(words.Distinct(StringComparer.OrdinalIgnoreCase), words);
    }
}
