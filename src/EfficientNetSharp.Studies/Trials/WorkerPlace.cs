namespace EfficientNetSharp.Studies.Trials;

/// <summary>
/// Which of several processes this is, where they were started together: a task of a Slurm array, a rank of an MPI or Slurm job, an index
/// of a Kubernetes job. It says where in the study a process begins; all that is left is anybody's, so that none of it is lost with a
/// process.
/// </summary>
/// <param name="Index">Which one, from 0.</param>
/// <param name="Count">Of how many.</param>
public readonly record struct WorkerPlace(int Index, int Count)
{
    // What mpiexec of MPICH (its process manager's PMI) and of Open MPI, and srun set for each process that they start.
    private static readonly (string Rank, string Size)[] Ranks =
        [("PMI_RANK", "PMI_SIZE"), ("OMPI_COMM_WORLD_RANK", "OMPI_COMM_WORLD_SIZE"), ("SLURM_PROCID", "SLURM_NTASKS")];

    /// <summary>A process by itself.</summary>
    public static WorkerPlace Alone { get; } = new(0, 1);

    /// <summary>The place that the environment tells of.</summary>
    /// <param name="variable">Reads an environment variable, usually <see cref="Environment.GetEnvironmentVariable(string)"/>.</param>
    /// <exception cref="InvalidInputException">A variable is no number.</exception>
    public static WorkerPlace Of(Func<string, string?> variable)
    {
        ArgumentNullException.ThrowIfNull(variable);
        var (task, tasks) = Task(variable);
        var (rank, ranks) = Rank(variable);
        return new WorkerPlace((int)((((long)task * ranks) + rank) % ((long)tasks * ranks)), checked(tasks * ranks));
    }

    // An array may begin anywhere and leave numbers out; whatever comes of that is a place to begin at.
    private static (int Index, int Count) Task(Func<string, string?> variable)
    {
        if (Number(variable, "SLURM_ARRAY_TASK_ID", 0) is { } id && Number(variable, "SLURM_ARRAY_TASK_COUNT", 1) is { } count)
        {
            int min = Number(variable, "SLURM_ARRAY_TASK_MIN", 0) ?? 0, step = Number(variable, "SLURM_ARRAY_TASK_STEP", 1) ?? 1;
            return (Math.Max(0, id - min) / step % count, count);
        }

        // A Kubernetes job does not say how many there are: places a prime's parts apart keep neighbours away from each other.
        const int unknown = 31;
        return Number(variable, "JOB_COMPLETION_INDEX", 0) is { } index ? (index % unknown, unknown) : (0, 1);
    }

    private static (int Index, int Count) Rank(Func<string, string?> variable)
    {
        foreach (var (rank, size) in Ranks)
        {
            if (Number(variable, rank, 0) is { } index && Number(variable, size, 1) is { } count) return (index % count, count);
        }

        return (0, 1);
    }

    private static int? Number(Func<string, string?> variable, string name, int min) => variable(name) is { } text
        ? NumberText.Parse<int>(text, new NumberRange(min, int.MaxValue), $"The environment's {name}") : null;
}
