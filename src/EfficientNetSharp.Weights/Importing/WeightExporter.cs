using EfficientNetSharp.Architectures;
using EfficientNetSharp.Models;
using EfficientNetSharp.Weights.NameMaps;

namespace EfficientNetSharp.Weights.Importing;

/// <summary>Gives a model's weights another implementation's names, so that it can load and run them.</summary>
public static class WeightExporter
{
    /// <summary>The sources that weights can be written for; the others' files need their own software.</summary>
    public static IReadOnlyList<NameMap> Targets { get; } = [.. NameMapRegistry.All.Where(map => map is TorchNameMap)];

    /// <summary>The weights under a source's names and in its shapes, in order of use.</summary>
    /// <param name="model">The model.</param>
    /// <param name="target">Whose names.</param>
    /// <exception cref="InvalidInputException">
    /// The model is quantized, the source has no such network, or runs it with another padding or epsilon, or counts what padding
    /// adds where the model does not, so that the numbers would differ.
    /// </exception>
    public static IReadOnlyList<(string Name, WeightTensor Tensor)> Export(Model model, NameMap target)
    {
        ArgumentNullException.ThrowIfNull(model);
        ArgumentNullException.ThrowIfNull(target);
        model.Graph.EnsureFloat("A file of weights alone");
        var architecture = model.ArchitectureFor("another implementation's names");
        var adapted = target.Adapt(architecture);
        var mapped = target.Map(architecture, model.BuildGraph(), new HashSet<string>());
        if (mapped.IsEmpty) throw new InvalidInputException(
            $"{target.Title} has no network like '{architecture.Name}'; export for another source or as ONNX.");
        if (architecture.Padding != adapted.Padding || architecture.Normalization.Epsilon != adapted.Normalization.Epsilon
            || architecture.CountsPadding != adapted.CountsPadding || architecture.MaximaCountPadding != adapted.MaximaCountPadding)
        {
            throw new InvalidInputException(
                $"{target.Title} runs '{adapted.Name}' with {Described(adapted)}, the model has {Described(architecture)}: " +
                "its numbers would differ; export for another source or as ONNX.");
        }

        return [.. mapped.Select(
            parameter => (parameter.SourceName, new WeightTensor(parameter.SourceShape, model.Weights[parameter.Parameter].Values)))];
    }

    private static string Described(Architecture architecture) =>
        $"{architecture.Padding.ToString().ToLowerInvariant()} padding{Counted(architecture)} and epsilon "
        + NumberText.Of(architecture.Normalization.Epsilon);

    private static string Counted(Architecture architecture) => (architecture.CountsPadding, architecture.MaximaCountPadding) switch
    {
        (true, true) => " that counts in means and maxima",
        (true, false) => " that counts in means",
        (false, true) => " that counts in maxima",
        _ => "",
    };
}
