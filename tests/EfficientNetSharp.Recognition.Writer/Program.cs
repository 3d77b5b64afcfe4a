using System.Globalization;
using EfficientNetSharp.Recognition.Embedded;
using EfficientNetSharp.Recognition.Writer;

// Changes a gallery without end, and says what was acknowledged: a line for each, once it is.
string folder = args[0];
int worker = int.Parse(args[1], CultureInfo.InvariantCulture), first = int.Parse(args[2], CultureInfo.InvariantCulture);
await using var gallery = EmbeddedGallery.Open(folder);
using var output = new StreamWriter(Console.OpenStandardOutput()) { AutoFlush = true };
output.WriteLine("open");
int last = args.Length > 3 ? int.Parse(args[3], CultureInfo.InvariantCulture) : int.MaxValue;
for (int step = first; step < last; step++)
{
    if (PlannedWork.IsRemoval(step))
    {
        await gallery.RemoveAsync(PlannedWork.Removed(worker, step));
    }
    else
    {
        await gallery.AddAsync(PlannedWork.Added(worker, step, gallery.Description.Fingerprint.Length));
    }

    output.WriteLine(step.ToString(CultureInfo.InvariantCulture));
}
