using System.CommandLine;

namespace EfficientNetSharp.Cli.Support;

/// <summary>Options that several verbs have.</summary>
internal static class SharedOptions
{
    public static Argument<string> Model() => new("MODEL") { Description = "A model file: .safetensors, or .onnx as exported by this tool." };

    public static Option<bool> Json() => new("--json") { Description = "Print JSON for programs instead of a table." };

    public static Option<string?> Backend()
    {
        var option = new Option<string?>("--backend") { Description = "What runs the network: the engine if not given, or ONNX Runtime for an .onnx file that only it can run." };
        option.AcceptOnlyFromAmong(OpenModel.Backends);
        return option;
    }

    public static Option<int> Threads() => Ranged(new Option<int>("--threads") { Description = "Threads to compute with; 0 for all cores." }, 0, 1024);

    public static Option<int?> Workers() => Ranged(new Option<int?>("--workers") { Description = "Threads that decode images; all cores if not given." }, 1, 1024);

    public static Option<int> BatchSize(int standard) => Ranged(
        new Option<int>("--batch-size") { Description = "Images of a batch.", DefaultValueFactory = _ => standard }, 1, 65_536);

    public static Option<int?> Resolution() => Ranged(
        new Option<int?>("--resolution") { Description = "Side of the square input in pixels; the network's own if not given." }, 1, 65_536);

    /// <summary>As <see cref="Resolution"/>, for sizes that need not be square.</summary>
    public static Option<InputSize?> Size() => new("--resolution")
    {
        Description = "Size of the input in pixels: 224 for a square, 224x160 for rows x columns; the network's own if not given.",
        CustomParser = result =>
        {
            string given = result.Tokens.Count == 0 ? "" : result.Tokens[0].Value;
            if (InputSize.Parse(given) is { } size) return size;
            result.AddError($"--resolution expects pixels such as 224, or 224x160 for rows x columns, found '{given}'.");
            return null;
        },
    };

    public static Option<T> Ranged<T>(Option<T> option, double minimum, double maximum)
    {
        option.Validators.Add(result =>
        {
            if (result.Tokens.Count == 0) return;
            string given = result.Tokens[0].Value;
            if (!double.TryParse(given, System.Globalization.CultureInfo.InvariantCulture, out double value) || value < minimum || value > maximum || double.IsNaN(value))
                result.AddError(FormattableString.Invariant($"{option.Name} expects a number from {minimum} to {maximum}, found '{given}'."));
        });
        return option;
    }
}
