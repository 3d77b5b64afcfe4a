namespace EfficientNetSharp.Evaluation.Reports.Writing;

/// <summary>Small images in a page, until they would make it too large.</summary>
internal sealed class Thumbnails
{
    // Keeps the page under three megabytes, base64 adding a third; usual thumbnails are 5 to 10 kilobytes.
    private const int MaxBytes = 1_200_000;

    private int _left = MaxBytes;

    public void Write(MarkupWriter page, byte[]? jpeg, string name)
    {
        if (jpeg is null || jpeg.Length > _left)
        {
            page.Element("div", "no image", ("class", "blank"));
            return;
        }

        _left -= jpeg.Length;
        page.Empty("img", ("src", "data:image/jpeg;base64," + Convert.ToBase64String(jpeg)), ("alt", name));
    }
}
