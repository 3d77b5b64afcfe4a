using EfficientNetSharp.Fuzzing.Formats;
using EfficientNetSharp.Testing.Hostile;

namespace EfficientNetSharp.Fuzzing.Workers;

/// <summary>
/// The inputs of a format by their numbers. An input is a function of seed and number, so worker and parent make the same one.
/// </summary>
internal sealed class InputSource
{
    private readonly FuzzFormat _format;
    private readonly ulong _seed;
    private readonly Specimen[] _specimens;

    public InputSource(FuzzFormat format, ulong seed)
    {
        (_format, _seed) = (format, seed);
        _specimens = [.. format.Seeds(), .. Corpus(format.Name)];
        if (_specimens.Length == 0) throw new InvalidOperationException($"The format {format.Name} has no seeds.");
    }

    /// <summary>The valid inputs, and the corpus behind them.</summary>
    public IReadOnlyList<Specimen> Specimens => _specimens;

    /// <summary>Inputs that once failed; they are mutated as others are.</summary>
    public static IEnumerable<Specimen> Corpus(string format)
    {
        string folder = Path.Combine(Repository.Corpus, format);
        if (!Directory.Exists(folder)) return [];
        return Directory.EnumerateFileSystemEntries(folder).Order(StringComparer.Ordinal)
            .Select(Specimen.OfCorpus);
    }

    /// <summary>Makes an input: a specimen, and what stands instead of one of its files.</summary>
    public (Specimen Specimen, SpecimenFile Changed) Make(long number)
    {
        var dice = new Dice(_seed, (ulong)number);
        var specimen = dice.Pick(_specimens);
        var file = specimen.Files[dice.Pick(specimen.Targets)];
        var other = dice.Pick(_specimens);
        byte[] donor = other.Files[dice.Pick(other.Targets)].Bytes;
        return (specimen, file with { Bytes = _format.Mutator.Mutate(file.Bytes, donor, dice) });
    }
}
