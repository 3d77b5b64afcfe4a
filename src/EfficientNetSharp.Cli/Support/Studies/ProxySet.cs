namespace EfficientNetSharp.Cli.Support.Studies;

/// <summary>Images that the tool brings for studies.</summary>
internal enum ProxySet
{
    /// <summary>The quickstart's handwritten digits.</summary>
    Digits,
}
