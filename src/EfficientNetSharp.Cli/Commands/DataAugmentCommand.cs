using System.CommandLine;
using EfficientNetSharp.Cli.Support;
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
        var image = new Argument<string>("IMAGE") { Description = "An image file." };
        var output = new Option<string>("--output", "-o")
        {
            Description = "The PNG to write.",
            DefaultValueFactory = _ => Path.Combine("runs", "augmented.png"),
        };
        var recipe = new Option<string?>("--recipe") { Description = "Augment as this recipe does; small_data if not given." };
        var policy = new Option<string?>("--augment")
        {
            Description = "An augmentation policy by name in place of the recipe's, such as rand-m9-mstd0.5, tpu-v0 or trivial.",
        };
        var resolution = SharedOptions.Resolution();
        var seed = SharedOptions.Ranged(new Option<ulong>("--seed") { Description = "Names the draws." }, SharedOptions.Seeds);
        var command = new Command("augment", "Draw a sheet of what training would make of an image.")
        {
            image, output, recipe, policy, resolution, seed,
        };
        command.SetAction(parsed =>
        {
            var augmentation = RecipeOptions.Library.Get(parsed.GetValue(recipe) ?? "small_data").Augmentation;
            if (parsed.GetValue(policy) is { } name) augmentation = augmentation with { Policy = name, PolicyMagnitude = null };
            string path = Datasets.FindImages([parsed.GetRequiredValue(image)])[0], file = parsed.GetRequiredValue(output);
            using var sheet = AugmentationSheet.Render(
                File.ReadAllBytes(path), path, Preprocessing.ForSize(parsed.GetValue(resolution) ?? DefaultResolution), augmentation,
                seed: parsed.GetValue(seed));
            byte[] png = ImageEncoder.EncodePng(sheet);
            AtomicFile.Write(file, stream => stream.Write(png));
            terminal.Note($"{file}: {sheet.Width}x{sheet.Height} pixels");
            return EffnetCommand.Done;
        });
        return command;
    }
}
