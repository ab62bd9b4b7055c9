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
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.yaml.snakeyaml.Yaml;

/**
 * 5,000 calls of the packaged service in flight at once, each held to the latency that it drew, and
 * "/" meanwhile. A measurement, not a test: its bounds need a quiet machine, so no build runs it;
 * docs/performance.md says how, and what came out.
 */
class InFlightMeasurement {
    private static final int CALLS = 5_000;
    private static final Duration WARM_UP = Duration.ofSeconds(20);
    private static final Duration MEASURED = Duration.ofSeconds(20);
    private static final Pattern DRAWN = Pattern.compile("in (\\d+)ms");

    /** Observed over drawn, of each call that ended in the measured time. */
    private final ConcurrentLinkedQueue<Double> ratios = new ConcurrentLinkedQueue<>();

    /** Milliseconds that "/" took. */
    private final ConcurrentLinkedQueue<Double> home = new ConcurrentLinkedQueue<>();

    private final AtomicInteger failed = new AtomicInteger();

    private volatile boolean measuring;

    @Test
    void callsInFlight(@TempDir Path folder) throws Exception {
        int port = FreePort.find();
        List<String> java = new ArrayList<>();
        java.add(Path.of(System.getProperty("java.home"), "bin/java").toString());
        java.addAll(List.of(System.getProperty("service.options", asInTheContainer()).split(" ")));
        java.addAll(List.of("-jar", "target/backend-monitoring.jar"));
        ProcessBuilder command =
                new ProcessBuilder(java)
                        .redirectErrorStream(true)
                        .redirectOutput(folder.resolve("service.log").toFile());
        command.environment().put("PORT", Integer.toString(port));
        command.environment().put("LOG_FORMAT", "json");
        command.environment().put("HEAVY_ERROR_RATE", "0");
        Process service = command.start();
        EventLoopGroup client = new MultiThreadIoEventLoopGroup(1, NioIoHandler.newFactory());
        try {
            await().atMost(Duration.ofSeconds(30))
                    .until(
                            () ->
                                    Files.readString(folder.resolve("service.log"))
                                            .contains("Started"));
            // Spread over some seconds: all at once would measure the burst, not the calls.
            for (int i = 0; i < CALLS; i++) {
                caller(client, port, "/heavy-computation", 0);
                if (i % 20 == 0) {
                    TimeUnit.MILLISECONDS.sleep(10);
                }
            }
            caller(client, port, "/", 20);
            TimeUnit.MILLISECONDS.sleep(WARM_UP.toMillis());
            measuring = true;
            TimeUnit.MILLISECONDS.sleep(MEASURED.toMillis());
            measuring = false;
        } finally {
            client.shutdownGracefully(0, 5, TimeUnit.SECONDS).syncUninterruptibly();
            service.destroy();
            service.waitFor();
        }

        List<Double> ratio = sorted(ratios);
        List<Double> millis = sorted(home);
        System.out.printf(
                "%d calls answered; observed over drawn: median %.3f, p99 %.3f, worst %.3f, within"
                        + " 15 %%: %.3f %%. %d of \"/\": median %.1f ms, p99 %.1f ms%n",
                ratio.size(),
                at(ratio, 0.5),
                at(ratio, 0.99),
                at(ratio, 1),
                100.0 * ratio.stream().filter(r -> r <= 1.15).count() / ratio.size(),
                millis.size(),
                at(millis, 0.5),
                at(millis, 0.99));
        assertThat(failed).hasValue(0);
        assertThat(at(ratio, 1)).isBetween(1.0, 1.15);
        assertThat(at(millis, 0.5)).isLessThan(50);
    }

    /** The JVM as the image starts it, in as much memory as compose gives the container. */
    private static String asInTheContainer() throws IOException {
        Map<String, Map<String, Map<String, Object>>> compose =
                new Yaml().load(Files.readString(Path.of("docker-compose.yml")));
        return "-XX:MaxRAM=%s @src/main/docker/jvm.options"
                .formatted(compose.get("services").get("backend").get("mem_limit"));
    }

    /** A connection that asks again as soon as it is answered, after a pause. */
    private void caller(EventLoopGroup group, int port, String route, int pauseMillis) {
        new Bootstrap()
                .group(group)
                .channel(NioSocketChannel.class)
                .handler(
                        new ChannelInitializer<Channel>() {
                            @Override
                            protected void initChannel(Channel channel) {
                                channel.pipeline()
                                        .addLast(
                                                new HttpClientCodec(),
                                                new HttpObjectAggregator(1024),
                                                new Caller(route, pauseMillis));
                            }
                        })
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

    private static List<Double> sorted(Iterable<Double> values) {
        List<Double> sorted = new ArrayList<>();
        values.forEach(sorted::add);
        sorted.sort(null);
        return sorted;
    }

    private static double at(List<Double> sorted, double quantile) {
        return sorted.get((int) Math.ceil(quantile * sorted.size()) - 1);
    }
}
