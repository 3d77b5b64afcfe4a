using System.Collections.Concurrent;
using System.Net;
using System.Net.Sockets;
using System.Text;

namespace EfficientNetSharp.Formats.Tests.Downloads;

/// <summary>What the server was request.</summary>
/// <param name="Target">The request's target as sent: a path, or a whole address where the client takes the server for a proxy.</param>
/// <param name="Headers">Header fields.</param>
internal sealed record Request(string Target, IReadOnlyDictionary<string, string> Headers)
{
    public string? Range => Headers.GetValueOrDefault("Range");
}

/// <summary>What the server is to answer.</summary>
/// <param name="Status">The status code.</param>
/// <param name="Body">The body as announced.</param>
/// <param name="Headers">Further header fields.</param>
/// <param name="CutAfter">Bytes of the body after which the connection breaks; <see langword="null"/> to send all.</param>
/// <param name="HangAfter">Bytes of the body after which nothing more comes.</param>
/// <param name="IsEndless">Whether the body comes again and again, and its length is not announced.</param>
/// <param name="Drip">The pause behind each byte; <see langword="null"/> for none.</param>
internal sealed record Response(
    int Status, byte[] Body, (string Name, string Value)[]? Headers = null, int? CutAfter = null, int? HangAfter = null,
    bool IsEndless = false, TimeSpan? Drip = null);

/// <summary>An HTTP/1.1 server of one thread for tests: a connection serves one request.</summary>
internal sealed class TinyServer : IDisposable
{
    private readonly TcpListener _listener = new(IPAddress.Loopback, 0);
    private readonly CancellationTokenSource _stop = new();
    private readonly Func<Request, Response> _answer;

    public TinyServer(Func<Request, Response> answer)
    {
        _answer = answer;
        _listener.Start();
        _ = AcceptAsync();
    }

    public Uri Address => new($"http://127.0.0.1:{((IPEndPoint)_listener.LocalEndpoint).Port}/");

    public ConcurrentQueue<Request> Requests { get; } = new();

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
                var request = await ReadAsync(stream);
                Requests.Enqueue(request);
                var response = _answer(request);
                int length = response.Body.Length;
                var head = new StringBuilder($"HTTP/1.1 {response.Status} Response\r\nConnection: close\r\n");
                if (!response.IsEndless) head.Append($"Content-Length: {length}\r\n");
                foreach (var (name, value) in response.Headers ?? []) head.Append($"{name}: {value}\r\n");
                await stream.WriteAsync(Encoding.ASCII.GetBytes(head.Append("\r\n").ToString()), _stop.Token);
                var body = response.Body.AsMemory(0, response.CutAfter ?? response.HangAfter ?? length);
                do await WriteAsync(stream, body, response.Drip);
                while (response.IsEndless);
                if (response.HangAfter is not null) await Task.Delay(Timeout.Infinite, _stop.Token);
            }
            catch (Exception e) when (e is OperationCanceledException or ObjectDisposedException or IOException)
            {
            }
        }
    }

    private async Task WriteAsync(NetworkStream stream, ReadOnlyMemory<byte> body, TimeSpan? drip)
    {
        if (drip is not { } pause)
        {
            await stream.WriteAsync(body, _stop.Token);
            return;
        }

        for (int i = 0; i < body.Length; i++)
        {
            await stream.WriteAsync(body.Slice(i, 1), _stop.Token);
            await Task.Delay(pause, _stop.Token);
        }
    }

    private static async Task<Request> ReadAsync(NetworkStream stream)
    {
        using var reader = new StreamReader(stream, Encoding.ASCII, leaveOpen: true);
        string target = (await reader.ReadLineAsync())!.Split(' ')[1];
        var headers = new Dictionary<string, string>(StringComparer.OrdinalIgnoreCase);
        while (await reader.ReadLineAsync() is { Length: > 0 } line)
        {
            var parts = line.Split(": ", 2);
            headers[parts[0]] = parts[1];
        }

        return new Request(target, headers);
    }
}

/// <summary>A file as web servers offer it: with a tag, in parts where the request is for one.</summary>
internal static class FileResponse
{
    public static Response To(Request request, byte[] content, string tag = "\"v1\"", int? cutAfter = null, bool ranges = true)
    {
        string? condition = request.Headers.GetValueOrDefault("If-Range");
        int from = ranges && request.Range is { } range && condition == tag
            ? int.Parse(range.Split('=', '-')[1], System.Globalization.CultureInfo.InvariantCulture)
            : 0;
        bool isBehindTheEnd = from > content.Length || (from > 0 && from == content.Length);
        if (isBehindTheEnd) return new Response(416, [], [("Content-Range", $"bytes */{content.Length}")]);
        return from == 0
            ? new Response(200, content, [("ETag", tag)], cutAfter)
            : new Response(
                206, content[from..], [("ETag", tag), ("Content-Range", $"bytes {from}-{content.Length - 1}/{content.Length}")], cutAfter);
    }
}
