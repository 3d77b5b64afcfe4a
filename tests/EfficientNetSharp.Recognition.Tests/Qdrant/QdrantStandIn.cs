using System.Buffers.Binary;
using System.Collections.Concurrent;
using Google.Protobuf;
using Grpc.Core;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.Extensions.Logging;
using Qdrant.Client.Grpc;

namespace EfficientNetSharp.Recognition.Tests.Qdrant;

/// <summary>
/// What of Qdrant's public protocol a gallery uses, over gRPC and in memory: requests that it does not know, or that are not as the
/// protocol has them, fail. It shows that the adapter speaks the protocol as it is written, not that the server does as this does.
/// </summary>
internal sealed class QdrantStandIn : IAsyncDisposable
{
    private readonly ConcurrentDictionary<string, Collection> _collections = new(StringComparer.Ordinal);
    private readonly Dictionary<string, Func<Bytes, IMessage>> _methods;
    private readonly Lock _lock = new();
    private readonly WebApplication _host;

    private delegate byte[] Bytes();

    private QdrantStandIn()
    {
        _methods = new(StringComparer.Ordinal)
        {
            ["/qdrant.Qdrant/HealthCheck"] = _ => new HealthCheckReply { Title = "stand-in", Version = "1.16.0" },
            ["/qdrant.Collections/CollectionExists"] = With(CollectionExistsRequest.Parser, request =>
                new CollectionExistsResponse { Result = new CollectionExists { Exists = _collections.ContainsKey(
                    request.CollectionName) } }),
            ["/qdrant.Collections/Create"] = With(CreateCollection.Parser, Create),
            ["/qdrant.Collections/Get"] = With(GetCollectionInfoRequest.Parser, request =>
            {
                var info = new CollectionInfo { Config = new CollectionConfig() };
                info.Config.Metadata.Add(Of(request.CollectionName).Created.Metadata);
                return new GetCollectionInfoResponse { Result = info };
            }),
            ["/qdrant.Points/CreateFieldIndex"] = With(CreateFieldIndexCollection.Parser, request =>
            {
                Of(request.CollectionName);
                return Done();
            }),
            ["/qdrant.Points/Upsert"] = With(UpsertPoints.Parser, Upsert),
            ["/qdrant.Points/Delete"] = With(DeletePoints.Parser, request =>
            {
                foreach (var id in request.Points.Points.Ids) Of(request.CollectionName).Points.Remove(id.Num);
                return Done();
            }),
            ["/qdrant.Points/Get"] = With(GetPoints.Parser, request =>
            {
                var response = new GetResponse();
                var collection = Of(request.CollectionName);
                response.Result.Add(request.Ids.Where(id => collection.Points.ContainsKey(id.Num)).Select(id =>
                    Retrieved(collection, collection.Points[id.Num], request.WithPayload, request.WithVectors)));
                return response;
            }),
            ["/qdrant.Points/Scroll"] = With(ScrollPoints.Parser, Scroll),
            ["/qdrant.Points/QueryGroups"] = With(QueryPointGroups.Parser, QueryGroups),
        };
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.ConfigureKestrel(options => options.Listen(System.Net.IPAddress.Loopback, 0, listen =>
            listen.Protocols = HttpProtocols.Http2));
        _host = builder.Build();
        _host.Run(AnswerAsync);
    }

    public int Port { get; private set; }

    public static async Task<QdrantStandIn> StartAsync()
    {
        var server = new QdrantStandIn();
        await server._host.StartAsync(TestContext.Current.CancellationToken);
        server.Port = new Uri(server._host.Urls.First()).Port;
        return server;
    }

    public async ValueTask DisposeAsync() => await _host.DisposeAsync();

    // gRPC over HTTP/2: a byte for compression, four for the length, the message; the status stands behind the answer.
    private async Task AnswerAsync(HttpContext context)
    {
        using var body = new MemoryStream();
        await context.Request.Body.CopyToAsync(body, context.RequestAborted);
        byte[] message = body.ToArray()[5..];
        context.Response.ContentType = "application/grpc";
        (StatusCode Code, string Detail) status = (StatusCode.OK, "");
        byte[] answer = [];
        try
        {
            if (!_methods.TryGetValue(context.Request.Path, out var method)) throw new RpcException(
                new Status(StatusCode.Unimplemented, context.Request.Path));
            lock (_lock) answer = method(() => message).ToByteArray();
        }
        catch (RpcException e)
        {
            status = (e.StatusCode, e.Status.Detail);
        }

        if (status.Code == StatusCode.OK)
        {
            byte[] head = new byte[5];
            BinaryPrimitives.WriteInt32BigEndian(head.AsSpan(1), answer.Length);
            await context.Response.Body.WriteAsync(head, context.RequestAborted);
            await context.Response.Body.WriteAsync(answer, context.RequestAborted);
        }

        context.Response.AppendTrailer("grpc-status", $"{(int)status.Code}");
        context.Response.AppendTrailer("grpc-message", status.Detail);
    }

    private static Func<Bytes, IMessage> With<T>(MessageParser<T> parser, Func<T, IMessage> answer)
        where T : IMessage<T> => bytes => answer(parser.ParseFrom(bytes()));

    private CollectionOperationResponse Create(CreateCollection request)
    {
        if (request.VectorsConfig.Params.Distance != Distance.Dot || !_collections.TryAdd(request.CollectionName, new Collection(request)))
            throw new RpcException(new Status(StatusCode.AlreadyExists, "already exists"));
        return new CollectionOperationResponse { Result = true };
    }

    // All points are checked before any is taken.
    private PointsOperationResponse Upsert(UpsertPoints request)
    {
        var collection = Of(request.CollectionName);
        if (!request.Wait) throw new RpcException(new Status(StatusCode.InvalidArgument, "a gallery waits"));
        if (request.Points.Any(point => ValuesOf(point).Length != (int)collection.Created.VectorsConfig.Params.Size))
            throw new RpcException(new Status(StatusCode.InvalidArgument, "Wrong input: Vector dimension error"));
        foreach (var point in request.Points) collection.Points[point.Id.Num] = point;
        return Done();
    }

    private ScrollResponse Scroll(ScrollPoints request)
    {
        var collection = Of(request.CollectionName);
        var points = collection.Points.Values.Where(point => point.Id.Num >= (request.Offset?.Num ?? 0)
            && Matches(request.Filter, point)).ToList();
        var response = new ScrollResponse();
        response.Result.Add(points.Take((int)request.Limit).Select(point =>
            Retrieved(collection, point, request.WithPayload, request.WithVectors)));
        if (points.Count > request.Limit) response.NextPageOffset = points[(int)request.Limit].Id;
        return response;
    }

    private static RetrievedPoint Retrieved(
        Collection collection, PointStruct point, WithPayloadSelector? withPayload, WithVectorsSelector? withVectors)
    {
        var retrieved = new RetrievedPoint { Id = point.Id };
        if (withPayload?.Enable == true) retrieved.Payload.Add(point.Payload);
        if (withVectors?.Enable != true) return retrieved;
        var dense = new DenseVector();
        dense.Data.Add(ValuesOf(point).Select(value => collection.Held(value)));
        retrieved.Vectors = new VectorsOutput { Vector = new VectorOutput { Dense = dense } };
        return retrieved;
    }

    private QueryGroupsResponse QueryGroups(QueryPointGroups request)
    {
        var collection = Of(request.CollectionName);
        if (!request.Params.Exact || request.GroupSize != 1) throw new RpcException(
            new Status(StatusCode.InvalidArgument, "exact groups of one are expected"));
        float[] query = [.. request.Query.Nearest.Dense.Data];
        var response = new QueryGroupsResponse { Result = new GroupsResult() };
        var best = collection.Points.Values
            .Select(point => (Point: point, Score: ValuesOf(point).Zip(query, (a, b) => (double)collection.Held(a) * b).Sum()))
            .GroupBy(scored => scored.Point.Payload[request.GroupBy].StringValue)
            .Select(group => group.OrderByDescending(scored => scored.Score).ThenBy(scored => scored.Point.Id.Num).First())
            .OrderByDescending(scored => scored.Score).Take((int)request.Limit);
        foreach (var (point, score) in best)
        {
            var hit = new ScoredPoint { Id = point.Id, Score = (float)score };
            hit.Payload.Add(point.Payload);
            var group = new PointGroup { Id = new GroupId { StringValue = point.Payload[request.GroupBy].StringValue } };
            group.Hits.Add(hit);
            response.Result.Groups.Add(group);
        }

        return response;
    }

    private static bool Matches(Filter? filter, PointStruct point) => filter is null || filter.Must.All(condition =>
    {
        string value = point.Payload[condition.Field.Key].StringValue;
        return condition.Field.Match.Keywords is { Strings.Count: > 0 } words ? words.Strings.Contains(value)
            : condition.Field.Match.Keyword == value;
    });

    private static float[] ValuesOf(PointStruct point) => [.. point.Vectors.Vector.Dense.Data];

    private static PointsOperationResponse Done() => new() { Result = new UpdateResult { Status = UpdateStatus.Completed } };

    private Collection Of(string name) => _collections.TryGetValue(name, out var collection)
        ? collection : throw new RpcException(new Status(StatusCode.NotFound, $"Collection `{name}` doesn't exist!"));

    private sealed record Collection(CreateCollection Created)
    {
        public SortedDictionary<ulong, PointStruct> Points { get; } = [];

        public float Held(float value) => Created.VectorsConfig.Params.Datatype == Datatype.Float16 ? (float)(Half)value : value;
    }
}
