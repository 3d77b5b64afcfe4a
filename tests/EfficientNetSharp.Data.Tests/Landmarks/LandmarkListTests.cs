using EfficientNetSharp.Data.Landmarks;
using EfficientNetSharp.Imaging.Alignment;

namespace EfficientNetSharp.Data.Tests.Landmarks;

public sealed class LandmarkListTests
{
    [Theory]
    [InlineData("named.csv", "a, b.jpg", 38.3, 92.2)]
    [InlineData("celeba.txt", "000001.jpg", 69, 154)]
    [InlineData("plain.txt", "a.jpg", 38.3, 92.2)]
    [InlineData("numbered.json", "a.jpg", 1, 9)]
    public void Lists_of_detectors_are_read(string list, string image, double firstX, double lastY)
    {
        using var folder = new TemporaryFolder().With(image);
        var faces = LandmarkList.Read(Path.Combine(AppContext.BaseDirectory, "Goldens", "landmark-lists", list), folder.Path);
        Assert.Equal((image, image), (faces[0].Image, faces[0].Path));
        Assert.Equal((firstX, lastY), (faces[0].Landmarks!.LeftEye.X, faces[0].Landmarks!.MouthRight.Y));
        // The second image of each is not there, and one has a word among its numbers.
        Assert.All(faces[1..], face => Assert.Null(face.Path));
        Assert.Equal(list == "plain.txt", faces.Any(face => face.Landmarks is null));
    }

    [Theory]
    [InlineData("path,x,y,w,h,score\na.jpg,1,2,3,4,0.9\n", "no column is called lefteye x")]
    [InlineData("a.jpg,1,2,3,4,5,6,7,8,9,10,11,12,13,14,15\n", "nothing says what they are")]
    [InlineData("x1,y1,x2,y2,x3,y3,x4,y4,x5,y5\n1,2,3,4,5,6,7,8,9,10\n", "names an image")]
    [InlineData("1,2,3,4,5,6,7,8,9,10,11\n", "nothing says what they are")]
    [InlineData("path,x1,y1,x2,y2,x3,y3,x4,y4,x5,y5\n", "no face")]
    [InlineData("", "empty")]
    public void What_says_too_little_is_refused(string text, string reason)
    {
        using var folder = new TemporaryFolder().With("a.jpg");
        File.WriteAllText(folder["l.csv"], text);
        Assert.Contains(reason, Assert.Throws<InvalidInputException>(
            () => LandmarkList.Read(folder["l.csv"], folder.Path)).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Half_of_a_character_in_JSON_is_refused_and_endless_paths_are_no_files()
    {
        using var folder = new TemporaryFolder().With("a.jpg");
        File.WriteAllText(folder["l.json"], """[{"file": "\ud800.jpg", "x1": 1}]""");
        Assert.Contains("half of a character", Assert.Throws<InvalidInputException>(
            () => LandmarkList.Read(folder["l.json"], folder.Path)).Message, StringComparison.Ordinal);
        string path = "/" + string.Concat(Enumerable.Repeat("a/", 100_000));
        File.WriteAllText(folder["l.csv"], $"{path}a.jpg,1,2,3,4,5,6,7,8,9,10\n");
        Assert.Null(Assert.Single(LandmarkList.Read(folder["l.csv"], folder.Path)).Path);
    }

    [Fact]
    public void Files_of_one_name_do_not_overwrite_each_other()
    {
        using var folder = new TemporaryFolder().With("in/a.jpg", "in/a.png", "in/b.jpg", "in/b_2.jpg");
        var face = AlignmentTemplate.Of112;
        ListedFace[] faces =
        [
            new(1, "a.jpg", "a.jpg", face), new(2, "a.png", "a.png", face), new(3, "b.jpg", "b.jpg", face), new(4, "b.jpg", "b.jpg", face),
            new(5, "b_2.jpg", "b_2.jpg", face),
        ];
        var outcome = FolderAligner.Run(
            folder["in"], [.. faces], folder["out"], new AlignmentOptions { Faces = FaceChoice.All },
            cancellationToken: TestContext.Current.CancellationToken);
        // None of these is an image, and each is named.
        Assert.Empty(outcome.Written);
        Assert.Equal([1, 2, 3, 4, 5], outcome.Failures.Select(failure => failure.Line));
    }
}
