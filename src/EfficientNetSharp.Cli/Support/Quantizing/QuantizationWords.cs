using System.Collections.Immutable;
using System.CommandLine;
using EfficientNetSharp.Arrays;
using EfficientNetSharp.Cli.Support.Words;
using EfficientNetSharp.Files;
using EfficientNetSharp.Quantization;
using EfficientNetSharp.Quantization.Calibration;
using EfficientNetSharp.Quantization.Repairs;

namespace EfficientNetSharp.Cli.Support.Quantizing;

/// <summary>The words of <c>effnet quantize</c> that say how numbers become integers.</summary>
internal sealed class QuantizationWords
{
    private const string Auto = "auto", None = "none", PerChannel = "per-channel", PerTensor = "per-tensor";

    private static readonly OrderedDictionary<string, ElementType> Types = new(StringComparer.Ordinal)
    {
        ["uint8"] = ElementType.U8, ["int8"] = ElementType.I8, ["int16"] = ElementType.I16,
    };

    private readonly Option<string> _scheme = new("--scheme")
    {
        Description = $"Types, scales and the target's arithmetic: {string.Join("; ", QuantizationScheme.All.Select(scheme => $"{scheme.Name}: {scheme.Description}"))}.",
        DefaultValueFactory = _ => QuantizationScheme.OnnxInt8.Name,
    };

    private readonly Option<string> _calibrator = new("--calibrator")
    {
        Description = $"How the range of a value follows from images: auto takes the best; {string.Join("; ", Calibrator.All.Select(one => $"{one.Name}: {one.Description}"))}.",
        DefaultValueFactory = _ => Auto,
    };

    private readonly Option<ImmutableArray<Repair>?> _repair;

    private readonly Option<string?> _values = new("--values") { Description = "Type of values, instead of the scheme's." };

    private readonly Option<string?> _weights = new("--weights") { Description = "Type of weights, instead of the scheme's." };

    private readonly Option<string?> _scales = new("--weight-scales") { Description = "Scales of weights, instead of the scheme's." };

    public QuantizationWords()
    {
        _scheme.Among([.. QuantizationScheme.All.Select(scheme => scheme.Name)]);
        _calibrator.Among([Auto, .. Calibrator.All.Select(calibrator => calibrator.Name)]);
        _values.Among([.. Types.Keys]);
        _weights.Among([.. Types.Keys]);
        _scales.Among(PerChannel, PerTensor);
        _repair = new Option<ImmutableArray<Repair>?>("--repair")
        {
            HelpName = "REPAIRS",
            Description = "What is done against the loss: auto keeps what helps on images that nothing was calibrated with; none; or some of "
                + $"{string.Join("; ", Repair.All.Select(repair => $"{repair.Name}: {repair.Description}"))}, with commas between. auto if not given.",
            CustomParser = result =>
            {
                string given = result.Tokens.Count == 0 ? "" : result.Tokens[0].Value;
                if (given == Auto) return null;
                if (given == None) return [];
                var repairs = ImmutableArray.CreateBuilder<Repair>();
                foreach (string word in given.Split(','))
                {
                    if (Repair.All.FirstOrDefault(repair => repair.Name == word) is { } known)
                    {
                        repairs.Add(known);
                        continue;
                    }

                    string[] words = [Auto, None, .. Repair.All.Select(repair => repair.Name)];
                    result.AddError($"--repair: expected {Auto}, {None}, or some of {string.Join(", ", words.Skip(2))} with commas between, found {OneLine.Quote(word)}.{NearestNames.Question(word, words)}");
                    return null;
                }

                return repairs.ToImmutable();
            },
        };
    }

    public IEnumerable<Option> Options => [.. OfOneScheme, .. Search.Options];

    /// <summary>The words of the search for mixed plans.</summary>
    public SearchOptions Search { get; } = new();

    private IEnumerable<Option> OfOneScheme => [_scheme, _calibrator, _repair, _values, _weights, _scales];

    /// <summary>The scheme that was asked for; of a search, that of most layers, by the target's name.</summary>
    public QuantizationScheme Scheme(ParseResult parsed)
    {
        Search.Check(parsed, OfOneScheme);
        if (Search.Target(parsed) is { } target) return target.Narrow with { Name = target.Name, Description = target.Description };
        var scheme = QuantizationScheme.Of(parsed.GetRequiredValue(_scheme));
        var changed = scheme;
        if (parsed.GetValue(_values) is { } values) changed = changed with { ValueType = Types[values] };
        if (parsed.GetValue(_weights) is { } weights) changed = changed with { KernelType = Types[weights] };
        if (parsed.GetValue(_scales) is { } scales) changed = changed with { HasChannelScales = scales == PerChannel };
        return changed == scheme ? scheme : changed.Renamed();
    }

    /// <summary>
    /// Who makes the plan, given whether the network classifies, and the labels of the images to judge by, where they have any.
    /// </summary>
    public Func<bool, ImmutableArray<int>, IQuantizationPlanner> Planner(ParseResult parsed)
    {
        if (Search.Target(parsed) is { } target) return Search.Planner(parsed, target);
        var uniform = new UniformPlanner(Scheme(parsed))
        {
            Calibrator = parsed.GetRequiredValue(_calibrator) is var name && name == Auto ? null : Calibrator.Of(name),
            Repairs = parsed.GetValue(_repair),
        };
        return (_, _) => uniform;
    }
}
