namespace EfficientNetSharp.Evaluation.Reports;

/// <summary>What was evaluated, for the head of a report. What is <see langword="null"/> is left out.</summary>
public sealed record EvaluationSubject
{
    /// <summary>The model, usually its file.</summary>
    public string? Model { get; init; }

    /// <summary>The architecture's name.</summary>
    public string? Architecture { get; init; }

    /// <summary>Number of trainable values.</summary>
    public long? Parameters { get; init; }

    /// <summary>Multiply-adds for one image.</summary>
    public long? Macs { get; init; }

    /// <summary>The network's input and its preprocessing, as text.</summary>
    public string? Input { get; init; }

    /// <summary>What ran the network.</summary>
    public string? Backend { get; init; }

    /// <summary>The images, usually their folder.</summary>
    public string? Data { get; init; }

    /// <summary>When it was done; shown with its own offset.</summary>
    public DateTimeOffset? Date { get; init; }

    /// <summary>The command that repeats it.</summary>
    public string? Command { get; init; }
}
