using System.CommandLine;
using EfficientNetSharp.Cli.Support.Paths;
using EfficientNetSharp.Prediction;
using EfficientNetSharp.Recognition;
using EfficientNetSharp.Running;

namespace EfficientNetSharp.Cli.Support.Galleries;

/// <summary>What verbs that work with a gallery and its network take, and how both are opened.</summary>
internal sealed class GalleryOptions
{
    private readonly InputOption _model = new("--model", InputKind.Model)
    {
        Description = "The gallery's model, where it does not lie any more where the gallery was made; another is refused.",
    };

    private readonly Option<string?> _backend = SharedOptions.Backend();

    private readonly Option<int> _threads = SharedOptions.Threads();

    private readonly Option<double?> _threshold = SharedOptions.Ranged(
        new Option<double?>("--threshold") { Description = "The cosine above which two images count as of one identity." }, -1, 1);

    private readonly Option<double?> _rate = SharedOptions.Ranged(
        new Option<double?>("--far")
        {
            Description = "Take the threshold of this false accept rate, such as 1e-4, which 'effnet verify --save' has put into the model's card.",
        },
        new NumberRange(0, 1) { IncludesMin = false });

    /// <summary>The gallery that a verb reads, and changes or not.</summary>
    public static InputArgument<string> Gallery() => new("GALLERY", InputKind.Folder) { Description = GalleryLocation.Description };

    public void AddTo(Command command)
    {
        command.Add(_model);
        command.Add(_threshold);
        command.Add(_rate);
        command.Add(_backend);
        command.Add(_threads);
    }

    /// <summary>
    /// The cosine above which two images count as of one identity: as given, or of the model's card for the rate that was given;
    /// <see langword="null"/> where neither was.
    /// </summary>
    /// <exception cref="InvalidInputException">Both were given, or the card has no threshold for the rate.</exception>
    public double? Threshold(ParseResult parsed, GalleryNetwork network)
    {
        double? threshold = parsed.GetValue(_threshold);
        if (parsed.GetValue(_rate) is not { } rate) return threshold;
        return threshold is null
            ? network.Card.ThresholdFor(rate, network.Precision).Threshold
            : throw new InvalidInputException("--threshold and --far both say which cosine is enough; leave one out.");
    }

    /// <summary>Opens a gallery's network.</summary>
    /// <exception cref="InvalidInputException">It is not there, or another than the gallery is made for.</exception>
    public GalleryNetwork Open(ParseResult parsed, Terminal terminal, IGalleryStore store)
    {
        string named = parsed.GetValue(_model) ?? store.Description.Model;
        string path;
        try
        {
            path = ModelLocation.Find(terminal, named);
        }
        catch (InvalidInputException e) when (parsed.GetValue(_model) is null)
        {
            throw new InvalidInputException($"The gallery's model is not where it was: {e.Message.TrimEnd('.')}; name it with --model.", e);
        }

        return GalleryNetwork.OpenFor(Host.Opener, path, store, new OpenOptions
        {
            Backend = parsed.GetValue(_backend),
            Runner = new RunnerOptions { Threads = parsed.GetValue(_threads) },
            OnFallback = terminal.Note,
        });
    }
}
