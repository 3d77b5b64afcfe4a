using EfficientNetSharp.Files;
using EfficientNetSharp.Studies.Trials;

namespace EfficientNetSharp.Studies;

/// <summary>The folder of a study: what it follows from, its table, and what is made of them.</summary>
/// <param name="path">The folder.</param>
public sealed class StudyFolder(string path)
{
    private const int MaxSettingsBytes = 1 << 22;

    /// <summary>The folder.</summary>
    public string Path { get; } = path;

    /// <summary>What the study follows from.</summary>
    public string Settings => In("study.json");

    /// <summary>The table's file.</summary>
    public string TableFile => In("trials.jsonl");

    /// <summary>The results.</summary>
    public StudyTable Table => new(TableFile);

    /// <summary>The results in the study's order, without times.</summary>
    public string Csv => In("table.csv");

    /// <summary>Means and intervals over seeds.</summary>
    public string Summary => In("summary.csv");

    /// <summary>The page.</summary>
    public string Page => In("report.html");

    /// <summary>Trained networks that are kept.</summary>
    public string Models => In("models");

    /// <summary>Locks of trials under way.</summary>
    internal string Claims => In("claims");

    /// <summary>Whether a study lies in it.</summary>
    public bool HasStudy => FileEntry.At(Settings).Kind != FileKind.Missing;

    /// <summary>
    /// Makes it the folder of a study, or goes on with the study that is in it: it may be given more seeds or budgets, as trials that are
    /// done keep their results.
    /// </summary>
    /// <param name="settings">What the study follows from.</param>
    /// <returns>Whether there was a study before.</returns>
    /// <exception cref="InvalidInputException">Another kind of study, or one of other images, lies in the folder.</exception>
    /// <exception cref="WriteFailedException">It cannot be written.</exception>
    public bool Begin(StudySettings settings)
    {
        ArgumentNullException.ThrowIfNull(settings);
        OutputFolder.Create(Path);
        string json = StudyJson.Serialize(settings);
        bool isThere = HasStudy;
        if (isThere)
        {
            var before = ReadSettings();
            if (before.Kind != settings.Kind)
            {
                throw new InvalidInputException(
                    $"'{Path}' holds a study '{NameOf(before.Kind)}', and '{NameOf(settings.Kind)}' was asked for; name another folder with -o.");
            }

            if (before.Data.Fingerprint != settings.Data.Fingerprint)
            {
                throw new InvalidInputException(
                    $"'{Path}' holds a study of other images ('{before.Data.Name}'), or its images have changed; name another folder with -o.");
            }

            if (before.Search.Latency != settings.Search.Latency)
            {
                throw new InvalidInputException(
                    $"'{Path}' holds a search by {CostOf(before)}, and one by {CostOf(settings)} was asked for; name another folder with -o.");
            }

            if (StudyJson.Serialize(before) == json) return true;
        }

        AtomicFile.WriteText(Settings, json);
        return isThere;

        static string CostOf(StudySettings study) => study.Search.Latency is { } latency ? $"time ({latency})" : "multiply-adds";

        static string NameOf(StudyKind kind) => kind.ToString().ToLowerInvariant();
    }

    /// <summary>Reads what the study follows from.</summary>
    /// <exception cref="InvalidInputException">There is no study, or its file is damaged.</exception>
    public StudySettings ReadSettings()
    {
        if (!HasStudy)
            throw new InvalidInputException($"'{Path}' is expected to be the folder of a study, found no study.json in it; 'effnet study' makes one.");
        return StudyJson.Parse(InputFile.ReadAllText(Settings, MaxSettingsBytes), Settings);
    }

    /// <summary>Writes table, summary and page by the results that there are.</summary>
    /// <returns>The files.</returns>
    /// <exception cref="InvalidInputException">The table is damaged, or a file cannot be written.</exception>
    public IReadOnlyList<string> WriteReport(Study study)
    {
        ArgumentNullException.ThrowIfNull(study);
        return study.Write(Table.Read(), this);
    }

    private string In(string name) => System.IO.Path.Combine(Path, name);
}
