namespace EfficientNetSharp.Training.Recipes;

/// <summary>What a recipe trains for.</summary>
public enum TaskKind
{
    /// <summary>Naming the class of an image.</summary>
    Classification,

    /// <summary>A vector by which identities are told apart that training has not seen.</summary>
    Embedding,
}
