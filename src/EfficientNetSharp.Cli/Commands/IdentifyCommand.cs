using System.CommandLine;
using System.Text.Json.Nodes;
using EfficientNetSharp.Cli.Support;
using EfficientNetSharp.Cli.Support.Galleries;
using EfficientNetSharp.Cli.Support.Words;
using EfficientNetSharp.Data.Formats;
using EfficientNetSharp.Recognition;
using EfficientNetSharp.Recognition.USearch;

namespace EfficientNetSharp.Cli.Commands;

/// <summary><c>effnet identify</c>: who images show, by a gallery.</summary>
internal static class IdentifyCommand
{
    // What a person sees of one image, and of one image among many.
    private const int BestOfOne = 5, BestOfMany = 1;

    private const string Hnsw = "hnsw";

    public static Command Create(Terminal terminal)
    {
        var gallery = GalleryOptions.Gallery();
        var images = SharedOptions.Images();
        var top = SharedOptions.Ranged(
            new Option<int?>(
                "--top") { Description = $"Identities to name; {BestOfOne} for one image and {BestOfMany} for several if not given." },
            1, IGallerySearch.MaxMatches);
        var index = new Option<string?>("--index")
        {
            Description = "How it is searched: exact (if not given), or hnsw, a graph of neighbours that is built first and whose recall is said.",
        };
        index.Among("exact", Hnsw);
        var batch = SharedOptions.BatchSize(16);
        var json = SharedOptions.Json();
        var opening = new GalleryOptions();
        var command = new Command("identify", "Find whom of a gallery images show.") { gallery, images, top, index, batch, json };
        opening.AddTo(command);
        command.SetAction(parsed =>
        {
            var store = GalleryLocation.Open(parsed.GetRequiredValue(gallery));
            try
            {
                var found = Datasets.FindImages(parsed.GetRequiredValue(images), out var leftOut);
                LeftOutView.Note(terminal, leftOut);
                using var network = opening.Open(parsed, terminal, store);
                var size = store.CountAsync(terminal.Interrupted).GetAwaiter().GetResult();
                if (size.Samples == 0) throw new InvalidInputException(
                    $"The gallery '{store.Name}' is empty; enroll images into it first.");
                var graph = parsed.GetValue(index) == Hnsw ? BuildIndex(terminal, store) : null;
                var identification = new Identification(store, network)
                {
                    Search = graph,
                    Count = parsed.GetValue(top) ?? (found.Length == 1 ? BestOfOne : BestOfMany), Threshold = opening.Threshold(parsed, network),
                };
                var results = identification.RunAsync(found, Math.Min(parsed.GetValue(batch), found.Length), terminal.Interrupted)
                    .ToBlockingEnumerable(terminal.Interrupted);
                var entries = new JsonArray();
                int failed = 0;
                foreach (var result in results)
                {
                    if (result.Error is not null) failed++;
                    if (parsed.GetValue(json)) entries.Add(ToJson(result));
                    else if (result.Error is { } error) terminal.Fail(error);
                    else Write(terminal, result, found.Length > 1);
                }

                LeftOutView.AddTo(entries, leftOut);
                if (parsed.GetValue(json)) Json.Write(terminal, entries);
                return failed == 0 ? EffnetCommand.Done : EffnetCommand.Failed;
            }
            finally
            {
                store.Close();
            }
        });
        return command;
    }

    private static ApproximateGallery BuildIndex(Terminal terminal, IGalleryStore store)
    {
        var graph = ApproximateGallery.BuildAsync(store, cancellationToken: terminal.Interrupted).GetAwaiter().GetResult();
        if (graph.Recall is { } recall)
            terminal.Note(
                $"The approximate index finds the same first identity as the exact search for {100 * recall:0.0} % of {NumberText.Counted(graph.RecallQueries, "query", "queries")} made of the gallery's own embeddings with noise.");
        return graph;
    }

    private static void Write(Terminal terminal, IdentificationResult result, bool inLines)
    {
        string unknown = result.IsKnown == false ? "unknown; nearest " : "";
        if (inLines)
        {
            terminal.Output.WriteLine(
                $"{result.Path}: {unknown}{string.Join(", ", result.Matches.Select(match => $"{match.Identity} {match.Score:0.000}"))}");
            return;
        }

        if (result.IsKnown == false) terminal.Output.WriteLine($"{result.Path}: unknown, no identity reaches the threshold");
        var table = new TextTable().Left("identity").Right("cosine").Left("nearest image");
        foreach (var match in result.Matches) table.Add(match.Identity, $"{match.Score:0.000}", match.Source);
        terminal.Write(table);
    }

    private static JsonObject ToJson(IdentificationResult result)
    {
        var entry = new JsonObject { ["path"] = result.Path };
        if (result.Error is { } error)
        {
            entry["error"] = error;
            return entry;
        }

        if (result.IsKnown is { } known) entry["identity"] = known ? result.Matches[0].Identity : null;
        entry["matches"] = new JsonArray([.. result.Matches.Select(match => new JsonObject
        {
            ["identity"] = match.Identity, ["score"] = match.Score, ["image"] = match.SampleId, ["source"] = match.Source,
        })]);
        return entry;
    }
}
