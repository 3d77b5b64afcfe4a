using System.Diagnostics;
using System.Globalization;
using EfficientNetSharp.Randomness;
using EfficientNetSharp.Recognition.Embedded;
using EfficientNetSharp.Recognition.Writer;

namespace EfficientNetSharp.Recognition.Tests.Embedded;

/// <summary>What is left of a gallery when its writer ends at any moment.</summary>
public sealed class CrashTests : IDisposable
{
    private const int Length = 48, Kills = 100, StepsAlone = 40;

    private readonly string _root = Directory.CreateTempSubdirectory("effnet-crash-").FullName;

    private static CancellationToken Cancelled => TestContext.Current.CancellationToken;

    public void Dispose() => Directory.Delete(_root, recursive: true);

    /// <summary>SIGKILL at random moments of one gallery's life: acknowledged work is there, no step is there in part.</summary>
    [Fact]
    public async Task Nothing_acknowledged_is_lost_and_nothing_is_half_there_after_100_kills()
    {
        string folder = Path.Combine(_root, "gallery");
        await EmbeddedGallery.Create(folder, TestGalleries.Description(Length)).DisposeAsync();
        var random = new SeededRandom(20_261_128);
        int next = 0;
        for (int kill = 0; kill < Kills; kill++)
        {
            using var process = Start(folder, 0, next);
            Assert.Equal("open", await process.StandardOutput.ReadLineAsync(Cancelled));
            // Some are killed in their first step, which takes longest, most within a later one.
            int acknowledged = next, from = next + random.NextInt(5);
            var until = TimeSpan.FromMilliseconds(random.NextDouble() * (from == next ? 80 : 12));
            var ending = acknowledged == from ? KillAfter(process, until) : null;
            while (await process.StandardOutput.ReadLineAsync(Cancelled) is { } line)
            {
                // A line may be cut by the kill.
                if (!int.TryParse(line, CultureInfo.InvariantCulture, out int step) || step != acknowledged) continue;
                acknowledged++;
                if (acknowledged == from) ending = KillAfter(process, until);
            }

            await ending!;
            await process.WaitForExitAsync(Cancelled);
            next = await StepsIn(folder, acknowledged);
        }

        Assert.True(next > Kills, $"only {next} steps were made");
    }

    /// <summary>
    /// The disk as it is at each moment of writing, and as it would be if what was not flushed were lost: rows that the database does not
    /// name yet are gone or nonsense.
    /// </summary>
    [Fact]
    public async Task At_every_step_the_files_are_a_gallery_even_without_what_was_not_flushed()
    {
        string folder = Path.Combine(_root, "gallery");
        var states = new List<(WritingStep Step, int Made, string Copy, bool IsTorn)>();
        int step = 0;
        await using (var gallery = EmbeddedGallery.Create(folder, TestGalleries.Description(Length)))
        {
            gallery.OnStep = moment =>
            {
                states.Add((moment, step, Copy(folder, states.Count), false));
                if (moment == WritingStep.Written) states.Add((moment, step, Tear(Copy(folder, states.Count), step), true));
            };
            for (; step < StepsAlone; step++)
            {
                if (PlannedWork.IsRemoval(step)) await gallery.RemoveAsync(PlannedWork.Removed(0, step), Cancelled);
                else await gallery.AddAsync(PlannedWork.Added(0, step, Length), Cancelled);
                if (step % 10 == 9) await gallery.CompactAsync(Cancelled);
            }
        }

        Assert.Equal(Enum.GetValues<WritingStep>(), states.Select(state => state.Step).Distinct().Order());
        foreach (var state in states)
        {
            // A change is there from its commit on. A compaction changes nothing.
            int steps = await StepsIn(state.Copy, state.Made);
            Assert.InRange(steps, state.Made, state.Made + 1);
            if (state.Step is WritingStep.Written or WritingStep.Flushed) Assert.Equal(state.Made, steps);
            if (state.Step is WritingStep.Erased or WritingStep.Compacted) Assert.Equal(state.Made + 1, steps);
        }
    }

    [Fact]
    public async Task Processes_write_one_gallery_at_once()
    {
        const int Steps = 60, Workers = 3;
        string folder = Path.Combine(_root, "gallery");
        await using var gallery = EmbeddedGallery.Create(folder, TestGalleries.Description(Length));
        var processes = Enumerable.Range(0, Workers).Select(worker => Start(folder, worker, 0, Steps)).ToList();
        var query = TestGalleries.Vector(Length, 1);
        while (processes.Exists(process => !process.HasExited))
        {
            var found = (await gallery.SearchAsync([query], 1000, Cancelled))[0];
            Assert.Equal(found.Length, found.Select(match => match.Identity).Distinct().Count());
            foreach (var sample in await TestGalleries.All(gallery.ReadAsync(null, Cancelled))) EnsurePlanned(sample);
        }

        foreach (var process in processes)
        {
            Assert.Equal(0, process.ExitCode);
            process.Dispose();
        }

        var expected = Enumerable.Range(0, Workers).SelectMany(worker => PlannedWork.After(worker, Steps)).ToDictionary();
        var there = await TestGalleries.All(gallery.ListAsync(Cancelled));
        Assert.Equal(
            expected.OrderBy(pair => pair.Key, StringComparer.Ordinal).Select(pair => (pair.Key, pair.Value)),
            there.Select(identity => (identity.Name, identity.Samples)));
    }

    private static Task KillAfter(Process process, TimeSpan delay) => Task.Run(
        async () =>
        {
            await Task.Delay(delay, Cancelled);
            process.Kill();
        }, Cancelled);

    // How many steps a gallery has whole, which is known to be so many or one more; whatever else it holds is an error.
    private static async Task<int> StepsIn(string folder, int acknowledged)
    {
        await using var gallery = EmbeddedGallery.Open(folder);
        var samples = await TestGalleries.All(gallery.ReadAsync(null, Cancelled));
        foreach (var sample in samples) EnsurePlanned(sample);
        var there = samples.GroupBy(sample => sample.Identity).ToDictionary(group => group.Key, group => group.Count());
        foreach (int steps in new[] { acknowledged, acknowledged + 1 })
        {
            var expected = PlannedWork.After(0, steps);
            if (expected.Count == there.Count && expected.All(pair => there.GetValueOrDefault(pair.Key) == pair.Value))
            {
                await EnsureFound(gallery, samples);
                return steps;
            }
        }

        Assert.Fail(
            $"{acknowledged} steps were acknowledged; there are {string.Join(' ', there.Select(pair => $"{pair.Key}:{pair.Value}"))}");
        return 0;
    }

    private static async Task EnsureFound(EmbeddedGallery gallery, List<GallerySample> samples)
    {
        var query = TestGalleries.Vector(Length, 3);
        var found = (await gallery.SearchAsync([query], 1, Cancelled))[0];
        if (samples.Count == 0)
        {
            Assert.Empty(found);
            return;
        }

        var best = samples.MaxBy(sample => TestGalleries.Cosine(sample.Embedding.Span, query))!;
        Assert.Equal(best.Id, found[0].SampleId);
    }

    private static void EnsurePlanned(GallerySample sample)
    {
        int[] name = [.. sample.Identity.Split('-').Select(word => int.Parse(word, CultureInfo.InvariantCulture))];
        var planned = PlannedWork.Vector(name[0], name[1], int.Parse(sample.Source, CultureInfo.InvariantCulture), Length);
        Assert.InRange(TestGalleries.Cosine(sample.Embedding.Span, planned), 1 - 1e-6, 1 + 1e-6);
    }

    private string Copy(string folder, int number)
    {
        string copy = Path.Combine(_root, $"copy-{number}");
        Directory.CreateDirectory(copy);
        // Not the memory that processes share beside the log: after a crash of the machine it is gone.
        foreach (string file in Directory.EnumerateFiles(folder).Where(file => !file.EndsWith("-shm", StringComparison.Ordinal)))
            File.Copy(file, Path.Combine(copy, Path.GetFileName(file)));
        return copy;
    }

    // Rows that were written and not flushed: lost, or anything at all.
    private static string Tear(string folder, int step)
    {
        long first;
        string path;
        using (var connection = GalleryConnection.Open(GalleryFolder.DatabaseOf(folder)))
        {
            var state = connection.ReadState();
            (first, path) = (state.Rows, Path.Combine(folder, VectorFile.NameOf(state.Generation)));
        }

        byte[] bytes = File.ReadAllBytes(path);
        var layout = new BlockLayout(Length, VectorPrecision.F32);
        var random = new SeededRandom((ulong)step);
        for (long row = first; row < first + 4 && bytes.Length > BlockLayout.HeaderBytes; row++)
        {
            long start = layout.BlockStart(row / BlockLayout.RowsPerBlock), place = row % BlockLayout.RowsPerBlock;
            foreach (ref byte value in bytes.AsSpan((int)(start + (place * sizeof(int))), sizeof(int))) value = (byte)random.NextInt(256);
            foreach (ref byte value in bytes.AsSpan((int)(start + layout.RowsOffset + (place * layout.RowBytes)), layout.RowBytes))
                value = (byte)random.NextInt(256);
        }

        File.WriteAllBytes(path, bytes);
        return folder;
    }

    private static Process Start(string folder, int worker, int first, int? last = null)
    {
        string program = Path.Combine(AppContext.BaseDirectory, "EfficientNetSharp.Recognition.Writer.dll");
        var start = new ProcessStartInfo("dotnet") { RedirectStandardOutput = true };
        foreach (string word in (string[])["exec", program, folder, $"{worker}", $"{first}", .. last is null ? Array.Empty<string>()
            : [$"{last}"]])
            start.ArgumentList.Add(word);
        return Process.Start(start)!;
    }
}
