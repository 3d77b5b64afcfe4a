using System.Collections.Immutable;
using System.Text.Json.Nodes;
using EfficientNetSharp.Architectures;
using EfficientNetSharp.Costs.Devices;
using EfficientNetSharp.Data;
using EfficientNetSharp.Files;
using EfficientNetSharp.Graphs;
using EfficientNetSharp.Models;
using EfficientNetSharp.Studies.Replacement;
using EfficientNetSharp.Studies.Running;
using EfficientNetSharp.Studies.Trials;
using EfficientNetSharp.Training.Recipes;

namespace EfficientNetSharp.Studies.Tests.Replacement;

public sealed class ReplacementStudyTests : IDisposable
{
    private static readonly StudyRunOptions Quick = new() { TimesNetworks = false };

    private readonly string _root = Directory.CreateTempSubdirectory("replace").FullName;

    public void Dispose() => Directory.Delete(_root, recursive: true);

    [Fact]
    public void A_study_that_is_stopped_or_loses_its_teacher_ends_with_the_table_of_an_unbroken_one()
    {
        var (study, whole) = Begin("whole", SmallReplacement.Settings());
        StudyRunner.Run(study, SmallReplacement.Data, whole, Quick, cancellationToken: TestContext.Current.CancellationToken);
        string table = CsvOf(study, whole);
        // A head, and three networks alone and two with a teacher, each in four precisions.
        Assert.Equal(1 + (5 * 4), table.Count(c => c == '\n'));

        var (_, broken) = Begin("broken", SmallReplacement.Settings());
        int stops = 0;
        for (bool done = false; !done;)
        {
            using var stop = new CancellationTokenSource();
            int left = 2 + (3 * stops);
            try
            {
                StudyRunner.Run(study, SmallReplacement.Data, broken, Quick, new Watch(_ =>
                {
                    if (stops < 4 && --left == 0) stop.Cancel();
                }), stop.Token);
                done = true;
            }
            catch (OperationCanceledException)
            {
                stops++;
                // Whoever deletes the teacher's file has it trained again.
                if (Directory.Exists(broken.Models)) Directory.Delete(broken.Models, recursive: true);
            }
        }

        Assert.Equal(4, stops);
        Assert.Equal(table, CsvOf(study, broken));
        // Only the network that teaches is kept.
        Assert.Single(Directory.GetFiles(whole.Models));
        AssertPage(File.ReadAllText(whole.Page));
    }

    [Fact]
    public void A_network_is_taught_once_its_teacher_is_trained()
    {
        var (study, folder) = Begin("shares", SmallReplacement.Settings());
        // The second of five shares is a candidate by itself; the fifth has a teacher that nobody has trained yet.
        Assert.Equal(1, Run(2));
        using var stop = new CancellationTokenSource();
        Assert.Equal(0, StudyRunner.Run(
            study, SmallReplacement.Data, folder, Quick with { Shard = new Shard(5, 5), EndsEarly = true }, cancellationToken: stop.Token));
        Assert.Equal(1, Run(1));
        Assert.Equal(1, Run(5));

        int Run(int share) => StudyRunner.Run(
            study, SmallReplacement.Data, folder, Quick with { Shard = new Shard(share, 5) },
            cancellationToken: TestContext.Current.CancellationToken);
    }

    [Fact]
    public void Precisions_are_judged_by_the_same_strangers_and_predicted_at_the_devices_size()
    {
        var settings = SmallReplacement.Settings() with
        {
            Baselines = [SmallReplacement.Network("gdc", "product")],
            Replacement = SmallReplacement.Settings().Replacement with { Distills = false },
        };
        var (study, folder) = Begin("one", settings);
        StudyRunner.Run(study, SmallReplacement.Data, folder, cancellationToken: TestContext.Current.CancellationToken);
        var result = Assert.Single(folder.Table.Read().Values);
        var embedding = result.Embedding!;
        Assert.Equal((25, 5, 5 * 10, (25 * 24 / 2) - 50), (embedding.Images, embedding.Identities, embedding.Genuine, embedding.Impostors));
        Assert.Equal(Enum.GetValues<StudyPrecision>(), embedding.Precisions.Select(one => one.Precision));
        Assert.All(embedding.Precisions, one =>
        {
            Assert.InRange(one.Verification.Value, 0.5, 1);
            Assert.True(one.Verification.Interval.Lower <= one.Verification.Value
                && one.Verification.Value <= one.Verification.Interval.Upper);
            Assert.True(one.EngineMs > 0);
            // 250 impostor pairs tell of 1e-2, and nothing of 1e-3.
            Assert.NotNull(one.AcceptedAt1Percent);
            Assert.Null(one.AcceptedAt1PerMille);
        });

        var device = DeviceProfiles.Get("rv1126");
        var graph = settings.Baseline.Build(new BuildOptions { Height = 32, Width = 32, Classes = 0 });
        var (floats, narrow, wide, mixed) = (embedding.Precisions[0], embedding.Precisions[1], embedding.Precisions[2],
            embedding.Precisions[3]);
        Assert.Null(floats.DeviceMs);
        Assert.Equal(device.Predict(graph, "int8").Ms, narrow.DeviceMs!.Value, 1e-9);
        Assert.Equal(device.Predict(graph, "int16").Ms, wide.DeviceMs!.Value, 1e-9);
        Assert.InRange(mixed.WideLayers, 0, 1);
        Assert.True(narrow.FileBytes < wide.FileBytes && wide.FileBytes < floats.FileBytes);
        // Sixteen bits lose next to nothing.
        Assert.InRange(wide.RecallAt1.Value, floats.RecallAt1.Value - 0.05, floats.RecallAt1.Value + 0.05);
    }

    [Fact]
    public void What_a_result_follows_from_is_in_its_key_and_limits_are_not()
    {
        var settings = SmallReplacement.Settings();
        var precision = settings.Replacement.Precision;
        ReplacementSettings[] others =
        [
            settings.Replacement with { Precision = precision with { CalibrationImages = 9 } },
            settings.Replacement with { Precision = precision with { MaxCosineDrop = 2 } },
            settings.Replacement with { Precision = precision with { DeviceResolution = 48 } },
            settings.Replacement with { Precision = precision with { Precisions = [StudyPrecision.Floats] } },
            settings.Replacement with { Starts = [new StudyStart("product:head=gdc,features=16", "file", "00")] },
        ];
        Assert.All(others, other => Assert.NotEqual(Keys(settings)[0], Keys(settings with { Replacement = other })[0]));
        // A teacher that starts elsewhere teaches otherwise.
        Assert.NotEqual(Keys(settings)[^1], Keys(settings with { Replacement = others[^1] })[^1]);
        Assert.Equal(Keys(settings), Keys(settings with
        {
            Replacement = settings.Replacement with
            {
                KeepsModels = true, Limits = new ReplacementLimits { MaxMs = 3, MinAccuracy = 0.9, MaxDrop = 5 },
            },
        }));
        Assert.Equal(5, Keys(settings).Distinct().Count());

        static string[] Keys(StudySettings of) =>
            [.. Study.Of(of).Trials(new Dictionary<string, TrialResult>()).Select(trial => trial!.Key)];
    }

    [Fact]
    public void A_recipe_for_trained_weights_is_changed_for_networks_that_have_none()
    {
        var settings = SmallReplacement.Settings();
        settings = settings with
        {
            Recipe = settings.Recipe with { FixedStatistics = true, LayerDecay = 0.9 },
            Replacement = settings.Replacement with { Starts = [new StudyStart(settings.Baselines[1].Name, "w.pth", "ab")] },
        };
        foreach (var trial in Study.Of(settings).Trials(new Dictionary<string, TrialResult>()))
        {
            bool isStarted = trial!.Embedding!.Start is not null;
            Assert.Equal(trial.Point == settings.Baselines[1].Name, isStarted);
            Assert.Equal((isStarted, isStarted ? 0.9 : 1), (trial.Recipe.FixedStatistics, trial.Recipe.LayerDecay));
        }
    }

    [Fact]
    public void A_page_says_whether_strangers_judge()
    {
        var known = new StudyData(
            new DatasetSplits(SmallReplacement.Data.Splits.Train, SmallReplacement.Data.Splits.Validation, SmallReplacement.Data.Splits.Train, [])
            {
                HoldsOutClasses = true,
            }, "known");
        Assert.Equal((0, 8), (SmallReplacement.Data.Info.KnownIdentities, known.Info.KnownIdentities));
        Assert.Contains("nor quantization has seen", Study.Of(SmallReplacement.Settings()).Lead, StringComparison.Ordinal);
        Assert.Contains("8 identities of theirs were trained on", Study.Of(SmallReplacement.Settings() with { Data = known.Info }).Lead,
            StringComparison.Ordinal);
    }

    // Studies that were begun before it was written down go on, and their pages do not claim it.
    [Fact]
    public void A_study_that_does_not_say_whether_strangers_judge_claims_nothing()
    {
        var settings = SmallReplacement.Settings();
        var (_, folder) = Begin("older", settings);
        var json = JsonNode.Parse(File.ReadAllText(folder.Settings))!;
        Assert.True(json["study"]!["data"]!.AsObject().Remove("knownIdentities"));
        AtomicFile.WriteText(folder.Settings, json.ToJsonString());
        var older = folder.ReadSettings();
        Assert.Null(older.Data.KnownIdentities);
        Assert.Contains("judged by images that neither training nor quantization has seen", Study.Of(older).Lead, StringComparison.Ordinal);
        Assert.True(folder.Begin(settings));
        Assert.Equal(0, folder.ReadSettings().Data.KnownIdentities);
    }

    [Fact]
    public void Settings_are_read_as_they_were_written()
    {
        var settings = SmallReplacement.Settings();
        settings = settings with
        {
            Replacement = settings.Replacement with
            {
                Starts = [new StudyStart("tiny", "w.pth", "ab")],
                Limits = new ReplacementLimits { MaxMs = 7, MinAccuracy = 0.5, MaxDrop = 0 },
            },
        };
        var (_, folder) = Begin("settings", settings);
        Assert.Equivalent(settings, folder.ReadSettings(), strict: true);
        Assert.True(folder.Begin(settings));
    }

    [Fact]
    public void What_cannot_be_compared_is_refused()
    {
        var settings = SmallReplacement.Settings();
        Refused("twice", settings with { Baselines = [settings.Baselines[0], settings.Baselines[0]] });
        Refused("ends in a classifier", settings with { Baselines = [settings.Baselines[0], SmallStudies.Tiny] });
        Refused("features", settings with
        {
            Baselines = [settings.Baselines[0], ArchitectureOptions.Parse("head=gdc,features=8").Apply(SmallStudies.Tiny)],
        });
        Refused("recipe is for a classifier", settings with { Recipe = settings.Recipe with { Task = TaskKind.Classification } });
        Refused("floats first", settings with
        {
            Replacement = settings.Replacement with { Precision = new PrecisionSettings { Precisions = [StudyPrecision.Mixed] } },
        });
        Refused("no device", settings with
        {
            Replacement = settings.Replacement with { Precision = new PrecisionSettings { Device = "rv1" } },
        });

        static void Refused(string what, StudySettings of) =>
            Assert.Contains(what, Assert.Throws<InvalidInputException>(() => Study.Of(of)).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Weights_start_the_networks_whose_bodies_they_fit()
    {
        var network = SmallReplacement.Network("flatten", "tiny");
        var other = network with { Name = "other", Stages = [.. network.Stages.Select(stage => stage with { Channels = 24 })] };
        var card = new ModelCard { Classes = ["a", "b"], Preprocessing = Preprocessing.ForSize(SmallReplacement.Side, 1) };
        var classifier = SmallStudies.Tiny with { Resolution = SmallReplacement.Side };
        var weights = new StartWeights(
            Model.Of(classifier, card, WeightInitializer.Initialize(classifier.Build(new BuildOptions { Classes = 2 }), 3)),
            "tiny.safetensors");
        var start = Assert.Single(StartWeights.Fit([network, other], card.Preprocessing, [weights]));
        Assert.Equal((network.Name, "tiny.safetensors", weights.Fingerprint), (start.Network, start.Source, start.Fingerprint));
        Assert.Contains(
            "No network of the study starts from 'tiny.safetensors'",
            Assert.Throws<InvalidInputException>(() => StartWeights.Fit([other], card.Preprocessing, [weights]).ToList()).Message,
            StringComparison.Ordinal);
        // Names and shapes are the same; padding is not.
        var padded = network with { Padding = PaddingStyle.Same };
        Assert.NotEqual(padded.Padding, network.Padding);
        Assert.Contains(
            "padding", Assert.Throws<InvalidInputException>(() =>
                StartWeights.Fit([padded], card.Preprocessing, [weights]).ToList()).Message,
            StringComparison.Ordinal);

        var settings = SmallReplacement.Settings() with
        {
            Baselines = [network],
            Replacement = new ReplacementSettings
            {
                Starts = [start], Precision = new PrecisionSettings { Precisions = [StudyPrecision.Floats] },
            },
        };
        var (study, folder) = Begin("starts", settings);
        Assert.Contains("--from", Assert.Throws<InvalidInputException>(
            () => StudyRunner.Run(study, SmallReplacement.Data, folder, Quick,
                cancellationToken: TestContext.Current.CancellationToken)).Message, StringComparison.Ordinal);
        Assert.Equal(1, StudyRunner.Run(
            study, SmallReplacement.Data, folder, Quick with { Starts = [weights] },
            cancellationToken: TestContext.Current.CancellationToken));
    }

    [Fact]
    public void The_networks_that_are_compared_by_themselves_are_registered_and_yield_equal_lengths()
    {
        ImmutableArray<Architecture> networks = [.. ReplacementNetworks.Standard.Concat(
            ReplacementNetworks.FewCandidates).Distinct().Select(ArchitectureFile.Get)];
        Assert.All(networks, network => Assert.Equal(512, network.Embedding!.Features));
        Assert.All(networks, network => Assert.True(DeviceProfiles.Get("rv1126").Predict(
            network.Build(new BuildOptions { Height = 112, Width = 112, Classes = 0 }), "int16").Ms > 0));
    }

    private static void AssertPage(string page)
    {
        Assert.Contains("What may replace product:head=gdc,features=16", page, StringComparison.Ordinal);
        Assert.Contains("the most accurate is", page, StringComparison.Ordinal);
        Assert.Contains("EfficientNet-B0, flattened", page, StringComparison.Ordinal);
        Assert.Contains("Predicted: times and file sizes", page, StringComparison.Ordinal);
        Assert.DoesNotContain("NaN", page, StringComparison.Ordinal);
        System.Xml.Linq.XDocument.Parse(page["<!DOCTYPE html>\n".Length..]);
    }

    private (Study Study, StudyFolder Folder) Begin(string name, StudySettings settings)
    {
        var folder = new StudyFolder(Path.Combine(_root, name));
        folder.Begin(settings);
        return (Study.Of(settings), folder);
    }

    private static string CsvOf(Study study, StudyFolder folder)
    {
        folder.WriteReport(study);
        return File.ReadAllText(folder.Csv);
    }

    private sealed class Watch(Action<StudyProgress> see) : IProgress<StudyProgress>
    {
        public void Report(StudyProgress value) => see(value);
    }
}
