using System.CommandLine;
using System.Globalization;
using System.Text.Json.Nodes;
using EfficientNetSharp.Cli.Support;
using EfficientNetSharp.Cli.Support.Galleries;
using EfficientNetSharp.Cli.Support.Paths;
using EfficientNetSharp.Cli.Support.Words;
using EfficientNetSharp.Files;
using EfficientNetSharp.Recognition;
using EfficientNetSharp.Recognition.Exchange;

namespace EfficientNetSharp.Cli.Commands;

/// <summary><c>effnet gallery</c>: galleries of enrolled embeddings, made, listed, copied and cleared.</summary>
internal static class GalleryCommand
{
    public static Command Create(Terminal terminal) =>
        new("gallery", "Make, list, export, import and clear galleries of enrolled images.")
        {
            CreateCreate(terminal), CreateList(terminal), CreateRemove(terminal), CreateExport(terminal), CreateImport(terminal),
        };

    private static Command CreateCreate(Terminal terminal)
    {
        var gallery = GalleryOptions.Gallery();
        var model = new InputOption("--model", InputKind.Model)
        {
            Description = "The model whose embeddings it holds, as other verbs take it; the gallery refuses those of any other.",
            Required = true,
        };
        var precision = new Option<string?>("--precision")
        {
            Description = "How values are held: float32 (if not given), float16 (half the size) or int8 (a quarter of size and search time).",
        };
        precision.Among([.. Enum.GetValues<VectorPrecision>().Select(GalleryJson.NameOf)]);
        var opening = new OpeningOptions();
        var json = SharedOptions.Json();
        var command = new Command("create", "Make an empty gallery for a model.") { gallery, model, precision, json };
        opening.AddTo(command);
        command.SetAction(parsed =>
        {
            string folder = parsed.GetRequiredValue(gallery), given = parsed.GetRequiredValue(model)!;
            GalleryLocation.EnsureWritable(folder);
            string path = ModelLocation.Find(terminal, given);
            GalleryDescription description;
            using (var network = GalleryNetwork.Open(Host.Opener, path, opening.Get(parsed, terminal)))
            {
                description = new GalleryDescription
                {
                    Fingerprint = network.Fingerprint,
                    // A published name is found from anywhere; a path only if it is whole.
                    Model = File.Exists(given) || Directory.Exists(given) ? Path.GetFullPath(given) : given,
                    Precision = Enum.GetValues<VectorPrecision>()
                        .FirstOrDefault(one => GalleryJson.NameOf(one) == parsed.GetValue(precision)),
                };
            }

            var store = GalleryLocation.Create(folder, description);
            string name = store.Name;
            store.Close();
            if (parsed.GetValue(json)) Json.Write(terminal, GalleryJson.ToJson(description));
            else terminal.Output.WriteLine(name);
            terminal.Note(
                $"Embeddings of {description.Fingerprint.Length:N0} values as {GalleryJson.NameOf(description.Precision)}. Next: effnet enroll GALLERY IMAGES");
            return EffnetCommand.Done;
        });
        return command;
    }

    private static Command CreateList(Terminal terminal)
    {
        var gallery = GalleryOptions.Gallery();
        var name = new Argument<string?>("NAME") { Description = "An identity, to list its images.", Arity = ArgumentArity.ZeroOrOne };
        var json = SharedOptions.Json();
        var command = new Command("list", "The identities of a gallery, or the images of one.") { gallery, name, json };
        command.SetAction(parsed =>
        {
            var store = GalleryLocation.Open(parsed.GetRequiredValue(gallery));
            try
            {
                if (parsed.GetValue(name) is { } identity) ListSamples(terminal, store, identity, parsed.GetValue(json));
                else ListIdentities(terminal, store, parsed.GetValue(json));
                return EffnetCommand.Done;
            }
            finally
            {
                store.Close();
            }
        });
        return command;
    }

    private static void ListIdentities(Terminal terminal, IGalleryStore store, bool json)
    {
        var size = store.CountAsync(terminal.Interrupted).GetAwaiter().GetResult();
        var identities = store.ListAsync(terminal.Interrupted).ToBlockingEnumerable(terminal.Interrupted);
        if (json)
        {
            var result = GalleryJson.ToJson(store.Description);
            result["samples"] = size.Samples;
            result["identities"] = new JsonArray([.. identities.Select(one => new JsonObject
            {
                ["name"] = one.Name, ["samples"] = one.Samples, ["enrolled"] = Moment(one.Enrolled),
            })]);
            Json.Write(terminal, result);
            return;
        }

        var table = new TextTable().Left("identity").Right("images").Left("enrolled (UTC)");
        foreach (var one in identities) table.Add(one.Name, $"{one.Samples:N0}", Moment(one.Enrolled));
        terminal.Write(table);
        terminal.Note(
            $"{NumberText.Counted(size.Identities, "identity", "identities")}, {NumberText.Counted(size.Samples, "image")}; embeddings of {store.Description.Model}, {store.Description.Fingerprint.Length:N0} values as {GalleryJson.NameOf(store.Description.Precision)}.");
    }

    private static void ListSamples(Terminal terminal, IGalleryStore store, string identity, bool json)
    {
        var samples = store.ReadAsync(identity, terminal.Interrupted).ToBlockingEnumerable(terminal.Interrupted).ToList();
        if (samples.Count == 0) throw Unknown(terminal, store, identity);
        if (json)
        {
            Json.Write(terminal, new JsonArray([.. samples.Select(sample => new JsonObject
            {
                ["id"] = sample.Id, ["source"] = sample.Source, ["sha256"] = sample.ContentHash, ["enrolled"] = Moment(sample.Enrolled),
            })]));
            return;
        }

        var table = new TextTable().Right("number").Left("enrolled (UTC)").Left("image");
        foreach (var sample in samples) table.Add($"{sample.Id}", Moment(sample.Enrolled), sample.Source);
        terminal.Write(table);
    }

    private static Command CreateRemove(Terminal terminal)
    {
        var gallery = GalleryOptions.Gallery();
        var names = new Argument<string[]>("NAME") { Description = "Identities to remove with all their images.",
            Arity = ArgumentArity.ZeroOrMore };
        var number = SharedOptions.Ranged(
            new Option<long?>("--image") { Description = "Remove one image by its number ('effnet gallery list GALLERY NAME' shows it)." },
                1, long.MaxValue);
        var json = SharedOptions.Json();
        var command = new Command("remove", "Remove identities or single images; their values are overwritten.") { gallery, names, number,
            json };
        command.SetAction(parsed =>
        {
            string[] given = parsed.GetValue(names) ?? [];
            long? image = parsed.GetValue(number);
            if (given.Length == 0 == image is null)
                throw new InvalidInputException("Names of identities or the number of one image (--image) are expected to remove, found "
                    + (image is null ? "neither." : "both; take one of them."));
            var store = GalleryLocation.Open(parsed.GetRequiredValue(gallery));
            try
            {
                return Remove(terminal, store, given, image, parsed.GetValue(json));
            }
            finally
            {
                store.Close();
            }
        });
        return command;
    }

    private static int Remove(Terminal terminal, IGalleryStore store, string[] names, long? image, bool json)
    {
        // All or none: a slip in the last name is told before the first is gone.
        var known = store.ListAsync(terminal.Interrupted).ToBlockingEnumerable(terminal.Interrupted).Select(one => one.Name).ToHashSet(
            StringComparer.Ordinal);
        foreach (string name in names)
        {
            if (!known.Contains(name)) throw Unknown(terminal, store, name);
        }

        int removed = names.Distinct(StringComparer.Ordinal).Sum(name =>
            store.RemoveAsync(name, terminal.Interrupted).GetAwaiter().GetResult());
        if (image is { } id)
        {
            if (!store.RemoveSampleAsync(id, terminal.Interrupted).GetAwaiter().GetResult())
                throw new InvalidInputException(
                    $"The gallery '{store.Name}' has no image of the number {id}; 'effnet gallery list {store.Name} NAME' shows them.");
            removed = 1;
        }

        if (json) Json.Write(terminal, new JsonObject { ["removed"] = removed });
        else terminal.Output.WriteLine($"{NumberText.Counted(removed, "image")} removed");
        return EffnetCommand.Done;
    }

    private static Command CreateExport(Terminal terminal)
    {
        var gallery = GalleryOptions.Gallery();
        var output = new OutputOption("--output", "-o")
        {
            Kind = OutputKind.File, Endings = _ => [".jsonl"], Required = true,
            Description = "File to write: JSON Lines, a description of the gallery and then an embedding a line.",
        };
        var command = new Command("export", "Write a gallery as text that any program reads.") { gallery, output };
        command.SetAction(parsed =>
        {
            var store = GalleryLocation.Open(parsed.GetRequiredValue(gallery));
            try
            {
                string path = output.RequiredPathIn(parsed);
                long all = store.CountAsync(terminal.Interrupted).GetAwaiter().GetResult().Samples, done = 0;
                long count = GalleryExport.WriteAsync(
                    store, path, () => terminal.Progress($"{ProgressBar.Of(++done, all)}  {done:N0} of {all:N0}"),
                        terminal.Interrupted).GetAwaiter().GetResult();
                terminal.EndProgress();
                terminal.Note($"{path}: {NumberText.Counted(count, "image")}");
                return EffnetCommand.Done;
            }
            finally
            {
                store.Close();
            }
        });
        return command;
    }

    private static Command CreateImport(Terminal terminal)
    {
        var gallery = GalleryOptions.Gallery();
        gallery.Description += " It is made where it is not there.";
        var file = new InputArgument<string>("FILE") { Description = "A file that 'effnet gallery export' or another program wrote." };
        var json = SharedOptions.Json();
        var command = new Command("import", "Add what an export holds and the gallery has not; started again it goes on.") { gallery, file,
            json };
        command.SetAction(parsed =>
        {
            string folder = parsed.GetRequiredValue(gallery), path = parsed.GetRequiredValue(file);
            var description = GalleryExport.ReadDescription(path);
            var store = GalleryLocation.IsThere(folder) ? GalleryLocation.Open(folder) : GalleryLocation.Create(folder, description);
            try
            {
                var (read, added) = GalleryImport.RunAsync(
                    store, path, (so, far) => terminal.Progress($"{so:N0} read, {far:N0} added"),
                        terminal.Interrupted).GetAwaiter().GetResult();
                terminal.EndProgress();
                if (parsed.GetValue(json)) Json.Write(terminal, new JsonObject { ["read"] = read, ["added"] = added });
                else terminal.Output.WriteLine($"{NumberText.Counted(added, "image")} added, {read - added:N0} already there");
                return EffnetCommand.Done;
            }
            finally
            {
                store.Close();
            }
        });
        return command;
    }

    private static InvalidInputException Unknown(Terminal terminal, IGalleryStore store, string identity) => new(
        $"The gallery '{store.Name}' has no identity {OneLine.Quote(identity)}.{NearestNames.Question(identity, [.. store.ListAsync(terminal.Interrupted).ToBlockingEnumerable(terminal.Interrupted).Select(one => one.Name)])}");

    private static string Moment(DateTimeOffset moment) => moment.UtcDateTime.ToString("yyyy-MM-dd HH:mm:ss", CultureInfo.InvariantCulture);
}
