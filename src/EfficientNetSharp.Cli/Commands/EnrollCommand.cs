using System.CommandLine;
using System.Text.Json;
using System.Text.Json.Nodes;
using EfficientNetSharp.Cli.Support;
using EfficientNetSharp.Cli.Support.Galleries;
using EfficientNetSharp.Cli.Support.Paths;
using EfficientNetSharp.Cli.Support.Words;
using EfficientNetSharp.Recognition;
using EfficientNetSharp.Recognition.Enrolment;

namespace EfficientNetSharp.Cli.Commands;

/// <summary><c>effnet enroll</c>: images into a gallery.</summary>
internal static class EnrollCommand
{
    // Where nobody watches a line of progress, a line is said so many times.
    private const int Notes = 10;

    public static Command Create(Terminal terminal)
    {
        var gallery = GalleryOptions.Gallery();
        var images = SharedOptions.Images();
        images.Description = "Image files or folders of them; without --name a folder of images per identity, named by it.";
        var name = new Option<string?>("--name") { Description = "Whose the images are, all of them; each image's folder if not given." };
        var review = Choices.Of<ReviewMode>(
            "--review", "How images are looked at before: off, standard (if not given; likely mistakes are rejected) or strict");
        var batch = SharedOptions.BatchSize(16);
        var json = SharedOptions.Json();
        var opening = new GalleryOptions();
        var command = new Command("enroll", "Add images of identities to a gallery; started again it goes on where it was.")
        {
            gallery, images, name, review, batch, json,
        };
        opening.AddTo(command);
        command.SetAction(parsed =>
        {
            var store = GalleryLocation.Open(parsed.GetRequiredValue(gallery));
            try
            {
                var found = EnrolmentFolders.Find(parsed.GetRequiredValue(images), parsed.GetValue(name), out var leftOut);
                LeftOutView.Note(terminal, leftOut);
                using var network = opening.Open(parsed, terminal, store);
                var enroller = new Enroller(store, network, new EnrolmentOptions
                {
                    Review = parsed.GetValue(review) ?? ReviewMode.Standard, Threshold = opening.Threshold(parsed, network),
                        BatchSize = parsed.GetValue(batch),
                });
                enroller.EnsureNamesAsync(found.Select(image => image.Identity), terminal.Interrupted).GetAwaiter().GetResult();
                var tally = new Tally(terminal, store.Name, found.Length);
                try
                {
                    foreach (var result in enroller.EnrollAsync(found, terminal.Interrupted).ToBlockingEnumerable(
                        terminal.Interrupted)) tally.Add(result);
                }
                catch (Exception e) when (e is OperationCanceledException or GalleryUnavailableException)
                {
                    terminal.Note(tally.Unfinished);
                    throw;
                }

                terminal.EndProgress();
                if (parsed.GetValue(json)) Json.Write(terminal, tally.ToJson(LeftOutView.ToJson(leftOut)));
                else tally.Write();
                return tally.Rejected.Count == 0 ? EffnetCommand.Done : EffnetCommand.Failed;
            }
            finally
            {
                store.Close();
            }
        });
        return command;
    }

    /// <summary>Counts results and tells of them.</summary>
    private sealed class Tally(Terminal terminal, string gallery, int total)
    {
        private int _done, _enrolled, _already;

        public List<EnrolmentResult> Rejected { get; } = [];

        public string Unfinished =>
            $"{_enrolled + _already:N0} of {NumberText.Counted(total, "image")} are enrolled; the same command goes on from there.";

        public void Add(EnrolmentResult result)
        {
            _done++;
            if (result.Outcome == EnrolmentOutcome.Enrolled) _enrolled++;
            else if (result.Outcome == EnrolmentOutcome.AlreadyEnrolled) _already++;
            else Rejected.Add(result);
            string line = $"{_done:N0} of {NumberText.Counted(total, "image")}";
            if (terminal.Live) terminal.Progress($"{ProgressBar.Of(_done, total)}  {line}");
            else if (_done < total && (long)_done * Notes / total > (long)(_done - 1) * Notes / total) terminal.Note(line);
        }

        public JsonObject ToJson(JsonArray leftOut) => new()
        {
            ["gallery"] = gallery,
            ["enrolled"] = _enrolled,
            ["alreadyEnrolled"] = _already,
            ["rejected"] = new JsonArray([.. Rejected.Select(result => new JsonObject
            {
                ["path"] = result.Image.Path, ["identity"] = result.Image.Identity,
                ["reason"] = JsonNamingPolicy.CamelCase.ConvertName(result.Rejection!.Reason.ToString()), ["text"] = result.Rejection.Text,
            })]),
            ["leftOut"] = leftOut,
        };

        public void Write()
        {
            if (Rejected.Count > 0)
            {
                var table = new TextTable().Left("rejected").Left("identity").Left("reason");
                foreach (var result in Rejected) table.Add(result.Image.Path, result.Image.Identity, result.Rejection!.Text);
                terminal.Write(table);
            }

            terminal.Output.WriteLine($"{_enrolled:N0} enrolled, {_already:N0} already enrolled, {Rejected.Count:N0} rejected");
        }
    }
}
