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
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Keeps calls of /heavy-computation in flight, and compares the observed latency of each with the
 * latency drawn for it; requests "/" 50 times per second meanwhile. Prints one line of JSON.
 * Arguments: port, calls in flight, seconds of warm-up, seconds of measurement. Exits with 1 if a call failed.
 */
final class InFlight {
    private static final Pattern DRAWN = Pattern.compile("in (\\d+)ms");
    private static final double TOLERANCE = 1.15;

    /** Observed by drawn latency of each measured call. */
    private final Queue<Double> ratios = new ConcurrentLinkedQueue<>();

    /** Response times of "/" in milliseconds. */
    private final Queue<Double> homeMillis = new ConcurrentLinkedQueue<>();

    private final AtomicInteger failed = new AtomicInteger();

    private final int port;
    private volatile boolean measuring;

    private InFlight(int port) {
        this.port = port;
    }

    public static void main(String[] args) throws InterruptedException {
        int calls = Integer.parseInt(args[1]);
        InFlight run = new InFlight(Integer.parseInt(args[0]));
        run.measure(calls, Integer.parseInt(args[2]), Integer.parseInt(args[3]));
        if (run.failed.get() > 0) {
            System.err.println(run.failed + " responses without status 200 or a latency");
            System.exit(1);
        }
        long inTime = run.ratios.stream().filter(ratio -> ratio <= TOLERANCE).count();
        List<Double> home = run.homeMillis.stream().sorted().toList();
        System.out.printf(
                "{\"within_%d\": %.3f, \"home_%d_ms\": %.2f}%n",
                calls,
                100.0 * inTime / run.ratios.size(),
                calls,
                home.get(home.size() / 2));
    }

    private void measure(int calls, int warmUp, int seconds) throws InterruptedException {
        EventLoopGroup client = new MultiThreadIoEventLoopGroup(1, NioIoHandler.newFactory());
        // Spread over some seconds, so that the calls are measured and not the burst.
        for (int i = 0; i < calls; i++) {
            connect(client, "/heavy-computation", 0);
            if (i % 20 == 0) {
                TimeUnit.MILLISECONDS.sleep(10);
            }
        }
        connect(client, "/", 20);
        TimeUnit.SECONDS.sleep(warmUp);
        measuring = true;
        TimeUnit.SECONDS.sleep(seconds);
        measuring = false;
        client.shutdownGracefully(0, 5, TimeUnit.SECONDS).sync();
    }

    /** A connection that sends the next request after each response and a pause. */
    private void connect(EventLoopGroup group, String route, int pauseMillis) {
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
            var request = new DefaultFullHttpRequest(HttpVersion.HTTP_1_1, HttpMethod.GET, route);
            request.headers().set("Host", "localhost");
            sent = System.nanoTime();
            context.writeAndFlush(request);
        }

        @Override
        protected void channelRead0(ChannelHandlerContext context, FullHttpResponse response) {
            double millis = (System.nanoTime() - sent) / 1e6;
            Matcher drawn = DRAWN.matcher(response.content().toString(StandardCharsets.UTF_8));
            boolean home = route.equals("/");
            if (!response.status().equals(HttpResponseStatus.OK) || !home && !drawn.find()) {
                failed.incrementAndGet();
            } else if (measuring && home) {
                homeMillis.add(millis);
            } else if (measuring) {
                ratios.add(millis / Integer.parseInt(drawn.group(1)));
            }
            context.executor()
                    .schedule(() -> channelActive(context), pauseMillis, TimeUnit.MILLISECONDS);
        }
    }
}
