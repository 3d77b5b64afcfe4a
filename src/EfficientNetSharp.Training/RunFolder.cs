using System.Collections.Immutable;
using System.Globalization;
using System.Text;
using EfficientNetSharp.Evaluation.Reports;
using EfficientNetSharp.Files;
using EfficientNetSharp.Training.Recipes;

namespace EfficientNetSharp.Training;

/// <summary>The files of a run.</summary>
/// <param name="path">The run's folder.</param>
public sealed class RunFolder(string path)
{
    /// <summary>The folder.</summary>
    public string Path => path;

    /// <summary>The best model by validation.</summary>
    public string Model => System.IO.Path.Combine(path, "model.safetensors");

    /// <summary>All that is needed to go on.</summary>
    public string Checkpoint => System.IO.Path.Combine(path, "checkpoint.safetensors");

    /// <summary>The recipe as JSON.</summary>
    public string Recipe => System.IO.Path.Combine(path, "recipe.json");

    /// <summary>One line an epoch.</summary>
    public string History => System.IO.Path.Combine(path, "history.csv");

    /// <summary>The report for people.</summary>
    public string Report => System.IO.Path.Combine(path, "report.html");

    /// <summary>The folder of the best epochs' models, where more than one is kept.</summary>
    public string BestModels => System.IO.Path.Combine(path, "best");

    /// <summary>An epoch's model among <see cref="BestModels"/>.</summary>
    /// <param name="epoch">The epoch, from 1.</param>
    public string BestModel(int epoch) => System.IO.Path.Combine(BestModels, string.Create(CultureInfo.InvariantCulture, $"epoch-{epoch:D4}.safetensors"));

    /// <summary>Makes the folder.</summary>
    /// <exception cref="InvalidInputException">It cannot be made.</exception>
    public void Create()
    {
        try
        {
            Directory.CreateDirectory(path);
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            throw new InvalidInputException($"The run's folder '{path}' cannot be made ({exception.Message}); name another with -o.", exception);
        }
    }

    internal void WriteRecipe(TrainingRecipe recipe) => AtomicFile.WriteText(Recipe, RecipeJson.Serialize(recipe));

    internal void WriteHistory(ImmutableArray<EpochRecord> history)
    {
        var text = new StringBuilder("epoch,train_loss,train_top1,validation_loss,validation_top1,learning_rate\n");
        foreach (var record in history)
        {
            text.Append(CultureInfo.InvariantCulture, $"{record.Epoch},{record.TrainLoss:R},{record.TrainTop1:R},")
                .Append(CultureInfo.InvariantCulture, $"{record.ValidationLoss:R},{record.ValidationTop1:R},{record.LearningRate:R}\n");
        }

        AtomicFile.WriteText(History, text.ToString());
    }
}
