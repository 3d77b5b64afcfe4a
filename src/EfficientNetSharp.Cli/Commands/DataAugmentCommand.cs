using System.CommandLine;
using EfficientNetSharp.Cli.Support;
using EfficientNetSharp.Cli.Support.Paths;
using EfficientNetSharp.Data.Formats;
using EfficientNetSharp.Files;
using EfficientNetSharp.Imaging.Codecs;
using EfficientNetSharp.Imaging.Transforms;
using EfficientNetSharp.Models;

namespace EfficientNetSharp.Cli.Commands;

/// <summary><c>effnet data augment</c>: a sheet of what training would make of an image.</summary>
internal static class DataAugmentCommand
{
    private const int DefaultResolution = 224;

    public static Command Create(Terminal terminal)
    {
        var image = new InputArgument<string>("IMAGE", InputKind.Images) { Description = "An image file." };
        var output = new OutputOption("--output", "-o")
        {
            Kind = OutputKind.File,
            Endings = _ => [".png"],
            Description = "The PNG to write.",
            Standard = Path.Combine("runs", "augmented.png"),
        };
        var recipe = new InputOption("--recipe", InputKind.File) { Description = "Augment as this recipe does; small_data if not given." };
        var policy = new Option<string?>("--augment")
        {
            Description = "An augmentation policy by name in place of the recipe's, such as rand-m9-mstd0.5, tpu-v0 or trivial.",
        };
        var resolution = SharedOptions.Resolution();
        var seed = SharedOptions.Ranged(new Option<ulong>("--seed") { Description = "Names the draws.", DefaultValueFactory = _ => 0 }, SharedOptions.Seeds);
        var command = new Command("augment", "Draw a sheet of what training would make of an image.")
        {
            image, output, recipe, policy, resolution, seed,
        };
        command.SetAction(parsed =>
        {
            var augmentation = RecipeOptions.Library.Get(parsed.GetValue(recipe) ?? "small_data").Augmentation;
            if (parsed.GetValue(policy) is { } name) augmentation = augmentation with { Policy = name, PolicyMagnitude = null };
            string path = Datasets.FindImages([parsed.GetRequiredValue(image)])[0], file = output.RequiredPathIn(parsed);
            using var sheet = AugmentationSheet.Render(
                InputFile.ReadAllBytes(path), path, Preprocessing.ForSize(parsed.GetValue(resolution) ?? DefaultResolution), augmentation,
                seed: parsed.GetValue(seed));
            // The usual place may not be there yet.
            OutputFolder.Create(Path.GetDirectoryName(Path.GetFullPath(file))!);
            byte[] png = ImageEncoder.EncodePng(sheet);
            AtomicFile.Write(file, stream => stream.Write(png));
            terminal.Note($"{file}: {sheet.Width}x{sheet.Height} pixels");
            return EffnetCommand.Done;
        });
        return command;
    }
}
