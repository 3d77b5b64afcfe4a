using EfficientNetSharp.Studies.Trials;

namespace EfficientNetSharp.Studies.Tests.Trials;

public sealed class WorkerPlaceTests
{
    [Theory]
    [InlineData("", 0, 1)]
    [InlineData("SLURM_ARRAY_TASK_ID=3 SLURM_ARRAY_TASK_COUNT=8", 3, 8)]
    [InlineData("SLURM_ARRAY_TASK_ID=3 SLURM_ARRAY_TASK_COUNT=8 SLURM_ARRAY_TASK_MIN=1", 2, 8)]
    [InlineData("SLURM_ARRAY_TASK_ID=30 SLURM_ARRAY_TASK_COUNT=4 SLURM_ARRAY_TASK_MIN=10 SLURM_ARRAY_TASK_STEP=10", 2, 4)]
    [InlineData("SLURM_ARRAY_TASK_ID=7 SLURM_ARRAY_TASK_COUNT=3 SLURM_ARRAY_TASK_MIN=1", 0, 3)]
    [InlineData("PMI_RANK=1 PMI_SIZE=4", 1, 4)]
    [InlineData("OMPI_COMM_WORLD_RANK=2 OMPI_COMM_WORLD_SIZE=3", 2, 3)]
    [InlineData("SLURM_PROCID=1 SLURM_NTASKS=2", 1, 2)]
    [InlineData("PMI_RANK=1 PMI_SIZE=2 SLURM_ARRAY_TASK_ID=1 SLURM_ARRAY_TASK_COUNT=3", 3, 6)]
    [InlineData("JOB_COMPLETION_INDEX=33", 2, 31)]
    public void The_environment_tells(string variables, int index, int count) =>
        Assert.Equal(new WorkerPlace(index, count), WorkerPlace.Of(name => Find(variables, name)));

    [Fact]
    public void What_is_no_number_is_named()
    {
        string said = Assert.Throws<InvalidInputException>(
            () => WorkerPlace.Of(name => Find("SLURM_ARRAY_TASK_ID=x SLURM_ARRAY_TASK_COUNT=2", name))).Message;
        Assert.Contains("SLURM_ARRAY_TASK_ID", said, StringComparison.Ordinal);
    }

    [Fact]
    public void Shards_divide_all_trials()
    {
        for (int count = 1; count < 9; count++)
        {
            var shards = Enumerable.Range(1, count).Select(number => Shard.Parse($"{number}/{count}")).ToList();
            Assert.All(Enumerable.Range(0, 50), trial => Assert.Single(shards, shard => shard.Holds(trial)));
        }
    }

    [Theory]
    [InlineData("")]
    [InlineData("1")]
    [InlineData("0/2")]
    [InlineData("3/2")]
    [InlineData("1/2/3")]
    [InlineData("-1/2")]
    [InlineData("1 / 2")]
    [InlineData("+1/2")]
    public void What_is_no_share_is_refused(string text) => Assert.Throws<InvalidInputException>(() => Shard.Parse(text));

    private static string? Find(string variables, string name) => variables.Split(' ')
        .Select(pair => pair.Split('=')).FirstOrDefault(pair => pair[0] == name)?[1];
}
