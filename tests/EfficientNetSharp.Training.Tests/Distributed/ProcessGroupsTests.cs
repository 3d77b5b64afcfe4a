using EfficientNetSharp.Training.Distributed;
using EfficientNetSharp.Training.Steps;

namespace EfficientNetSharp.Training.Tests.Distributed;

/// <summary>Which group a process joins, and what ranks agree on.</summary>
public sealed class ProcessGroupsTests
{
    [Theory]
    [InlineData(null)]
    [InlineData("1")]
    public void Without_mpiexec_a_process_is_alone_and_its_sums_are_its_values(string? size)
    {
        using var group = ProcessGroups.Join(name => name == "PMI_SIZE" ? size : null);
        double[] values = [1, 2];

        group.AllReduceSum(values.AsSpan());
        group.Barrier();

        Assert.Equal((0, 1, 1), (group.Rank, group.Size, group.LocalSize));
        Assert.Equal([1, 2], values);
    }

    [Theory]
    [InlineData(1, 8, 8, 8)]
    [InlineData(1, 3, 8, 3)]
    [InlineData(2, 8, 8, 4)]
    [InlineData(4, 2, 2, 1)]
    [InlineData(2, 4, 8, 4)]
    [InlineData(8, 1, 8, 1)]
    [InlineData(4, 6, 8, 1)]
    public void Processes_share_the_processors_unless_they_are_divided_already(int processes, int allowed, int onMachine, int expected) =>
        Assert.Equal(expected, ProcessorShare.Of(processes, allowed, onMachine));

    [Theory]
    [InlineData("many")]
    [InlineData("")]
    [InlineData("1,000")]
    [InlineData(" 2")]
    [InlineData("0")]
    [InlineData("99999999999")]
    public void A_size_that_is_no_number_is_refused_by_its_name(string size)
    {
        var exception = Assert.Throws<InvalidInputException>(() => ProcessGroups.Join(name => name == "PMI_SIZE" ? size : null));
        Assert.Contains($"PMI_SIZE: expected a whole number from 1 to 2147483647, found '{size}'", exception.Message,
            StringComparison.Ordinal);
    }

    [Fact]
    public void Open_MPI_is_refused_with_what_to_install()
    {
        var exception = Assert.Throws<InvalidInputException>(() => ProcessGroups.Join(name => name == "OMPI_COMM_WORLD_SIZE" ? "2" : null));
        Assert.Contains("mpich", exception.Message, StringComparison.Ordinal);
        Assert.DoesNotContain('\n', exception.Message);
    }

    [Fact]
    public void Ranks_agree_on_images_and_on_stopping()
    {
        ThreadGroup.Run(3, group =>
        {
            Assert.Equal(new BatchShare(9, 2, Stops: true), BatchShare.Agree(group, group.Rank + 2, stops: group.Rank == 1));
            Assert.False(BatchShare.Agree(group, group.Rank, stops: false).IsStep);
            Assert.True(BatchShare.Agree(group, 1, stops: false).IsStep);
        });
    }

    [Fact]
    public void A_single_process_needs_two_images_for_a_step()
    {
        using var alone = new SingleProcessGroup();
        Assert.False(BatchShare.Agree(alone, 1, stops: false).IsStep);
        Assert.Equal(new BatchShare(2, 2, Stops: false), BatchShare.Agree(alone, 2, stops: false));
    }
}
