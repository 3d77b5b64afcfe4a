using System.Collections.Immutable;
using EfficientNetSharp.Formats.Downloads;

namespace EfficientNetSharp.Data;

/// <summary>
/// The datasets of the paper (Table 6 and ImageNet). Sizes are those of the sets' own lists; addresses and MD5 are those that
/// torchvision's <c>datasets</c> have. For Oxford-IIIT Pet the paper prints 3369 test images where <c>test.txt</c> has 3669.
/// </summary>
public static class PublishedDatasets
{
    private const string Vgg = "https://www.robots.ox.ac.uk/~vgg/data/";

    /// <summary>ImageNet, ILSVRC 2012 (Russakovsky et al. 2015).</summary>
    public static PublishedDataset ImageNet { get; } = new()
    {
        Name = "imagenet",
        Title = "ImageNet (ILSVRC 2012)",
        Classes = 1000,
        Train = 1_281_167,
        Validation = 50_000,
        Terms = "non-commercial research and education, by the terms of access that each user accepts",
        Home = new Uri("https://image-net.org/download.php"),
        Archives =
        [
            File(
                "https://image-net.org/data/ILSVRC/2012/ILSVRC2012_img_train.tar", "1d675b47d978889d74fa0da5fadfb00e", 147_897_477_120,
                "train", Unpacking.ArchiveOfArchives),
            File("https://image-net.org/data/ILSVRC/2012/ILSVRC2012_img_val.tar", "29b22e2961454d5413ddabcf34fc5622", 6_744_924_160, "val"),
            File("https://image-net.org/data/ILSVRC/2012/ILSVRC2012_devkit_t12.tar.gz", "fa75699e90414af021442c21a62c3abf", 2_568_145),
        ],
        ByHand =
            "Sign in at https://image-net.org/download.php, accept the terms, fetch the archives of ILSVRC 2012, task 1 and 2, into one " +
            "folder, and name it with --from.",
    };

    /// <summary>CIFAR-10 (Krizhevsky 2009).</summary>
    public static PublishedDataset Cifar10 { get; } = new()
    {
        Name = "cifar10",
        Title = "CIFAR-10",
        Classes = 10,
        Train = 50_000,
        Test = 10_000,
        Terms = "none stated; cite the technical report of 2009",
        Home = new Uri("https://www.cs.toronto.edu/~kriz/cifar.html"),
        Archives = [File("https://www.cs.toronto.edu/~kriz/cifar-10-python.tar.gz", "c58f30108f718f92721af3b95e74349a", 170_498_071)],
    };

    /// <summary>CIFAR-100 (Krizhevsky 2009).</summary>
    public static PublishedDataset Cifar100 { get; } = new()
    {
        Name = "cifar100",
        Title = "CIFAR-100",
        Classes = 100,
        Train = 50_000,
        Test = 10_000,
        Terms = "none stated; cite the technical report of 2009",
        Home = new Uri("https://www.cs.toronto.edu/~kriz/cifar.html"),
        Archives = [File("https://www.cs.toronto.edu/~kriz/cifar-100-python.tar.gz", "eb9058c3a382ffc7106e4002c42a8d85", 169_001_437)],
    };

    /// <summary>Birdsnap (Berg et al. 2014).</summary>
    public static PublishedDataset Birdsnap { get; } = new()
    {
        Name = "birdsnap",
        Title = "Birdsnap",
        Classes = 500,
        Train = 47_386,
        Test = 2_443,
        Terms = "none stated; the images are their photographers'",
        Home = new Uri("https://thomasberg.org/"),
        ByHand =
            "Fetch birdsnap.tgz from https://thomasberg.org/, unpack it, and let its get_birdsnap.py fetch the images from where they " +
            "lie on the web into images/.",
    };

    /// <summary>Stanford Cars (Krause et al. 2013).</summary>
    public static PublishedDataset Cars { get; } = new()
    {
        Name = "cars",
        Title = "Stanford Cars",
        Classes = 196,
        Train = 8_144,
        Test = 8_041,
        Terms = "research only, by the terms of ImageNet",
        Home = new Uri("https://ai.stanford.edu/~jkrause/cars/car_dataset.html"),
        Archives =
        [
            File("https://ai.stanford.edu/~jkrause/cars/car_devkit.tgz", "c3b158d763b6e2245038c8ad08e45376", 330_960),
            File("https://ai.stanford.edu/~jkrause/car196/cars_train.tgz", "065e5b463ae28d29e77c1b4b166cfe61", 979_269_282),
            File("https://ai.stanford.edu/~jkrause/car196/cars_test.tgz", "4ce7ebf6a94d07f1952d94dd34c4d501", 977_350_468),
            File(
                "https://ai.stanford.edu/~jkrause/car196/cars_test_annos_withlabels.mat", "b0a2b23655a3edd16d84508592a98d10", 185_758,
                unpacking: Unpacking.Copy),
        ],
    };

    /// <summary>Oxford Flowers-102 (Nilsback and Zisserman 2008).</summary>
    public static PublishedDataset Flowers { get; } = new()
    {
        Name = "flowers102",
        Title = "Oxford Flowers-102",
        Classes = 102,
        Train = 1_020,
        Validation = 1_020,
        Test = 6_149,
        Terms = "none stated; the images are their photographers'",
        Home = new Uri(Vgg + "flowers/102/"),
        Archives =
        [
            File(Vgg + "flowers/102/102flowers.tgz", "52808999861908f626f3c1f4e79d11fa", 344_862_509),
            File(Vgg + "flowers/102/imagelabels.mat", "e0620be6f572b9609742df49c70aed4d", 502, unpacking: Unpacking.Copy),
            File(Vgg + "flowers/102/setid.mat", "a5357ecc9cb78c4bef273ce3793fc85c", 14_989, unpacking: Unpacking.Copy),
        ],
    };

    /// <summary>FGVC-Aircraft, version 2013b (Maji et al. 2013); 100 variants.</summary>
    public static PublishedDataset Aircraft { get; } = new()
    {
        Name = "aircraft",
        Title = "FGVC-Aircraft",
        Classes = 100,
        Train = 3_334,
        Validation = 3_333,
        Test = 3_333,
        Terms = "non-commercial research only",
        Home = new Uri(Vgg + "fgvc-aircraft/"),
        Archives = [File(Vgg + "fgvc-aircraft/archives/fgvc-aircraft-2013b.tar.gz", null, 2_753_340_328)],
    };

    /// <summary>Oxford-IIIT Pet (Parkhi et al. 2012).</summary>
    public static PublishedDataset Pets { get; } = new()
    {
        Name = "pets",
        Title = "Oxford-IIIT Pet",
        Classes = 37,
        Train = 3_680,
        Test = 3_669,
        Terms = "CC BY-SA 4.0; the images are their photographers'",
        Home = new Uri(Vgg + "pets/"),
        Archives =
        [
            File(Vgg + "pets/data/images.tar.gz", "5c4f3ee8e5d25df40f4fd59a7f44e54c", 791_918_971),
            File(Vgg + "pets/data/annotations.tar.gz", "95a8c909bbe2e81eed6a22bccdf3f68f", 19_173_078),
        ],
    };

    /// <summary>Food-101 (Bossard et al. 2014).</summary>
    public static PublishedDataset Food { get; } = new()
    {
        Name = "food101",
        Title = "Food-101",
        Classes = 101,
        Train = 75_750,
        Test = 25_250,
        Terms = "scientific fair use; the images are of foodspotting.com",
        Home = new Uri("https://data.vision.ee.ethz.ch/cvl/datasets_extra/food-101/"),
        Archives = [File("http://data.vision.ee.ethz.ch/cvl/food-101.tar.gz", "85eeb15f3717b99a5da872d97d918f87", 4_996_278_331)],
    };

    /// <summary>All of them: ImageNet, then in the order of the paper's Table 6.</summary>
    public static ImmutableArray<PublishedDataset> All { get; } =
        [ImageNet, Cifar10, Cifar100, Birdsnap, Cars, Flowers, Aircraft, Pets, Food];

    /// <summary>A dataset by its name; case and dashes do not matter.</summary>
    /// <exception cref="InvalidInputException">There is none; the message names some that are like it.</exception>
    public static PublishedDataset Get(string name)
    {
        ArgumentNullException.ThrowIfNull(name);
        string wanted = Plain(name);
        return All.FirstOrDefault(dataset => Plain(dataset.Name) == wanted || Plain(dataset.Title) == wanted)
            ?? throw new InvalidInputException(
                $"No dataset is called '{Files.OneLine.Clean(name)}'; there are {string.Join(", ", All.Select(dataset => dataset.Name))}.");
    }

    private static string Plain(string name) => new([.. name.ToLowerInvariant().Where(char.IsAsciiLetterOrDigit)]);

    private static DatasetArchive File(string url, string? md5, long bytes, string folder = "", Unpacking unpacking = Unpacking.Archive)
    {
        var address = new Uri(url);
        return new DatasetArchive(new RemoteFile { Name = address.Segments[^1], Url = address, Md5 = md5 }, bytes, folder, unpacking);
    }
}
