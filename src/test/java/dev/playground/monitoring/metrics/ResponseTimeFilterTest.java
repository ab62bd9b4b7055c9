package dev.playground.monitoring.metrics;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIOException;
import static org.awaitility.Awaitility.await;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.spi.ILoggingEvent;
import dev.playground.monitoring.testkit.Exposition;
import dev.playground.monitoring.testkit.LogCapture;
import dev.playground.monitoring.testkit.RawHttp;
import dev.playground.monitoring.testkit.RawHttp.Answer;
import io.micrometer.prometheusmetrics.PrometheusMeterRegistry;
import io.micronaut.context.annotation.Property;
import io.micronaut.context.annotation.Requires;
import io.micronaut.http.HttpRequest;
import io.micronaut.http.MediaType;
import io.micronaut.http.annotation.Body;
import io.micronaut.http.annotation.Controller;
import io.micronaut.http.annotation.Get;
import io.micronaut.http.annotation.Post;
import io.micronaut.http.annotation.RequestFilter;
import io.micronaut.http.annotation.ServerFilter;
import io.micronaut.http.server.annotation.PreMatching;
import io.micronaut.http.server.netty.NettyHttpRequest;
import io.micronaut.runtime.server.EmbeddedServer;
import io.micronaut.test.extensions.junit5.annotation.MicronautTest;
import io.netty.channel.Channel;
import jakarta.inject.Inject;
import java.io.IOException;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

@MicronautTest
@Property(name = "spec.name", value = "ResponseTimeFilterTest")
@Property(name = "heavy.error-rate", value = "1")
class ResponseTimeFilterTest {
    private static final String SECRET = "the-inside-of-the-service";
    private static final String HISTOGRAM = "req_response_time_histogram";

    @Inject EmbeddedServer server;
    @Inject PrometheusMeterRegistry registry;
    @Inject FaultyController faulty;
    @Inject Begun begun;

    private LogCapture logs;
    private Map<Map<String, String>, Double> before;

    @BeforeEach
    void lookAtWhatWasThere() {
        logs = LogCapture.all();
        before = counts();
    }

    @AfterEach
    void stopCapture() {
        logs.close();
    }

    static Stream<Arguments> answeredRequests() {
        String uri = "a".repeat(9000);
        String tooMuch = "a".repeat(65 * 1024);
        return Stream.of(
                request("200", "GET / HTTP/1.1", "", "GET", "/", 200),
                request("HEAD", "HEAD / HTTP/1.1", "", "HEAD", "/", 200),
                request("template", "GET /faulty/7 HTTP/1.1", "", "GET", "/faulty/{id}", 200),
                request("wrong path", "GET /no/such HTTP/1.1", "", "GET", "unmatched", 404),
                request("wrong method", "DELETE / HTTP/1.1", "", "DELETE", "unmatched", 405),
                request("unknown method", "BREW / HTTP/1.1", "", "OTHER", "unmatched", 405),
                request(
                        "unacceptable type",
                        "GET / HTTP/1.1",
                        "Accept: image/png\r\n",
                        "GET",
                        "unmatched",
                        406),
                request("invalid escape", "GET /%zz HTTP/1.1", "", "GET", "unmatched", 400),
                request("invalid character", "GET /a|b HTTP/1.1", "", "GET", "unmatched", 400),
                request("invalid host", "GET http://[x HTTP/1.1", "", "GET", "unmatched", 400),
                request("malformed request line", "garbage", "", "OTHER", "unmatched", 400),
                request("malformed version", "GET / HTTP/one", "", "OTHER", "unmatched", 400),
                request(
                        "malformed header",
                        "GET / HTTP/1.1",
                        "a b\001: c\r\n",
                        "OTHER",
                        "unmatched",
                        400),
                request(
                        "malformed header with HEAD",
                        "HEAD / HTTP/1.1",
                        "a b\001: c\r\n",
                        "OTHER",
                        "unmatched",
                        400),
                request(
                        "malformed Content-Length",
                        "GET / HTTP/1.1",
                        "Content-Length: many\r\n",
                        "OTHER",
                        "unmatched",
                        400),
                request("URI too long", "GET /" + uri + " HTTP/1.1", "", "OTHER", "unmatched", 413),
                request(
                        "header too long",
                        "GET / HTTP/1.1",
                        "X-Long: " + uri + "\r\n",
                        "OTHER",
                        "unmatched",
                        413),
                request(
                        "body announced too large",
                        "GET / HTTP/1.1",
                        "Content-Length: 70000\r\n",
                        "GET",
                        "/",
                        413),
                request(
                        "body arriving too large",
                        "GET / HTTP/1.1",
                        "Transfer-Encoding: chunked\r\n\r\n"
                                + Integer.toHexString(tooMuch.length())
                                + "\r\n"
                                + tooMuch
                                + "\r\n0\r\n",
                        "GET",
                        "/",
                        413),
                request(
                        "malformed chunk",
                        "GET / HTTP/1.1",
                        "Transfer-Encoding: chunked\r\n\r\nzz\r\n",
                        "GET",
                        "/",
                        400),
                request(
                        "simulated error",
                        "GET /heavy-computation HTTP/1.1",
                        "",
                        "GET",
                        "/heavy-computation",
                        500));
    }

    private static Arguments request(
            String name, String line, String headers, String method, String route, int status) {
        return Arguments.argumentSet(
                name, line + "\r\nHost: x\r\n" + headers + "\r\n", method, route, status);
    }

    @ParameterizedTest
    @MethodSource("answeredRequests")
    void everyAnswerIsCountedOnceWithTheStatusThatTheClientGot(
            String request, String method, String route, int status) throws IOException {
        Answer answer = RawHttp.exchange(server.getPort(), request);

        assertThat(answer.status()).isEqualTo(status);
        assertThat(newSamples()).isEqualTo(oneSample(method, route, status));
    }

    @ParameterizedTest
    @MethodSource("answeredRequests")
    void noErrorOfTheClientLogsAWarningOrAStackTrace(
            String request, String method, String route, int status) throws IOException {
        RawHttp.exchange(server.getPort(), request);

        Level worst = status == 500 ? Level.ERROR : Level.INFO;
        assertThat(logs.events())
                .allSatisfy(event -> assertThat(event.getThrowableProxy()).isNull())
                .allSatisfy(
                        event -> assertThat(event.getLevel().toInt() <= worst.toInt()).isTrue());
    }

    @ParameterizedTest
    @MethodSource("answeredRequests")
    void anErrorSaysItsStatusAndNothingElse(String request, String method, String route, int status)
            throws IOException {
        Answer answer = RawHttp.exchange(server.getPort(), request);

        Map<Integer, String> sentences =
                Map.of(
                        400, "Bad Request",
                        404, "Not Found",
                        405, "Method Not Allowed",
                        406, "Not Acceptable",
                        413, "Request Entity Too Large",
                        500, "Internal server error");
        if (sentences.containsKey(status) && !request.startsWith("HEAD")) {
            assertThat(answer.headers()).containsEntry("Content-Type", "application/json");
            assertThat(answer.body()).isEqualTo("{\"error\":\"" + sentences.get(status) + "\"}");
        }
        assertThat(answer.headers())
                .containsOnlyKeys(
                        Stream.of(
                                        "allow",
                                        "connection",
                                        "content-length",
                                        "content-type",
                                        "date",
                                        "traceparent")
                                .filter(answer.headers()::containsKey)
                                .toList());
    }

    @ParameterizedTest
    @ValueSource(strings = {"/faulty/throws", "/faulty/throws-later"})
    void anUnexpectedExceptionIsAnAnswerASampleAndOneLogLine(String route) throws IOException {
        Answer answer = RawHttp.exchange(server.getPort(), get(route));

        assertThat(answer.status()).isEqualTo(500);
        assertThat(answer.body()).isEqualTo("{\"error\":\"Internal server error\"}");
        assertThat(answer.headers().toString()).doesNotContain(SECRET);
        assertThat(newSamples()).isEqualTo(oneSample("GET", route, 500));
        List<ILoggingEvent> withStackTrace =
                logs.events().stream().filter(event -> event.getThrowableProxy() != null).toList();
        assertThat(withStackTrace).hasSize(1);
        assertThat(withStackTrace.get(0).getLevel()).isEqualTo(Level.ERROR);
        assertThat(withStackTrace.get(0).getThrowableProxy().getMessage()).contains(SECRET);
        assertThat(answer.headers().get("traceparent"))
                .contains(withStackTrace.get(0).getMDCPropertyMap().get("trace_id"));
    }

    @Test
    void aClientThatClosesBeforeTheAnswerIsCountedAs499() throws Exception {
        try (var client = new RawHttp(server.getPort())) {
            client.send(get("/faulty/waits"));
        }
        answerAfterTheClientHasGone();

        expectOneSampleWithoutTrouble("GET", "/faulty/waits");
    }

    @Test
    void aClientThatResetsTheConnectionBeforeTheAnswerIsCountedAs499() throws Exception {
        try (var client = new RawHttp(server.getPort())) {
            client.send(get("/faulty/waits"));
            faulty.arrived();
            client.reset();
        }
        answerAfterTheClientHasGone();

        expectOneSampleWithoutTrouble("GET", "/faulty/waits");
    }

    @Test
    void aClientThatHangsUpInTheMiddleOfItsBodyIsCountedAs499() throws Exception {
        try (var client = new RawHttp(server.getPort())) {
            client.send("GET / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nab");
        }

        expectOneSampleWithoutTrouble("GET", "/");
    }

    @Test
    void aClientThatResetsTheConnectionInTheMiddleOfItsBodyIsCountedAs499() throws Exception {
        try (var client = new RawHttp(server.getPort())) {
            client.send(
                    "GET /faulty/reset HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nab");
            await().until(() -> begun.paths.contains("/faulty/reset"));
            client.reset();
        }

        expectOneSampleWithoutTrouble("GET", "/faulty/{id}");
    }

    @Test
    void aConnectionWhoseBodyIsMalformedIsClosed() throws IOException {
        try (var client = new RawHttp(server.getPort())) {
            client.send("GET / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n");
            assertThat(client.receive().status()).isEqualTo(400);

            assertThatIOException().isThrownBy(client::receive).withMessageContaining("closed");
        }
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "Content-Length: 5\r\n\r\nhello",
                "Transfer-Encoding: chunked\r\n\r\n2\r\nhe\r\n3\r\nllo\r\n0\r\n\r\n"
            })
    void aRouteThatTakesABodyGetsTheWholeOfIt(String body) throws IOException {
        Answer answer =
                RawHttp.exchange(
                        server.getPort(),
                        "POST /faulty/echo HTTP/1.1\r\nHost: x\r\nContent-Type: text/plain\r\n"
                                + body);

        assertThat(answer.body()).isEqualTo("hello");
        assertThat(newSamples()).isEqualTo(oneSample("POST", "/faulty/echo", 200));
    }

    @Test
    void bucketsAreFineEnoughForAP95TrueTo10PercentAndReach10Seconds() throws IOException {
        RawHttp.exchange(server.getPort(), get("/"));

        List<Double> bounds =
                exposition().samples(HISTOGRAM + "_bucket").stream()
                        .filter(bucket -> bucket.labels().get("route").equals("/"))
                        .map(bucket -> bucket.labels().get("le").replace("+Inf", "Infinity"))
                        .map(Double::valueOf)
                        .distinct()
                        .toList();

        assertThat(bounds).isSorted().endsWith(10_000.0, Double.POSITIVE_INFINITY);
        assertThat(bounds).contains(100.0, 2750.0);
        for (int i = bounds.indexOf(100.0); i < bounds.indexOf(2750.0); i++) {
            assertThat(bounds.get(i + 1) / bounds.get(i)).isLessThanOrEqualTo(1.1);
        }
    }

    private void answerAfterTheClientHasGone() throws InterruptedException {
        Waiting waiting = faulty.waiting.poll(10, TimeUnit.SECONDS);
        await().until(() -> !waiting.channel().isActive());
        waiting.answer().complete("nobody reads this");
    }

    private void expectOneSampleWithoutTrouble(String method, String route) {
        await().untilAsserted(
                        () ->
                                assertThat(newSamples())
                                        .isEqualTo(
                                                oneSample(
                                                        method,
                                                        route,
                                                        ResponseTimeFilter.CLIENT_CLOSED_REQUEST)));
        assertThat(logs.events()).noneMatch(event -> event.getLevel().isGreaterOrEqual(Level.WARN));
    }

    private static String get(String path) {
        return "GET " + path + " HTTP/1.1\r\nHost: x\r\n\r\n";
    }

    private Exposition exposition() {
        return new Exposition(registry.scrape());
    }

    private Map<Map<String, String>, Double> counts() {
        return exposition().values(HISTOGRAM + "_count");
    }

    private Map<Map<String, String>, Double> newSamples() {
        Map<Map<String, String>, Double> difference = new HashMap<>(counts());
        before.forEach((labels, count) -> difference.merge(labels, -count, Double::sum));
        difference.values().removeIf(count -> count == 0);
        return difference;
    }

    private static Map<Map<String, String>, Double> oneSample(
            String method, String route, int status) {
        return Map.of(
                Map.of("method", method, "route", route, "status_code", Integer.toString(status)),
                1.0);
    }

    /** The requests whose head has arrived. */
    @Requires(property = "spec.name", value = "ResponseTimeFilterTest")
    @ServerFilter(ServerFilter.MATCH_ALL_PATTERN)
    static final class Begun {
        private final Set<String> paths = ConcurrentHashMap.newKeySet();

        // On the thread that reads the connection, so before anything else that it reads.
        @PreMatching
        @RequestFilter
        void begins(HttpRequest<?> request) {
            paths.add(request.getPath());
        }
    }

    private record Waiting(Channel channel, CompletableFuture<String> answer) {}

    @Requires(property = "spec.name", value = "ResponseTimeFilterTest")
    @Controller("/faulty")
    static final class FaultyController {
        private final BlockingQueue<Waiting> waiting = new LinkedBlockingQueue<>();

        @Get("/{id}")
        String byId(String id) {
            return id;
        }

        @Post(value = "/echo", processes = MediaType.TEXT_PLAIN)
        String echo(@Body String body) {
            return body;
        }

        @Get("/throws")
        String failing() {
            throw new IllegalStateException(SECRET);
        }

        @Get("/throws-later")
        CompletionStage<String> failingLater() {
            return CompletableFuture.supplyAsync(this::failing);
        }

        @Get("/waits")
        CompletionStage<String> waiting(HttpRequest<?> request) {
            CompletableFuture<String> answer = new CompletableFuture<>();
            Channel channel = ((NettyHttpRequest<?>) request).getChannelHandlerContext().channel();
            waiting.add(new Waiting(channel, answer));
            return answer;
        }

        void arrived() {
            await().until(() -> !waiting.isEmpty());
        }
    }
}
