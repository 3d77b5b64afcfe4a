using System.Text;
using EfficientNetSharp.Data.Formats;
using static EfficientNetSharp.Data.Tests.DatasetChecks;

namespace EfficientNetSharp.Data.Tests.Formats.Lists;

/// <summary>Lists as people and their tools write them: understood, or refused with what was understood.</summary>
public sealed class ImageListsTests
{
    private const string Plain = "path,label\na/1.jpg,cat\na/2.jpg,dog\nb/3.jpg,cat\n";

    // What is said of the images a/1.jpg, a/2.jpg, b/3.jpg in many ways.
    public static TheoryData<string> Spellings =>
    [
        Plain,
        Plain.Replace("\n", "\r\n", StringComparison.Ordinal),
        Plain.Replace("\n", "\r", StringComparison.Ordinal),
        "\uFEFF" + Plain,
        Plain.Replace(',', ';'),
        Plain.Replace(',', '\t'),
        Plain.Replace(',', '|'),
        "sep=;\n" + Plain.Replace(',', ';'),
        Plain.Replace(",", ", ", StringComparison.Ordinal),
        Plain.Replace(",", " , ", StringComparison.Ordinal),
        "\n" + Plain.Replace("\n", "\n\n , ,\n", StringComparison.Ordinal),
        "a/1.jpg,cat\na/2.jpg,dog\nb/3.jpg,cat\n",
        "cat,a/1.jpg\ndog,a/2.jpg\ncat,b/3.jpg",
        "label,path\ncat,a/1.jpg\ndog,a/2.jpg\ncat,b/3.jpg\n",
        ",Image Path,Class Name\n0,a/1.jpg,cat\n1,a/2.jpg,dog\n2,b/3.jpg,cat\n",
        "Unnamed: 0,file_name,label\n0,a/1.jpg,cat\n1,a/2.jpg,dog\n2,b/3.jpg,cat\n",
        "image,breed\na/1,cat\na/2,dog\nb/3,cat\n",
        "id,breed\n1,cat\n2,dog\n3,cat\n",
        "1,cat\n2,dog\n3,cat\n",
        "filename,label\n1.jpg,cat\n2.jpg,dog\n3.jpg,cat\n",
        "path,label\na\\1.jpg,cat\na\\2.jpg,dog\n.\\b\\3.jpg,cat\n",
        "path,label\nC:\\Users\\me\\data\\a\\1.jpg,cat\nC:\\Users\\me\\data\\a\\2.jpg,dog\nC:\\Users\\me\\data\\b\\3.jpg,cat\n",
        "path,label\n/content/drive/a/1.jpg,cat\n/content/drive/a/2.jpg,dog\n/content/drive/b/3.jpg,cat\n",
        "url,label\nhttps://example.org/x/a/1.jpg?raw=1,cat\nhttps://example.org/a/2.jpg,dog\nhttps://example.org/x/b/3.jpg,cat\n",
        "path,label\n\"a/1.jpg\",\"cat\"\n\"a/2.jpg\", \"dog\"\n\"b/3.jpg\",\"cat\" \n",
        "path,label,note\na/1.jpg,cat,\"two\nlines, and a comma\"\na/2.jpg,dog,\nb/3.jpg,cat,x\n",
        "path,class_id,class_name\na/1.jpg,7,cat\na/2.jpg,3,dog\nb/3.jpg,7,cat\n",
        "filename,cat,dog\na/1.jpg,1,0\na/2.jpg,0,1\nb/3.jpg,1,0\n",
        "filename, cat, dog\na/1.jpg, 1, 0\na/2.jpg, 0, 1\nb/3.jpg, 1, 0\n",
        "image,cat,dog\na/1,1.0,0.0\na/2,0.0,1.0\nb/3,1.0,0.0\n",
        "image,cat,dog\na/1.jpg,True,False\na/2.jpg,False,True\nb/3.jpg,True,False\n",
        "image,width,cat,dog\na/1.jpg,640,1,0\na/2.jpg,480,0,1\nb/3.jpg,640,1,\n",
        "path,label\na/1.jpg,cat\na/2.jpg,dog\npath,label\nb/3.jpg,cat\n",
        "path,label,split\na/1.jpg,cat,train\na/2.jpg,dog,Training\nb/3.jpg,cat,\n",
        "a/1.jpg,cat,train\na/2.jpg,dog,train\nb/3.jpg,cat,train\n",
        "name,label,is_valid\na/1.jpg,cat,False\na/2.jpg,dog,False\nb/3.jpg,cat,0\n",
    ];

    [Theory]
    [MemberData(nameof(Spellings))]
    public void A_list_says_the_same_in_every_spelling(string text)
    {
        foreach (var encoding in (Encoding[])[new UTF8Encoding(false), Encoding.Unicode, new UnicodeEncoding(true, false)])
        {
            using var folder = Images();
            byte[] bytes = encoding is UTF8Encoding ? encoding.GetBytes(text) : [.. encoding.GetPreamble(), .. encoding.GetBytes(text)];
            File.WriteAllBytes(folder["my list.csv"], bytes);
            var parts = Datasets.Open(folder["my list.csv"]);
            Assert.Equal(["a/1.jpg", "a/2.jpg", "b/3.jpg"], Names(parts.Train!));
            Assert.Equal(["cat", "dog"], parts.Train!.Classes);
            Assert.Equal([0, 1, 0], Labels(parts.Train));
            Assert.Empty(parts.LeftOut);
        }
    }

    [Theory]
    [InlineData("list.json", """[{"path": "a/1", "label": "cat"}, {"label": "dog", "path": "a/2"}, {"path": "b/3", "label": "cat"}]""")]
    [InlineData("list.json", """{"a/1.jpg": "cat", "a/2.jpg": "dog", "b/3.jpg": "cat"}""")]
    [InlineData("list.json", """{"x": 1, "images": [{"id": "1", "y": "cat"}, {"id": "2", "y": "dog"}, {"id": "3", "y": "cat"}]}""")]
    [InlineData("list.jsonl", "{\"id\": 1, \"label\": [\"cat\"]}\n{\"id\": 2, \"label\": \"dog\"}\n\n{\"id\": 3, \"label\": \"cat\"}\n")]
    [InlineData("list.txt", "a/1.jpg cat\na/2.jpg   dog\nb/3.jpg cat\n")]
    [InlineData("list.txt", "a/1.jpg\tcat\na/2.jpg\tdog\nb/3.jpg\tcat\n")]
    public void Lists_are_read_from_JSON_and_plain_text(string file, string text)
    {
        using var folder = Images();
        File.WriteAllText(folder[file], text);
        var train = Datasets.Open(folder[file]).Train!;
        Assert.Equal(["a/1.jpg", "a/2.jpg", "b/3.jpg"], Names(train));
        Assert.Equal(["cat", "dog"], train.Classes);
        Assert.Equal([0, 1, 0], Labels(train));
    }

    [Theory]
    [InlineData("[1, 2]", "array of objects")]
    [InlineData("{\"images\": [], \"annotations\": []}", "array of objects")]
    [InlineData("[]", "empty")]
    [InlineData("[{\"path\": ", "no JSON")]
    [InlineData("[{\"path\": \"a/1.jpg\", \"label\": [\"cat\", \"dog\"]}, {\"path\": \"a/2.jpg\", \"label\": \"dog\"}]", "Several classes")]
    [InlineData("[{\"path\": \"a/1.jpg\", \"label\": null}, {\"path\": \"a/2.jpg\"}]", "label")]
    public void JSON_that_is_no_list_of_one_label_each_is_refused(string text, string said)
    {
        using var folder = Images();
        File.WriteAllText(folder["list.json"], text);
        AssertRefused(() => Datasets.Open(folder["list.json"]), "list.json", said);
    }

    [Theory]
    [InlineData("")]
    [InlineData("   ")]
    [InlineData("\"\"")]
    [InlineData("nan")]
    [InlineData("NaN")]
    [InlineData("null")]
    [InlineData("NULL")]
    [InlineData("<NA>")]
    [InlineData("#N/A")]
    [InlineData("n/a")]
    public void A_missing_label_is_no_class(string missing)
    {
        using var folder = Images();
        var parts = Open(folder, $"path,label\na/1.jpg,cat\na/2.jpg,{missing}\nb/3.jpg,dog\n");
        Assert.Equal(["cat", "dog"], parts.Train!.Classes);
        var left = Assert.Single(parts.LeftOut);
        Assert.Equal((LeftOutReason.Unlabelled, "a/2.jpg"), (left.Reason, Assert.Single(left.Names)));
        Assert.Contains(
            parts.Warnings, warning => warning.Contains("Left out 1 image without a label: 'a/2.jpg'", StringComparison.Ordinal));
        AssertRefused(() => Open(folder, $"path,label\na/1.jpg,cat\na/2.jpg,{missing}\nb/3.jpg,{missing}\n"), "2 of 3", "'a/2.jpg'");
        AssertRefused(() => Open(folder, $"path,label\na/1.jpg,{missing}\na/2.jpg,{missing}\n"), "label");
    }

    [Theory]
    [InlineData("None")]
    [InlineData("none")]
    [InlineData("NA")]
    [InlineData("?")]
    [InlineData("-")]
    public void What_may_be_a_class_or_none_is_asked(string unclear)
    {
        using var folder = Images();
        AssertRefused(() => Open(folder, $"path,label\na/1.jpg,cat\na/2.jpg,{unclear}\nb/3.jpg,dog\n"), $"'{unclear}'", "empty", "'label'");
        // A column of its own says that it is a class.
        Assert.Equal(
            ["cat", unclear], Open(folder, $"path,cat,{unclear}\na/1.jpg,1,0\na/2.jpg,0,1\nb/3.jpg,1,0\n").Train!.Classes);
    }

    [Theory]
    [InlineData("3.0 1.0 3.0", "1 3", "1 0 1")]
    [InlineData("3. 1 3.00", "1 3", "1 0 1")]
    [InlineData("10 9 10", "10 9", "0 1 0")]
    [InlineData("0 2 0", "0 1 2", "0 2 0")]
    [InlineData("01 1 01", "01 1", "0 1 0")]
    [InlineData("-1 1 -1", "-1 1", "0 1 0")]
    [InlineData("1 0 1", "0 1", "1 0 1")]
    public void Numbers_are_classes_as_they_are_meant(string labels, string classes, string positions)
    {
        using var folder = Images();
        var train = Open(folder, Rows(labels.Split(' '))).Train!;
        // Labels that leave one of two numbers out are positions, so there is a class that no image has.
        string[] expected = classes == "1 3" ? ["0", "1", "2", "3"] : classes.Split(' ');
        Assert.Equal(expected, train.Classes);
        Assert.Equal(labels.Split(' ').Select(label => expected.IndexOf(Plain(label))), Labels(train));
        if (classes != "1 3") Assert.Equal(positions.Split(' ').Select(int.Parse), Labels(train));

        static string Plain(string label) => label.Contains('.', StringComparison.Ordinal) ? label.Split('.')[0] : label;
    }

    [Fact]
    public void Numbers_that_may_mean_two_things_are_refused_and_minus_one_is_no_label()
    {
        using var folder = Images();
        AssertRefused(() => Open(folder, Rows("0.5", "1", "2")), "'0.5'", "fractions");
        AssertRefused(() => Open(folder, Rows("-1", "0", "1")), "-1");
        var parts = Open(folder, Rows("-1", "0", "2"));
        Assert.Equal(["0", "1", "2"], parts.Train!.Classes);
        Assert.Equal("a/1.jpg", Assert.Single(Assert.Single(parts.LeftOut).Names));
        Assert.Contains(parts.Warnings, warning => warning.Contains("has the class '1'", StringComparison.Ordinal));
    }

    [Fact]
    public void One_hot_columns_keep_their_order_and_classes_without_images()
    {
        using var folder = Images();
        var parts = Open(folder, "filename, late, early, dead\na/1.jpg, 0, 1, 0\na/2.jpg, 1, 0, 0\nb/3.jpg, 0, 0, 0\n");
        Assert.Equal(["late", "early", "dead"], parts.Train!.Classes);
        Assert.Equal([1, 0], Labels(parts.Train));
        Assert.Equal("b/3.jpg", Assert.Single(Assert.Single(parts.LeftOut).Names));
        Assert.Contains(parts.Warnings, warning => warning.Contains("'dead'", StringComparison.Ordinal));
        AssertRefused(() => Open(folder, "filename,a,b\na/1.jpg,1,1\na/2.jpg,1,0\n"), "'a/1.jpg: a, b'", "several");
        // A label that is called so beside a flag is the label.
        Assert.Equal(["0", "1"], Open(folder, "filename,label,new\na/1.jpg,1,1\na/2.jpg,0,0\nb/3.jpg,1,0\n").Train!.Classes);
    }

    [Fact]
    public void Unclear_layouts_are_refused_with_what_was_understood()
    {
        using var folder = Images();
        AssertRefused(
            () => Open(folder, "image,colour,size\na/1.jpg,red,big\na/2.jpg,blue,small\n"), "'colour', 'size'", "'image'", "'label'");
        AssertRefused(() => Open(folder, "a/1.jpg,red,big\na/2.jpg,blue,small\n"), "'column 2', 'column 3'");
        AssertRefused(() => Open(folder, "image,class,species\na/1.jpg,pet,cat\na/2.jpg,pet,dog\n"), "'class'", "'species'", "different");
        AssertRefused(() => Open(folder, "image,p1,p2\na/1.jpg,0.2,0.8\na/2.jpg,0.7,0.3\n"), "'p1', 'p2'");
        AssertRefused(() => Open(folder, "path\na/1.jpg\na/2.jpg\n"), "2 of 2");
        AssertRefused(() => Open(folder, "path,label\na/1.jpg,cat\na/2.jpg,dog,x\n"), "line 3", "3 columns");
        AssertRefused(() => Open(folder, "path,label\na/1.jpg,rust\na/2.jpg,scab\nb/3.jpg,rust|scab\n"), "'rust|scab'", "several");
        AssertRefused(() => Open(folder, "path,labels\na/1.jpg,rust\na/2.jpg,scab\nb/3.jpg,rust scab\n"), "'rust scab'", "several");
    }

    [Fact]
    public void An_image_has_one_label()
    {
        using var folder = Images();
        AssertRefused(() => Open(folder, "path,label\na/1.jpg,cat\na/2.jpg,dog\n./a/1.jpg,dog\n"), "'a/1.jpg'", "'cat'", "'dog'");
        var parts = Open(folder, "path,label\na/1.jpg,cat\na/2.jpg,dog\na\\1.jpg,cat\n");
        Assert.Equal(["a/1.jpg", "a/2.jpg"], Names(parts.Train!));
        Assert.Equal((LeftOutReason.Duplicate, 1), (parts.LeftOut[0].Reason, parts.LeftOut[0].Count));
    }

    [Fact]
    public void Files_that_could_be_meant_both_are_refused_and_those_of_the_part_are_taken()
    {
        using var folder = new TemporaryFolder().With("train/1.jpg", "train/2.jpg", "test/1.jpg", "test/2.jpg");
        File.WriteAllText(folder["train.csv"], "id,label\n1,cat\n2,dog\n");
        File.WriteAllText(folder["test.csv"], "id\n1\n2\n");
        var parts = Datasets.Open(folder.Path);
        Assert.Equal(["train/1.jpg", "train/2.jpg"], Names(parts.Train!));
        Assert.Contains(parts.Warnings, warning => warning.Contains("test.csv", StringComparison.Ordinal));
        using var twice = new TemporaryFolder().With("images/1.jpg", "masks/1.jpg", "images/2.jpg", "masks/2.jpg");
        File.WriteAllText(twice["labels.csv"], "id,label\n1,cat\n2,dog\n");
        AssertRefused(() => Datasets.Open(twice.Path), "'images/1.jpg', 'masks/1.jpg'");
        using var endings = new TemporaryFolder().With("1.jpg", "1.png");
        File.WriteAllText(endings["labels.csv"], "id,label\n1,cat\n");
        AssertRefused(() => Datasets.Open(endings.Path), "'1.jpg', '1.png'");
    }

    [Fact]
    public void Lists_are_found_where_tools_put_them()
    {
        using var roboflow = new TemporaryFolder().With("train/1.jpg", "train/2.jpg", "valid/3.jpg", "test/4.jpg", "README.txt");
        File.WriteAllText(roboflow["train/_classes.csv"], "filename, b, a\n1.jpg, 1, 0\n2.jpg, 0, 1\n");
        File.WriteAllText(roboflow["valid/_classes.csv"], "filename, b, a\n3.jpg, 0, 1\n");
        File.WriteAllText(roboflow["test/_classes.csv"], "filename, b, a\n4.jpg, 1, 0\n");
        var parts = Datasets.Open(roboflow.Path);
        Assert.Equal(["b", "a"], parts.Test!.Classes);
        Assert.Equal(
            [("train", "1.jpg 2.jpg", "0 1"), ("val", "3.jpg", "1"), ("test", "4.jpg", "0")],
            parts.All.Select(part => (part.Name, string.Join(' ', Names(part.Images)), string.Join(' ', Labels(part.Images)))));
        File.WriteAllText(roboflow["test/_classes.csv"], "filename, b, c\n4.jpg, 1, 0\n");
        AssertRefused(() => Datasets.Open(roboflow.Path), "'b', 'a'", "'b', 'c'");

        using var kaggle = new TemporaryFolder().With(
            "archive/train_images/1.jpg", "archive/train_images/2.jpg", "archive/test_images/1.jpg");
        File.WriteAllText(kaggle["archive/train.csv"], "image_id,label\n1,0\n2,1\n");
        File.WriteAllText(kaggle["archive/sample_submission.csv"], "image_id,label\n1,4\n");
        Assert.Equal(["train_images/1.jpg", "train_images/2.jpg"], Names(Datasets.Open(kaggle.Path).Train!));

        using var hub = new TemporaryFolder().With("train/1.jpg", "train/2.jpg");
        File.WriteAllText(hub["train/metadata.csv"], "file_name,label\n1.jpg,x\n2.jpg,y\n");
        Assert.Equal(["x", "y"], Datasets.Open(hub.Path).Train!.Classes);
    }

    [Fact]
    public void Text_that_is_none_is_refused()
    {
        using var folder = Images();
        File.WriteAllBytes(folder["list.csv"], [.. "path,label\na/1.jpg,caf"u8, 0xE9, (byte)'\n']);
        AssertRefused(() => Datasets.Open(folder["list.csv"]), "UTF-8");
        File.WriteAllBytes(folder["list.csv"], [1, 2, 0, 3, 4, 5, 6, 0]);
        AssertRefused(() => Datasets.Open(folder["list.csv"]), "list.csv");
        AssertRefused(() => Open(folder, "path,label\n\"a/1.jpg,cat\nb,c\n"), "quote", "line 2");
        AssertRefused(() => Open(folder, "path,label\n../1.jpg,cat\n"), "leads out");
        AssertRefused(
            () => Open(folder, "url,label\nhttps://example.org/9.jpg,cat\nhttps://example.org/8.jpg,dog\n"), "nothing is fetched");
    }

    [Fact]
    public void Spellings_that_differ_in_case_only_are_said()
    {
        using var folder = Images();
        Assert.Contains(
            Open(folder, Rows("Cat", "cat", "dog")).Warnings, warning => warning.Contains("'Cat', 'cat'", StringComparison.Ordinal));
        Assert.Empty(Open(folder, Rows("a", "A", "b")).Warnings);
    }

    [Fact]
    public void Any_bytes_are_a_list_or_refused()
    {
        using var folder = Images();
        Gen.Char[" ,;|\t\n\r\"'ab1.0-/\\xé"].Array[0, 60].Sample(
            text =>
            {
                File.WriteAllText(folder["fuzz.csv"], new string(text));
                if (Record.Exception(() => Datasets.Open(folder["fuzz.csv"])) is { } failure) Assert.IsType<InvalidInputException>(failure);
                File.WriteAllText(folder["fuzz.csv"], Plain[..(text.Length % Plain.Length)] + new string(text) + Plain);
                if (Record.Exception(() => Datasets.Open(folder["fuzz.csv"])) is { } other) Assert.IsType<InvalidInputException>(other);
            },
            iter: 500, threads: 1);
    }

    private static TemporaryFolder Images() => new TemporaryFolder().With("a/1.jpg", "a/2.jpg", "b/3.jpg");

    private static string Rows(params string[] labels) => $"path,label\na/1.jpg,{labels[0]}\na/2.jpg,{labels[1]}\nb/3.jpg,{labels[2]}\n";

    private static DatasetParts Open(TemporaryFolder folder, string text)
    {
        File.WriteAllText(folder["list.csv"], text);
        return Datasets.Open(folder["list.csv"]);
    }
}
