namespace EfficientNetSharp.Training.Distributed;

/// <summary>Whose images a batch normalisation takes together when several processes train.</summary>
public enum BatchNormScope
{
    /// <summary>Those of all processes: a run gives the same as on one process, for two small exchanges a layer and step.</summary>
    Synchronised,

    /// <summary>
    /// Those of each process by itself, as usual where a process has many (32 and more); running statistics are averaged before they are
    /// judged or kept.
    /// </summary>
    Local,
}
