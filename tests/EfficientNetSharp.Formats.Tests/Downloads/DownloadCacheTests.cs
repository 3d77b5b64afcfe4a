using EfficientNetSharp.Formats.Downloads;

namespace EfficientNetSharp.Formats.Tests.Downloads;

public sealed class DownloadCacheTests
{
    [Theory]
    [InlineData("/e", "/x", "/h", false, "/e")]
    [InlineData(null, "/x", "/h", false, "/x/effnet")]
    [InlineData(null, "relative", "/h", false, "/h/.cache/effnet")]
    [InlineData("", "", "/h", false, "/h/.cache/effnet")]
    [InlineData("/e", "/x", "/h", true, "/e")]
    public void The_cache_is_where_the_environment_says(string? own, string? xdg, string home, bool windows, string expected)
    {
        string? Environment(string name) => name switch { "EFFNET_CACHE" => own, "XDG_CACHE_HOME" => xdg, "HOME" => home, _ => null };
        Assert.Equal(expected, DownloadCache.DefaultFolder(Environment, windows).Replace('\\', '/'));
    }
}
