package dev.playground.monitoring.heavy;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.playground.monitoring.testkit.FreePort;
import io.netty.bootstrap.Bootstrap;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.SimpleChannelInboundHandler;
import io.netty.channel.nio.NioIoHandler;
import io.netty.channel.socket.nio.NioSocketChannel;
import io.netty.handler.codec.http.DefaultFullHttpRequest;
import io.netty.handler.codec.http.FullHttpResponse;
import io.netty.handler.codec.http.HttpClientCodec;
import io.netty.handler.codec.http.HttpMethod;
import io.netty.handler.codec.http.HttpObjectAggregator;
import io.netty.handler.codec.http.HttpResponseStatus;
import io.netty.handler.codec.http.HttpVersion;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.yaml.snakeyaml.Yaml;

/**
 * Measures 5,000 calls of the packaged service in flight: the observed latency of each call against
 * its drawn latency, and the response time of "/" meanwhile. The bounds need an idle machine, so no
 * build runs it; docs/performance.md has the command and the results.
 */
class InFlightMeasurement {
    private static final int CALLS = 5_000;
    private static final int WARM_UP_SECONDS = 20;
    private static final int MEASURED_SECONDS = 20;
    private static final Pattern DRAWN = Pattern.compile("in (\\d+)ms");

    /** Observed by drawn latency of each measured call. */
    private final Queue<Double> ratios = new ConcurrentLinkedQueue<>();

    /** Response times of "/" in milliseconds. */
    private final Queue<Double> home = new ConcurrentLinkedQueue<>();

    private final AtomicInteger failed = new AtomicInteger();

    private volatile boolean measuring;

    @Test
    void callsInFlight(@TempDir Path folder) throws Exception {
        int port = FreePort.find();
        Path log = folder.resolve("service.log");
        Process service = start(port, log);
        EventLoopGroup client = new MultiThreadIoEventLoopGroup(1, NioIoHandler.newFactory());
        try {
            await().atMost(30, TimeUnit.SECONDS)
                    .until(() -> Files.readString(log).contains("Started"));
            // Spread over some seconds, so that the calls are measured and not the burst.
            for (int i = 0; i < CALLS; i++) {
                caller(client, port, "/heavy-computation", 0);
                if (i % 20 == 0) {
                    TimeUnit.MILLISECONDS.sleep(10);
                }
            }
            caller(client, port, "/", 20);
            TimeUnit.SECONDS.sleep(WARM_UP_SECONDS);
            measuring = true;
            TimeUnit.SECONDS.sleep(MEASURED_SECONDS);
            measuring = false;
        } finally {
            client.shutdownGracefully(0, 5, TimeUnit.SECONDS).syncUninterruptibly();
            service.destroy();
            service.waitFor();
        }

        List<Double> ratio = ratios.stream().sorted().toList();
        List<Double> millis = home.stream().sorted().toList();
        System.out.printf(
                "%d calls; observed by drawn latency: median %.3f, p99 %.3f, maximum %.3f, within"
                        + " 15 %%: %.3f %%. %d of \"/\": median %.1f ms, p99 %.1f ms%n",
                ratio.size(),
                quantile(ratio, 0.5),
                quantile(ratio, 0.99),
                quantile(ratio, 1),
                100.0 * ratio.stream().filter(r -> r <= 1.15).count() / ratio.size(),
                millis.size(),
                quantile(millis, 0.5),
                quantile(millis, 0.99));
        assertThat(failed).hasValue(0);
        assertThat(quantile(ratio, 1)).isBetween(1.0, 1.15);
        assertThat(quantile(millis, 0.5)).isLessThan(50);
    }

    private static Process start(int port, Path log) throws IOException {
        List<String> java = new ArrayList<>();
        java.add(Path.of(System.getProperty("java.home"), "bin/java").toString());
        java.addAll(List.of(System.getProperty("service.options", containerOptions()).split(" ")));
        java.addAll(List.of("-jar", "target/backend-monitoring.jar"));
        ProcessBuilder command = new ProcessBuilder(java);
        command.redirectErrorStream(true).redirectOutput(log.toFile());
        command.environment()
                .putAll(Map.of("PORT", "" + port, "LOG_FORMAT", "json", "HEAVY_ERROR_RATE", "0"));
        return command.start();
    }

    /** The JVM options of the image, and the memory that compose gives the container. */
    private static String containerOptions() throws IOException {
        Map<String, Map<String, Map<String, Object>>> compose =
                new Yaml().load(Files.readString(Path.of("docker-compose.yml")));
        return "-XX:MaxRAM=%s @src/main/docker/jvm.options"
                .formatted(compose.get("services").get("backend").get("mem_limit"));
    }

    /** A connection that sends the next request after each response and a pause. */
    private void caller(EventLoopGroup group, int port, String route, int pauseMillis) {
        ChannelInitializer<Channel> initializer =
                new ChannelInitializer<>() {
                    @Override
                    protected void initChannel(Channel channel) {
                        channel.pipeline()
                                .addLast(
                                        new HttpClientCodec(),
                                        new HttpObjectAggregator(1024),
                                        new Caller(route, pauseMillis));
                    }
                };
        new Bootstrap()
                .group(group)
                .channel(NioSocketChannel.class)
                .handler(initializer)
                .connect("localhost", port);
    }

    private final class Caller extends SimpleChannelInboundHandler<FullHttpResponse> {
        private final String route;
        private final int pauseMillis;
        private long sent;

        Caller(String route, int pauseMillis) {
            this.route = route;
            this.pauseMillis = pauseMillis;
        }

        @Override
        public void channelActive(ChannelHandlerContext context) {
            DefaultFullHttpRequest request =
                    new DefaultFullHttpRequest(HttpVersion.HTTP_1_1, HttpMethod.GET, route);
            request.headers().set("Host", "localhost");
            sent = System.nanoTime();
            context.writeAndFlush(request);
        }

        @Override
        protected void channelRead0(ChannelHandlerContext context, FullHttpResponse response) {
            double millis = (System.nanoTime() - sent) / 1e6;
            if (!response.status().equals(HttpResponseStatus.OK)) {
                failed.incrementAndGet();
            }
            if (measuring) {
                Matcher drawn = DRAWN.matcher(response.content().toString(StandardCharsets.UTF_8));
                if (drawn.find()) {
                    ratios.add(millis / Integer.parseInt(drawn.group(1)));
                } else {
                    home.add(millis);
                }
            }
            context.executor()
                    .schedule(() -> channelActive(context), pauseMillis, TimeUnit.MILLISECONDS);
        }
    }

    private static double quantile(List<Double> sorted, double quantile) {
        return sorted.get((int) Math.ceil(quantile * sorted.size()) - 1);
    }
}
