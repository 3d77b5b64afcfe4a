using System.Collections.Concurrent;
using System.Net;
using System.Net.Sockets;
using System.Text;

namespace EfficientNetSharp.Formats.Tests.Downloads;

/// <summary>What the server was asked.</summary>
/// <param name="Target">The request's target as sent: a path, or a whole address where the client takes the server for a proxy.</param>
/// <param name="Headers">Header fields.</param>
internal sealed record Asked(string Target, IReadOnlyDictionary<string, string> Headers)
{
    public string? Range => Headers.GetValueOrDefault("Range");
}

/// <summary>What the server is to say.</summary>
/// <param name="Status">The status code.</param>
/// <param name="Body">The body as announced.</param>
/// <param name="Headers">Further header fields.</param>
/// <param name="CutAfter">Bytes of the body after which the connection breaks; <see langword="null"/> to send all.</param>
/// <param name="HangAfter">Bytes of the body after which nothing more comes.</param>
internal sealed record Said(int Status, byte[] Body, (string Name, string Value)[]? Headers = null, int? CutAfter = null, int? HangAfter = null);

/// <summary>An HTTP/1.1 server of one thread for tests: a connection serves one request.</summary>
internal sealed class TinyServer : IDisposable
{
    private readonly TcpListener _listener = new(IPAddress.Loopback, 0);
    private readonly CancellationTokenSource _stop = new();
    private readonly Func<Asked, Said> _answer;

    public TinyServer(Func<Asked, Said> answer)
    {
        _answer = answer;
        _listener.Start();
        _ = AcceptAsync();
    }

    public Uri Address => new($"http://127.0.0.1:{((IPEndPoint)_listener.LocalEndpoint).Port}/");

    public ConcurrentQueue<Asked> Requests { get; } = new();

    public void Dispose()
    {
        _stop.Cancel();
        _listener.Dispose();
        _stop.Dispose();
    }

    private async Task AcceptAsync()
    {
        try
        {
            while (true) _ = ServeAsync(await _listener.AcceptTcpClientAsync(_stop.Token));
        }
        catch (Exception e) when (e is OperationCanceledException or ObjectDisposedException or SocketException)
        {
        }
    }

    private async Task ServeAsync(TcpClient client)
    {
        using (client)
        {
            try
            {
                var stream = client.GetStream();
                var asked = await ReadAsync(stream);
                Requests.Enqueue(asked);
                var said = _answer(asked);
                var head = new StringBuilder($"HTTP/1.1 {said.Status} Said\r\nConnection: close\r\nContent-Length: {said.Body.Length}\r\n");
                foreach (var (name, value) in said.Headers ?? []) head.Append($"{name}: {value}\r\n");
                await stream.WriteAsync(Encoding.ASCII.GetBytes(head.Append("\r\n").ToString()), _stop.Token);
                await stream.WriteAsync(said.Body.AsMemory(0, said.CutAfter ?? said.HangAfter ?? said.Body.Length), _stop.Token);
                if (said.HangAfter is not null) await Task.Delay(Timeout.Infinite, _stop.Token);
            }
            catch (Exception e) when (e is OperationCanceledException or ObjectDisposedException or IOException)
            {
            }
        }
    }

    private static async Task<Asked> ReadAsync(NetworkStream stream)
    {
        using var reader = new StreamReader(stream, Encoding.ASCII, leaveOpen: true);
        string target = (await reader.ReadLineAsync())!.Split(' ')[1];
        var headers = new Dictionary<string, string>(StringComparer.OrdinalIgnoreCase);
        while (await reader.ReadLineAsync() is { Length: > 0 } line)
        {
            var parts = line.Split(": ", 2);
            headers[parts[0]] = parts[1];
        }

        return new Asked(target, headers);
    }
}

/// <summary>A file as web servers offer it: with a tag, in parts if asked so.</summary>
internal static class Offered
{
    public static Said File(Asked asked, byte[] content, string tag = "\"v1\"", int? cutAfter = null, bool ranges = true)
    {
        int from = ranges && asked.Range is { } range && asked.Headers.GetValueOrDefault("If-Range") is { } condition && condition == tag
            ? int.Parse(range.Split('=', '-')[1], System.Globalization.CultureInfo.InvariantCulture)
            : 0;
        if (from > content.Length || (from > 0 && from == content.Length)) return new Said(416, [], [("Content-Range", $"bytes */{content.Length}")]);
        return from == 0
            ? new Said(200, content, [("ETag", tag)], cutAfter)
            : new Said(206, content[from..], [("ETag", tag), ("Content-Range", $"bytes {from}-{content.Length - 1}/{content.Length}")], cutAfter);
    }
}
