using EfficientNetSharp.Files;
using EfficientNetSharp.Models;
using EfficientNetSharp.Studies.Trials;

namespace EfficientNetSharp.Studies.Replacement;

/// <summary>The trained networks that a study's folder keeps, each under its trial's key.</summary>
/// <param name="folder">Where they lie.</param>
internal sealed class KeptModels(string folder)
{
    /// <summary>A trial's file.</summary>
    public string PathOf(Trial trial) => Path.Combine(folder, trial.Key + ".safetensors");

    /// <summary>The network of a trial; <see langword="null"/> where none is kept.</summary>
    /// <exception cref="InvalidInputException">The file is damaged.</exception>
    public Model? Find(Trial trial) => FileEntry.At(PathOf(trial)).Kind == FileKind.Missing ? null : ModelFile.Load(PathOf(trial));

    /// <summary>Keeps a network.</summary>
    /// <exception cref="WriteFailedException">It cannot be written.</exception>
    public void Keep(Trial trial, Model model)
    {
        OutputFolder.Create(folder);
        ModelFile.Save(model, PathOf(trial));
    }
}
