using System.Buffers.Binary;
using System.Text;
using EfficientNetSharp.Evaluation.Reports;
using EfficientNetSharp.Training.Logging;
using EfficientNetSharp.Training.Tasks;

namespace EfficientNetSharp.Training.Tests.Logging;

/// <summary>Event files, read by a reader that shares nothing with the writer: another checksum, and a general look at fields.</summary>
public sealed class TensorBoardLogTests : IDisposable
{
    private static readonly TaskSummary Task = new ClassificationTask().Summary;

    private readonly string _folder = Directory.CreateTempSubdirectory("events").FullName;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public void Events_are_read_back_as_they_were_written()
    {
        using (var log = new TensorBoardLog(_folder, 0, Task, TimeProvider.System))
        {
            log.Add(new StepRecord(300, 1, 1.25, 0.5, 8));
            log.Add(new EpochRecord(1, 0.75, null, 0.5, 0.1, 0.25), 301);
            long length = log.Flush();
            Assert.Equal(new FileInfo(EventFile).Length, length);
        }

        var records = Records(File.ReadAllBytes(EventFile));
        Assert.Equal(3, records.Count);
        Assert.Equal("brain.Event:2", Encoding.UTF8.GetString(Fields(records[0]).Single(field => field.Number == 3).Bytes));
        var step = Scalars(records[1]);
        Assert.Equal(300, step.Step);
        Assert.Equal([("step/loss", 1.25f), ("step/learning_rate", 0.5f), ("step/gradient_norm", 8f)], step.Values);
        var epoch = Scalars(records[2]);
        Assert.Equal(301, epoch.Step);
        Assert.Equal([("train/loss", 0.75f), ("train/top1", 0.25f), ("validation/top1", 0.5f)], epoch.Values);
    }

    [Fact]
    public void A_log_that_goes_on_from_a_checkpoint_forgets_what_came_after_it()
    {
        long length;
        using (var log = new TensorBoardLog(_folder, 0, Task, TimeProvider.System))
        {
            log.Add(new StepRecord(0, 1, 1, 1, 1));
            length = log.Flush();
            log.Add(new StepRecord(1, 1, 2, 2, 2));
        }

        using (var log = new TensorBoardLog(_folder, length, Task, TimeProvider.System)) log.Add(new StepRecord(1, 1, 3, 3, 3));
        var records = Records(File.ReadAllBytes(EventFile));
        Assert.Equal(3, records.Count);
        Assert.Equal(3, Scalars(records[2]).Values[0].Value);
    }

    private string EventFile => Directory.EnumerateFiles(_folder, "events.out.tfevents.*").Single();

    private static List<byte[]> Records(byte[] file)
    {
        var records = new List<byte[]>();
        for (int at = 0; at < file.Length;)
        {
            int length = (int)BinaryPrimitives.ReadUInt64LittleEndian(file.AsSpan(at));
            Assert.Equal(Masked(file.AsSpan(at, 8)), BinaryPrimitives.ReadUInt32LittleEndian(file.AsSpan(at + 8)));
            records.Add(file.AsSpan(at + 12, length).ToArray());
            Assert.Equal(Masked(records[^1]), BinaryPrimitives.ReadUInt32LittleEndian(file.AsSpan(at + 12 + length)));
            at += 16 + length;
        }

        return records;
    }

    // Bit by bit, with the reflected polynomial 0x82F63B78; the mask as TensorFlow's crc32c.h words it.
    private static uint Masked(ReadOnlySpan<byte> bytes)
    {
        uint sum = 0xFFFFFFFF;
        foreach (byte value in bytes)
        {
            sum ^= value;
            for (int bit = 0; bit < 8; bit++) sum = (sum & 1) != 0 ? (sum >> 1) ^ 0x82F63B78 : sum >> 1;
        }

        sum = ~sum;
        return unchecked(((sum >> 15) | (sum << 17)) + 0xA282EAD8);
    }

    private static (long Step, List<(string Tag, float Value)> Values) Scalars(byte[] record)
    {
        var fields = Fields(record);
        var values = new List<(string, float)>();
        foreach (var value in Fields(fields.Single(field => field.Number == 5).Bytes).Where(field => field.Number == 1))
        {
            var parts = Fields(value.Bytes);
            values.Add((Encoding.UTF8.GetString(parts.Single(part => part.Number == 1).Bytes),
                BitConverter.ToSingle(parts.Single(part => part.Number == 2).Bytes)));
        }

        return ((long)fields.Single(field => field.Number == 2).Varint, values);
    }

    private static List<(int Number, ulong Varint, byte[] Bytes)> Fields(byte[] message)
    {
        var fields = new List<(int, ulong, byte[])>();
        int at = 0;
        while (at < message.Length)
        {
            ulong tag = Read();
            switch (tag & 7)
            {
                case 0: fields.Add(((int)(tag >> 3), Read(), [])); break;
                case 1: fields.Add(((int)(tag >> 3), 0, Take(8))); break;
                case 2: fields.Add(((int)(tag >> 3), 0, Take((int)Read()))); break;
                default: fields.Add(((int)(tag >> 3), 0, Take(4))); break;
            }
        }

        return fields;

        byte[] Take(int count) => message[at..(at += count)];

        ulong Read()
        {
            ulong value = 0;
            for (int shift = 0; ; shift += 7)
            {
                byte next = message[at++];
                value |= (ulong)(next & 0x7F) << shift;
                if (next < 0x80) return value;
            }
        }
    }
}
