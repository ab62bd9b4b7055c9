package dev.playground.monitoring.testkit;

import static java.util.stream.Collectors.toMap;
import static org.awaitility.Awaitility.await;

import com.github.loki4j.pkg.google.protobuf.Timestamp;
import com.github.loki4j.pkg.loki.protobuf.Push;
import com.github.loki4j.pkg.loki.protobuf.Push.LabelPairAdapter;
import io.micronaut.json.tree.JsonNode;
import io.netty.bootstrap.ServerBootstrap;
import io.netty.buffer.ByteBufUtil;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.ChannelOption;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.SimpleChannelInboundHandler;
import io.netty.channel.group.ChannelGroup;
import io.netty.channel.group.DefaultChannelGroup;
import io.netty.channel.nio.NioIoHandler;
import io.netty.channel.socket.nio.NioServerSocketChannel;
import io.netty.handler.codec.http.DefaultFullHttpResponse;
import io.netty.handler.codec.http.FullHttpRequest;
import io.netty.handler.codec.http.HttpObjectAggregator;
import io.netty.handler.codec.http.HttpResponseStatus;
import io.netty.handler.codec.http.HttpServerCodec;
import io.netty.handler.codec.http.HttpUtil;
import io.netty.handler.codec.http.HttpVersion;
import io.netty.util.concurrent.DefaultThreadFactory;
import io.netty.util.concurrent.GlobalEventExecutor;
import java.io.Closeable;
import java.io.IOException;
import java.net.BindException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.SocketTimeoutException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Queue;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import java.util.regex.Pattern;
import java.util.stream.StreamSupport;
import org.xerial.snappy.Snappy;

/**
 * The push API of Loki on a port of the loopback address. It stores equal entries once, and fails
 * in the ways in which a real one does. The port is closed at first.
 */
public final class FakeLoki implements AutoCloseable {
    public enum Failure {
        CONNECTION_REFUSED,
        /** Nothing answers a SYN. */
        BLACK_HOLE,
        NO_RESPONSE,
        CONNECTION_RESET,
        RESET_AFTER_INGEST,
        TOO_MANY_REQUESTS,
        INTERNAL_SERVER_ERROR,
        BAD_GATEWAY,
        SERVICE_UNAVAILABLE,
        GATEWAY_TIMEOUT
    }

    private interface Behaviour {
        void answer(ChannelHandlerContext connection, FullHttpRequest push) throws IOException;
    }

    private static final EventLoopGroup THREADS =
            new MultiThreadIoEventLoopGroup(
                    8, new DefaultThreadFactory("fake-loki", true), NioIoHandler.newFactory());

    private static final int LARGEST_PUSH = 64 << 20;
    private static final Pattern LABEL = Pattern.compile("(\\w+)=\"([^\"]*)\"");

    private final int port;
    private final Set<LogEntry> entries = ConcurrentHashMap.newKeySet();
    private final ChannelGroup connections = new DefaultChannelGroup(GlobalEventExecutor.INSTANCE);
    private final List<Closeable> blackHole = new ArrayList<>();
    private volatile Behaviour behaviour;

    /** Null while nothing listens. */
    private Channel listener;

    public FakeLoki() throws IOException {
        port = FreePort.find();
    }

    /** The value of LOKI_HOST. */
    public String url() {
        return "http://127.0.0.1:" + port;
    }

    /** All stored entries. */
    public Set<LogEntry> entries() {
        return entries;
    }

    /** Rejects the first pushes with these statuses and ingests the following ones. */
    public void accept(Integer... rejections) {
        Queue<Integer> statuses = new ArrayDeque<>(List.of(rejections));
        listen(
                (connection, push) -> {
                    if (statuses.isEmpty()) {
                        ingest(push);
                        respond(connection, 204);
                    } else {
                        respond(connection, statuses.remove());
                    }
                });
    }

    /** Ingests a push at once and responds after the delay. */
    public void acceptAfter(Duration delay) {
        listen(
                (connection, push) -> {
                    ingest(push);
                    connection
                            .executor()
                            .schedule(
                                    () -> respond(connection, 204),
                                    delay.toMillis(),
                                    TimeUnit.MILLISECONDS);
                });
    }

    public void reject(int status) {
        listen((connection, push) -> respond(connection, status));
    }

    public void fail(Failure failure) throws IOException {
        switch (failure) {
            case CONNECTION_REFUSED -> close();
            case BLACK_HOLE -> openBlackHole();
            case NO_RESPONSE -> listen((connection, push) -> {});
            case CONNECTION_RESET -> listen((connection, push) -> reset(connection));
            case RESET_AFTER_INGEST ->
                    listen(
                            (connection, push) -> {
                                ingest(push);
                                reset(connection);
                            });
            case TOO_MANY_REQUESTS -> reject(429);
            case INTERNAL_SERVER_ERROR -> reject(500);
            case BAD_GATEWAY -> reject(502);
            case SERVICE_UNAVAILABLE -> reject(503);
            case GATEWAY_TIMEOUT -> reject(504);
        }
    }

    /** Closes the port and each connection. */
    @Override
    public void close() throws IOException {
        // For a connection that is accepted just now.
        behaviour = (connection, push) -> reset(connection);
        if (listener != null) {
            listener.close().syncUninterruptibly();
            listener = null;
        }
        connections.close().awaitUninterruptibly();
        for (Closeable socket : blackHole) {
            socket.close();
        }
        blackHole.clear();
    }

    private void openBlackHole() throws IOException {
        close();
        // The kernel drops what does not fit into the queue of a socket that nobody accepts from.
        ServerSocket full =
                await().ignoreExceptionsInstanceOf(BindException.class)
                        .until(
                                () -> new ServerSocket(port, 1, InetAddress.getLoopbackAddress()),
                                Objects::nonNull);
        blackHole.add(full);
        while (true) {
            Socket filler = new Socket();
            blackHole.add(filler);
            try {
                filler.connect(full.getLocalSocketAddress(), 200);
            } catch (SocketTimeoutException e) {
                return;
            }
        }
    }

    private void listen(Behaviour next) {
        try {
            if (listener == null) {
                close();
                listener =
                        new ServerBootstrap()
                                .group(THREADS)
                                .channel(NioServerSocketChannel.class)
                                .childHandler(new Connection())
                                .bind(InetAddress.getLoopbackAddress(), port)
                                .syncUninterruptibly()
                                .channel();
            }
        } catch (IOException e) {
            throw new IllegalStateException(e);
        }
        behaviour = next;
    }

    private final class Connection extends ChannelInitializer<Channel> {
        @Override
        protected void initChannel(Channel channel) {
            connections.add(channel);
            channel.pipeline()
                    .addLast(
                            new HttpServerCodec(),
                            new HttpObjectAggregator(LARGEST_PUSH),
                            new Requests());
        }
    }

    private final class Requests extends SimpleChannelInboundHandler<FullHttpRequest> {
        @Override
        protected void channelRead0(ChannelHandlerContext connection, FullHttpRequest request)
                throws IOException {
            if (request.uri().equals("/loki/api/v1/push")) {
                behaviour.answer(connection, request);
            } else {
                respond(connection, 404);
            }
        }

        @Override
        public void exceptionCaught(ChannelHandlerContext connection, Throwable cause) {
            connection.close();
        }
    }

    private static void respond(ChannelHandlerContext connection, int status) {
        var response =
                new DefaultFullHttpResponse(
                        HttpVersion.HTTP_1_1, HttpResponseStatus.valueOf(status));
        if (status != 204) {
            response.content().writeCharSequence("status " + status, StandardCharsets.US_ASCII);
            HttpUtil.setContentLength(response, response.content().readableBytes());
        }
        connection.writeAndFlush(response);
    }

    private static void reset(ChannelHandlerContext connection) {
        connection.channel().config().setOption(ChannelOption.SO_LINGER, 0);
        connection.close();
    }

    /** JSON from the appender, or compressed protocol buffers from Promtail. */
    private void ingest(FullHttpRequest push) throws IOException {
        if (push.headers().contains("Content-Type", "application/x-protobuf", true)) {
            byte[] request = Snappy.uncompress(ByteBufUtil.getBytes(push.content()));
            for (var stream : Push.PushRequest.parseFrom(request).getStreamsList()) {
                Map<String, String> labels =
                        LABEL.matcher(stream.getLabels())
                                .results()
                                .collect(toMap(label -> label.group(1), label -> label.group(2)));
                for (var entry : stream.getEntriesList()) {
                    Timestamp time = entry.getTimestamp();
                    entries.add(
                            new LogEntry(
                                    labels,
                                    time.getSeconds() * 1_000_000_000 + time.getNanos(),
                                    entry.getLine(),
                                    entry.getStructuredMetadataList().stream()
                                            .collect(
                                                    toMap(
                                                            LabelPairAdapter::getName,
                                                            LabelPairAdapter::getValue))));
                }
            }
            return;
        }
        JsonNode request = Json.parse(push.content().toString(StandardCharsets.UTF_8));
        for (JsonNode stream : Json.list(request, "streams")) {
            Map<String, String> labels = strings(stream.get("stream"));
            for (JsonNode value : Json.list(stream, "values")) {
                entries.add(
                        new LogEntry(
                                labels,
                                Long.parseLong(value.get(0).getStringValue()),
                                value.get(1).getStringValue(),
                                value.size() > 2 ? strings(value.get(2)) : Map.of()));
            }
        }
    }

    private static Map<String, String> strings(JsonNode object) {
        return StreamSupport.stream(object.entries().spliterator(), false)
                .collect(toMap(Map.Entry::getKey, field -> field.getValue().getStringValue()));
    }
}
