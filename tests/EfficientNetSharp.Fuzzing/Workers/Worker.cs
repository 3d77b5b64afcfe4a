using System.Diagnostics;
using EfficientNetSharp.Fuzzing.Formats;

namespace EfficientNetSharp.Fuzzing.Workers;

/// <summary>The process that reads inputs, one after another, and tells on its standard output what reading did that it must not.</summary>
internal sealed class Worker : IDisposable
{
    // A process that has grown is replaced, so that what it holds does not hide what the next input takes.
    private const long MaxResidentAtRest = 900L << 20;

    private readonly FuzzFormat _format;
    private readonly ulong _seed;
    private readonly string _folder;
    private readonly Progress _progress;
    private readonly InputSource _source;
    private readonly Dictionary<Specimen, string> _folders = [];

    public Worker(FuzzFormat format, ulong seed, string folder)
    {
        (_format, _seed, _folder) = (format, seed, folder);
        _progress = new Progress(Path.Combine(folder, "progress"));
        _source = new InputSource(format, seed);
        WarmUp();
    }

    /// <summary>Reads mutants.</summary>
    /// <returns>The number of the first that was not read.</returns>
    public long Run(long first, long count, TimeSpan time)
    {
        var clock = Stopwatch.StartNew();
        long number = first;
        for (; number < first + count && clock.Elapsed < time && ResidentMemory.Now() < MaxResidentAtRest; number++)
        {
            _progress.Number = number;
            var (specimen, changed) = _source.Make(number);
            string path = Lay(specimen, changed);
            if (Check(number, path, specimen.Length + changed.Bytes.Length)) _progress.Accepted++;
            Restore(specimen, changed);
        }

        return number;
    }

    /// <summary>Reads the corpus as it is.</summary>
    public void RunCorpus()
    {
        var corpus = InputSource.Corpus(_format.Name).ToList();
        for (int i = 0; i < corpus.Count; i++)
        {
            _progress.Number = i;
            Check(i, Lay(corpus[i], corpus[i].Files[0]), corpus[i].Length);
        }
    }

    public void Dispose() => _progress.Dispose();

    // Compiling is not what is measured. Seeds are to be read, or mutants of them say nothing.
    private void WarmUp()
    {
        int read = 0;
        foreach (var specimen in _format.Seeds())
        {
            try
            {
                _format.Read(Lay(specimen, specimen.Files[0]));
                read++;
            }
            catch (Exception e)
            {
                // Some seeds are of what is refused by name.
                if (_format.Name.StartsWith("planted", StringComparison.Ordinal)) return;
                Console.Error.WriteLine($"{_format.Name}: the seed {specimen.Name} is refused: {e.Message}");
            }
        }

        if (read == 0 && !_format.Name.StartsWith("planted", StringComparison.Ordinal))
            throw new InvalidOperationException($"No seed of the format {_format.Name} is read.");
    }

    private string Lay(Specimen specimen, SpecimenFile changed)
    {
        if (!_folders.TryGetValue(specimen, out string? folder))
        {
            _folders.Add(specimen, folder = Path.Combine(_folder, $"input{_folders.Count}"));
            foreach (var file in specimen.Files) Write(folder, file);
        }

        Write(folder, changed);
        return specimen.Entry.Length == 0 ? folder : Path.Combine(folder, specimen.Entry);
    }

    private void Restore(Specimen specimen, SpecimenFile changed) =>
        Write(_folders[specimen], specimen.Files.First(file => file.Path == changed.Path));

    private static void Write(string folder, SpecimenFile file)
    {
        string path = Path.Combine(folder, file.Path);
        Directory.CreateDirectory(Path.GetDirectoryName(path)!);
        File.WriteAllBytes(path, file.Bytes);
    }

    private bool Check(long number, string path, long length)
    {
        ResidentMemory.ResetPeak();
        long resident = ResidentMemory.Now(), managed = GC.GetTotalAllocatedBytes();
        var processor = Environment.CpuUsage.TotalTime;
        bool accepted = false;
        try
        {
            _format.Read(path);
            accepted = true;
        }
        catch (InvalidInputException e)
        {
            CheckMessage(number, e);
        }
        catch (Exception e) when (_format.IsAgreed(e))
        {
        }
        catch (Exception e)
        {
            Report(number, "exception", $"{e.GetType().Name} {PlaceOf(e)}", e.ToString());
        }

        double seconds = (Environment.CpuUsage.TotalTime - processor).TotalSeconds;
        managed = GC.GetTotalAllocatedBytes() - managed;
        resident = ResidentMemory.Peak() - resident;
        var limits = _format.Limits;
        if (managed > limits.ManagedBytes + (limits.ManagedPerByte * length))
            Report(number, "managed", "", $"{managed >> 20} MiB allocated for {length} bytes");
        else if (resident > limits.ResidentBytes + (limits.ResidentPerByte * length))
            Report(number, "resident", "", $"{resident >> 20} MiB of growth for {length} bytes");
        if (seconds > limits.Seconds) Report(number, "time", "", $"{seconds:0.0} seconds of processor time for {length} bytes");
        return accepted;
    }

    private void CheckMessage(long number, InvalidInputException refusal)
    {
        string message = refusal.Message;
        if (message.Any(char.IsControl)) Report(number, "message", PlaceOf(refusal), $"control characters in: {message}");
        if (message.Length is < 10 or > 1500) Report(number, "message", PlaceOf(refusal), $"{message.Length} characters: {message}");
    }

    // The innermost frame of ours.
    private static string PlaceOf(Exception exception)
    {
        string trace = exception.StackTrace ?? "";
        return trace.Split('\n').FirstOrDefault(line => line.Contains("EfficientNetSharp", StringComparison.Ordinal))
            is { } frame ? frame.Trim().Split(" in ")[0] : trace.Split('\n')[0].Trim();
    }

    private void Report(long number, string kind, string where, string detail) =>
        Console.Out.WriteLine(new Finding(_format.Name, _seed, number, kind, where, detail).ToJson());
}
