using System.Net;
using System.Net.Sockets;
using System.Security.Authentication;
using EfficientNetSharp.Files;

namespace EfficientNetSharp.Formats.Downloads;

/// <summary>Limits how long each step of a transfer may wait for the network, and puts what can go wrong there in one way.</summary>
internal sealed class StallTimeout(DownloadOptions options, CancellationToken cancellationToken) : IDisposable
{
    private CancellationTokenSource? _step;

    /// <summary>Takes one step: a request or a read.</summary>
    /// <exception cref="TransferException">It failed or took too long.</exception>
    internal async Task<T> TryAsync<T>(Func<CancellationToken, Task<T>> step, Uri? address)
    {
        _step?.Dispose();
        var stall = new CancellationTokenSource(options.StallTimeout, options.Time);
        _step = stall;
        using var either = CancellationTokenSource.CreateLinkedTokenSource(stall.Token, cancellationToken);
        try
        {
            return await step(either.Token).ConfigureAwait(false);
        }
        catch (OperationCanceledException e) when (!cancellationToken.IsCancellationRequested)
        {
            string message = $"nothing came for {options.StallTimeout.TotalSeconds:0} seconds";
            throw new TransferException(TransferErrorKind.Transient, message, inner: e);
        }
        catch (HttpRequestException e)
        {
            throw ErrorOf(e, address);
        }
        catch (IOException e)
        {
            throw new TransferException(TransferErrorKind.Transient, "the connection was dropped", inner: e);
        }
    }

    public void Dispose() => _step?.Dispose();

    // A broken proxy setting is easily taken for a broken server. Its name and password, if any, stay out of messages.
    private string Way(Uri address)
    {
        var proxy = options.Proxy ?? HttpClient.DefaultProxy;
        return proxy.IsBypassed(address) || proxy.GetProxy(address) is not { } way ? "" : $" through the proxy {way.Host}:{way.Port}";
    }

    private TransferException ErrorOf(HttpRequestException e, Uri? address)
    {
        string host = address is null ? "the server" : address.Host + Way(address);
        string why = OneLine.Clean(e.GetBaseException().Message, 120).TrimEnd('.');
        var (kind, message) = e.HttpRequestError switch
        {
            HttpRequestError.NameResolutionError => (TransferErrorKind.Unreachable, $"the name {host} is not found"),
            HttpRequestError.ConnectionError or HttpRequestError.ProxyTunnelError =>
                (TransferErrorKind.Unreachable, $"{host} cannot be reached ({why})"),
            HttpRequestError.Unknown when e.InnerException is SocketException =>
                (TransferErrorKind.Unreachable, $"{host} cannot be reached ({why})"),
            HttpRequestError.SecureConnectionError when e.InnerException is AuthenticationException =>
                (TransferErrorKind.Final, $"no secure connection to {host} ({why})"),
            _ when e.StatusCode == HttpStatusCode.ProxyAuthenticationRequired =>
                (TransferErrorKind.Final, "the proxy wants a name and password"),
            _ => (TransferErrorKind.Transient, "the connection was dropped"),
        };
        return new TransferException(kind, message, inner: e);
    }
}
