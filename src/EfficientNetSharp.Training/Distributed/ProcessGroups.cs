namespace EfficientNetSharp.Training.Distributed;

/// <summary>Which processes this one trains with.</summary>
public static class ProcessGroups
{
    /// <summary>
    /// The group that this process was started in: that of <c>mpiexec</c>, or, without it, the process by itself, and then no MPI library
    /// is ever loaded.
    /// </summary>
    /// <param name="variable">Reads an environment variable, usually <see cref="Environment.GetEnvironmentVariable(string)"/>.</param>
    /// <returns>The group, which the caller disposes of when all work is done.</returns>
    /// <exception cref="InvalidInputException">
    /// The process was started by another MPI than MPICH, a variable is no number, or MPICH does not load.
    /// </exception>
    public static IProcessGroup Join(Func<string, string?> variable)
    {
        ArgumentNullException.ThrowIfNull(variable);
        if (variable("OMPI_COMM_WORLD_SIZE") is not null)
        {
            throw new InvalidInputException(
                "This process was started by Open MPI, and MPICH's mpiexec is expected; on Debian or Ubuntu: apt-get install -y mpich, then mpiexec.mpich.");
        }

        // What MPICH's process manager sets for each process it starts (its PMI interface).
        if (Number(variable, "PMI_SIZE") is not { } size || size == 1) return new SingleProcessGroup();
        return new MpiProcessGroup(Number(variable, "MPI_LOCALNRANKS") ?? size);
    }

    private static int? Number(Func<string, string?> variable, string name) =>
        variable(name) is { } text ? NumberText.Parse<int>(text, new NumberRange(1, int.MaxValue), $"The environment's {name}") : null;
}
