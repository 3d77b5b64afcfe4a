using EfficientNetSharp.Formats.Downloads;

namespace EfficientNetSharp.Formats.Tests.Downloads;

public sealed class MirrorTests : DownloadTestBase
{
    private static readonly Uri Nowhere = new("https://weights.invalid/");

    [Theory]
    [InlineData("models/net-weights.pth")]
    [InlineData("net-weights.pth")]
    [InlineData("weights.invalid/models/net-weights.pth")]
    public async Task A_folder_gives_the_file_under_its_path_its_name_or_its_host(string place)
    {
        string path = Path.Combine(Root, "mirror", place);
        Directory.CreateDirectory(Path.GetDirectoryName(path)!);
        File.WriteAllBytes(path, Content);
        foreach (string from in new[] { Path.Combine(Root, "mirror"), new Uri(Path.Combine(Root, "mirror")).AbsoluteUri })
        {
            var fetched = await FetchAsync(Remote(Nowhere, Sha256), Options with { From = from, CacheFolder = Cache + from.Length });
            Assert.Equal(Content, File.ReadAllBytes(fetched.Path));
            Assert.Equal(HashCheck.Published, fetched.Check);
        }
    }

    [Theory]
    [InlineData("/base/models/net-weights.pth")]
    [InlineData("/base/net-weights.pth")]
    [InlineData("/base/weights.invalid/models/net-weights.pth")]
    public async Task A_base_address_gives_the_file_under_its_path_its_name_or_its_host(string place)
    {
        using var server = new TinyServer(request => request.Target == place ? FileResponse.To(request, Content) : new Response(404, []));
        foreach (string slash in new[] { "", "/" })
        {
            var options = Options with { From = server.Address + "base" + slash, CacheFolder = Cache + slash.Length };
            var fetched = await FetchAsync(Remote(Nowhere, Sha256), options);
            Assert.Equal(Content, File.ReadAllBytes(fetched.Path));
        }
    }

    [Fact]
    public async Task A_folder_without_the_file_is_wrong_input_that_names_the_places()
    {
        var error = await WrongInputAsync(Remote(Nowhere, Sha256));
        Assert.Contains(Path.Combine(Root, "models", "net-weights.pth"), error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_folder_with_another_file_is_wrong_input_that_has_both_hashes()
    {
        File.WriteAllBytes(Path.Combine(Root, "net-weights.pth"), Content);
        var error = await WrongInputAsync(Remote(Nowhere, "deadbeef"));
        Assert.Contains("deadbeef", error.Message, StringComparison.Ordinal);
        Assert.Contains(Sha256, error.Message, StringComparison.Ordinal);
        Assert.True(File.Exists(Path.Combine(Root, "net-weights.pth")));
    }

    [Fact]
    public async Task A_base_address_without_the_file_is_one_line()
    {
        using var server = new TinyServer(_ => new Response(404, []));
        string message = await FailureAsync(Remote(Nowhere, Sha256), Options with { From = server.Address.ToString() });
        Assert.Contains($"{server.Address}models/net-weights.pth", message, StringComparison.Ordinal);
        Assert.Contains("https://weights.invalid/models/net-weights.pth", message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_name_that_many_files_have_is_not_enough()
    {
        var file = Remote(Nowhere, Sha256, "hub/net/model.safetensors");
        File.WriteAllBytes(Path.Combine(Root, "model.safetensors"), Content);
        await FetchAsync(file, Options with { From = Root, CacheFolder = Cache + "2" });
        await WrongInputAsync(file with { HasUniqueFileName = false });
    }

    [Theory]
    [InlineData("/no/such/folder")]
    [InlineData("ftp://example.org/")]
    [InlineData("https://")]
    [InlineData("")]
    public void Anything_else_is_wrong_input(string from) =>
        Assert.Throws<InvalidInputException>(() => new FileDownloader(Options with { From = from }));

    private Task<InvalidInputException> WrongInputAsync(RemoteFile file) =>
        Assert.ThrowsAsync<InvalidInputException>(() => FetchAsync(file, Options with { From = Root }));
}
