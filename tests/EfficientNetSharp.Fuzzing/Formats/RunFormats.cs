using System.Collections.Immutable;
using System.Text;
using EfficientNetSharp.Models;
using EfficientNetSharp.Testing.Hostile;
using EfficientNetSharp.Testing.Hostile.Containers;
using EfficientNetSharp.Training.Recipes;
using EfficientNetSharp.Training.Runs;

namespace EfficientNetSharp.Fuzzing.Formats;

/// <summary>What training reads: recipes, lists of class names, the folder of a run that is to go on.</summary>
internal static class RunFormats
{
    // Vectors of a checkpoint, by names and lengths that a run of another size would not have.
    private static readonly Dictionary<string, int> Vectors =
        new(StringComparer.Ordinal) { ["values"] = 16, ["statistics"] = 4, ["momentum"] = 16 };

    private static readonly byte[][] JsonWords = Mutator.Words(
        "{", "}", "[", "]", "\"", ":", ",", "null", "true", "1e999", "-1", "\\u0000", "\\ud800", "[[[[[[[[", "{\"a\":{\"a\":{\"a\":",
            "\"epochs\":", "\"batchSize\":",
        "\"learningRate\":", "\"optimizer\":", "//", "/*", "\xef\xbb\xbf", "\xc0\x80");

    public static ImmutableArray<FuzzFormat> All { get; } =
    [
        new FuzzFormat
        {
            Name = "recipe",
            Seeds = () => Directory.EnumerateFiles(Path.Combine(Repository.Root, "recipes"),
            "*.json").Order(StringComparer.Ordinal).Select(Specimen.OfFile),
            Mutator = new Mutator([], JsonWords),
            Read = path => RecipeLibrary.Read(path),
        },
        new FuzzFormat
        {
            Name = "classes",
            Seeds = () =>
            [
                Specimen.Of("lines.txt", "cat\ndog\nbird\n"u8.ToArray()),
                Specimen.Of("list.json", """["cat","dog","bird"]"""u8.ToArray()),
                Specimen.Of("index.json", """{"0":["n01","cat"],"1":["n02","dog"],"2":["n03","bird"]}"""u8.ToArray()),
                Specimen.Of("names.json", """{"0":"cat","1":"dog"}"""u8.ToArray()),
            ],
            Mutator = new Mutator([], JsonWords),
            Read = path => ClassListFile.Read(path),
        },
        new FuzzFormat
        {
            Name = "run",
            Seeds = Runs,
            Mutator = new Mutator([new SafetensorsContainer()], JsonWords),
            Read = ReadRun,
        },
    ];

    private static void ReadRun(string path)
    {
        var run = new RunFolder(path);
        var description = run.ReadDescription();
        run.ReadHistory(description.Task);
        RecipeLibrary.Read(run.Recipe);
        Checkpoints.ReadIdentity(run.Checkpoint);
        Checkpoints.Load(run.Checkpoint, Vectors.ToDictionary(vector => vector.Key, vector => new Memory<float>(new float[vector.Value])));
    }

    private static IEnumerable<Specimen> Runs()
    {
        string folder = Directory.CreateTempSubdirectory("effnet-fuzz-").FullName;
        try
        {
            var model = SmallModels.All.First();
            var run = new RunFolder(folder);
            var description = new RunDescription
            {
                Data = "data", ValidationFraction = 0.1, DataFingerprint = new string('a', 64), Network = model.Architecture!,
                    Card = model.Card, Threads = 2,
            };
            run.WriteDescription(description);
            run.WriteHistory([new(1, 1.5, 1.25, 0.5, 0.01, 0.4), new(2, 1.25, 1, 0.75, 0.001, 0.6)], description.Task);
            File.WriteAllText(run.Recipe, RecipeJson.Serialize(new TrainingRecipe()), Encoding.UTF8);
            Checkpoints.Save(
                run.Checkpoint,
                new RunState { Epoch = 1, Step = 10, LogLengths = ImmutableSortedDictionary<string, long>.Empty.Add("log.jsonl", 10) },
                RunIdentity.Of("classification", new TrainingRecipe(), description.Network, model.Card, description.DataFingerprint, null),
                Vectors.Select(vector => KeyValuePair.Create(vector.Key, new ReadOnlyMemory<float>(new float[vector.Value]))));
            yield return Specimen.OfFolder(folder);
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }
}
