using System.Collections.Immutable;
using System.CommandLine;
using EfficientNetSharp.Cli.Support;
using EfficientNetSharp.Cli.Support.Paths;
using EfficientNetSharp.Cli.Support.Words;
using EfficientNetSharp.Data;
using EfficientNetSharp.Data.Loading;
using EfficientNetSharp.Evaluation;
using EfficientNetSharp.Evaluation.Verification;
using EfficientNetSharp.Files;
using EfficientNetSharp.Models;
using EfficientNetSharp.Prediction;

namespace EfficientNetSharp.Cli.Commands;

/// <summary><c>effnet verify</c>: how well a model tells whether two images show the same identity.</summary>
internal static class VerifyCommand
{
    private const int MaxPairs = 100_000_000;

    /// <summary>What was asked for beside model and data.</summary>
    private sealed record Request(
        string? Report, bool Json, bool Save, bool Flip, bool IncludesTrained, string Command, PairOptions Pairs,
            VerificationOptions Verification);

    public static Command Create(Terminal terminal)
    {
        var model = SharedOptions.Model();
        var data = new InputArgument<string>("DATA", InputKind.Images)
        {
            Description =
                "A folder with one folder of images per identity or another dataset of docs/datasets.md, which makes the pairs; or a file " +
                "of pairs: LFW's pairs.txt, a table of path, path and 1 or 0, or insightface's .bin.",
        };
        var images = new InputOption("--images", InputKind.Images)
        {
            Description = "Folder that the paths of a file of pairs are relative to; the file's own if not given.",
        };
        var split = new Option<string?>("--split")
        {
            Description = "The part of a dataset folder; the first of val, test, train if not given.",
        };
        split.Among([.. PartNames.ForEvaluation]);
        var flip = new Option<bool>("--flip") { Description = "Add the mirror image's embedding to each, as insightface's protocol does." };
        var rates = FalseAcceptRates();
        var genuine = Pairs("--genuine", "Most genuine pairs of a folder, drawn without bias where there are more.");
        var impostors = Pairs("--impostors", "Most impostor pairs of a folder, drawn without bias where there are more.");
        var samples = SharedOptions.Ranged(new Option<int>("--samples")
        {
            Description = "Times that identities are drawn anew for the intervals.", DefaultValueFactory = _ => 1000,
        }, 1, 1_000_000);
        var seed = SharedOptions.Ranged(new Option<ulong>("--seed") { Description = "Names the draws.", DefaultValueFactory = _ => 0 },
            SharedOptions.Seeds);
        var save = new Option<bool>("--save") { Description = "Keep the thresholds in the model's file, for 'identify' and other programs." };
        var report = SharedOptions.HtmlReport();
        var json = SharedOptions.Json();
        var workers = SharedOptions.Workers();
        var batch = SharedOptions.BatchSize(32);
        var trained = new Option<bool>("--include-trained")
        {
            Description = "Compare images that the model was trained on too; they are left out if not given.",
        };
        var opening = new OpeningOptions();
        var command = new Command("verify", "Measure how well images of the same identity are told from others, and find thresholds.")
        {
            model, data, images, split, flip, rates, genuine, impostors, samples, seed, save, report, json, workers, batch, trained,
        };
        opening.AddTo(command);
        command.SetAction(parsed => Run(
            terminal, parsed.GetRequiredValue(model),
            VerificationData.Open(terminal, parsed.GetRequiredValue(data), parsed.GetValue(images), parsed.GetValue(split)),
            opening.Get(parsed, terminal),
            new EvaluationOptions { BatchSize = parsed.GetValue(batch), Workers = parsed.GetValue(workers) },
            new Request(
                report.PathIn(parsed), parsed.GetValue(json), parsed.GetValue(save), parsed.GetValue(flip), parsed.GetValue(trained),
                GivenCommand.Of(parsed),
                new PairOptions
                {
                    MaxGenuine = parsed.GetValue(genuine), MaxImpostors = parsed.GetValue(impostors), Seed = parsed.GetValue(seed),
                },
                new VerificationOptions
                {
                    FalseAcceptRates = parsed.GetValue(rates) is { IsDefaultOrEmpty: false } given ? given : new VerificationOptions().FalseAcceptRates,
                    BootstrapSamples = parsed.GetValue(samples),
                    Seed = parsed.GetValue(seed),
                })));
        return command;
    }

    private static Option<int> Pairs(string name, string description) => SharedOptions.Ranged(
        new Option<int>(name) { Description = description, DefaultValueFactory = _ => 1_000_000 }, 1, MaxPairs);

    private static Option<ImmutableArray<double>> FalseAcceptRates() => new("--far")
    {
        HelpName = "RATES",
        Description = "False accept rates to find thresholds for, such as 1e-3,1e-4; 0.1 to 1e-6 by tens if not given.",
        CustomParser = result =>
        {
            string given = result.Tokens.Count == 0 ? "" : result.Tokens[0].Value;
            var rates = ImmutableArray.CreateBuilder<double>();
            foreach (string word in given.Split(','))
            {
                if (!NumberText.TryParse(word, out double rate) || rate is not (> 0 and < 1))
                {
                    result.AddError($"--far: expected rates above 0 and below 1 such as 1e-3,1e-4, found {OneLine.Quote(word)}.");
                    return [];
                }

                rates.Add(rate);
            }

            return [.. rates.Distinct().OrderDescending()];
        },
    };

    private static int Run(
        Terminal terminal, string given, VerificationData data, OpenOptions opening, EvaluationOptions options, Request request)
    {
        string path = ModelLocation.Find(terminal, given);
        if (request.Save) VerifiedThresholds.EnsureSavable(path, opening);
        using var network = Host.Opener.OpenForImages(path, opening with { Features = FeatureSelection.Pooled });
        data = data.Unseen(terminal, network.Card, request.IncludesTrained);
        terminal.Note($"{NumberText.Counted(data.Embedded.Count, "image")} of {data.Source}");
        var embeddings = DatasetEmbedder.Run(
            network.Runner, network.Transform, data.Embedded, options, request.Flip,
            new SynchronousProgress<EvaluationProgress>(at => terminal.Progress($"{ProgressBar.Of(at.Done, at.Total)} of {at.Total:N0} images")),
            terminal.Interrupted);
        terminal.EndProgress();
        LeftOutView.NoteUnreadable(terminal, embeddings.Unreadable);

        int[] images = data.ImagesOf(embeddings), identities = [.. images.Select(data.Images.LabelOf)];
        var made = data.Listed is null ? IdentityPairs.Of(identities, request.Pairs) : null;
        var pairs = made?.Pairs ?? RowPair.Of(data.Listed!, images);
        EnsureBothKinds(pairs, data);
        double[] scores = PairScores.Cosines(embeddings.Combined, pairs.AsMemory());
        var result = VerificationEvaluator.Evaluate(scores, pairs.AsSpan(), identities, request.Verification);
        var view = new VerificationView
        {
            Result = result,
            Model = path,
            Source = data.Source,
            Backend = network.Runner.Backend,
            Flip = request.Flip,
            Images = embeddings.Rows.Count,
            ImagesPerSecond = embeddings.ImagesPerSecond,
            Unreadable = embeddings.Unreadable,
            Made = made,
            Pairs = pairs,
            Scores = [.. scores],
            NameOf = row => data.Images.NameOf(images[row]),
            InsightFace = made is null && pairs.Length >= 10
                ? InsightFaceProtocol.Evaluate(embeddings.Rows, embeddings.Flipped, pairs.AsMemory()) : null,
            FaceXZoo = made is null && pairs.Length >= 10 ? FaceXZooProtocol.Evaluate(embeddings.Rows, pairs.AsMemory()) : null,
        };
        if (request.Json) Json.Write(terminal, view.ToJson());
        else view.Print(terminal);
        if (request.Report is { } report)
        {
            var reported = new ReportedModel(path, network.Card, network.Source?.Graph, network.Source?.Architecture);
            Reports.Write(report, view, data.Images, images, reported, request.Command);
            terminal.Note($"Report: {report}");
        }

        if (request.Save) VerifiedThresholds.Save(terminal, path, view);
        return EffnetCommand.Done;
    }

    private static void EnsureBothKinds(ImmutableArray<RowPair> pairs, VerificationData data)
    {
        bool hasGenuine = pairs.Any(pair => pair.IsSame), hasImpostors = pairs.Any(pair => !pair.IsSame);
        if (hasGenuine && hasImpostors) return;
        string found = hasGenuine ? "one identity alone" : "no identity with two images";
        throw new InvalidInputException(data.Listed is null
            ? $"Expected a folder per identity, two or more of them and some with two images or more, in {data.Source}, found {found}."
            : $"Expected pairs that are the same and pairs that are not in {data.Source}, found only {(hasGenuine ? "the first" : "the second")} of those that can be read.");
    }
}
