namespace EfficientNetSharp.Cli;

/// <summary>How a terminal shows a text, where it has colours.</summary>
internal enum TextStyle
{
    /// <summary>As all text.</summary>
    Plain,

    /// <summary>Bold: headings.</summary>
    Strong,

    /// <summary>Green: what went well.</summary>
    Good,

    /// <summary>Red: what is wrong.</summary>
    Bad,
}
