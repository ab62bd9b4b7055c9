package dev.playground.monitoring.trace;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.tuple;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.spi.ILoggingEvent;
import dev.playground.monitoring.testkit.Exposition;
import dev.playground.monitoring.testkit.Exposition.Sample;
import dev.playground.monitoring.testkit.Http;
import dev.playground.monitoring.testkit.LogCapture;
import io.micronaut.context.annotation.Property;
import io.micronaut.context.annotation.Requires;
import io.micronaut.http.annotation.Controller;
import io.micronaut.http.annotation.Get;
import io.micronaut.runtime.server.EmbeddedServer;
import io.micronaut.test.extensions.junit5.annotation.MicronautTest;
import io.netty.channel.EventLoopGroup;
import io.netty.util.concurrent.EventExecutor;
import jakarta.inject.Inject;
import java.net.http.HttpResponse;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.function.Function;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.slf4j.MDC;

@MicronautTest
@Property(name = "spec.name", value = "TraceFilterTest")
@Property(name = "heavy.latencies-ms", value = "5, 20, 60")
class TraceFilterTest {
    private static final String TRACE = "4bf92f3577b34da6a3ce929d0e0e4736";
    private static final String CALLER = "00-" + TRACE + "-00f067aa0ba902b7-01";
    private static final Pattern LATENCY = Pattern.compile("in (\\d+)ms");

    @Inject EmbeddedServer server;
    @Inject EventLoopGroup eventLoops;

    /**
     * @param route the template of its path
     * @param firstLine of its log
     * @param tookMs from before the request to after its response
     */
    private record Exchange(
            String route,
            String firstLine,
            String traceId,
            HttpResponse<String> answer,
            double tookMs) {
        double latencyMs() {
            Matcher latency = LATENCY.matcher(answer.body());
            return latency.find() ? Double.parseDouble(latency.group(1)) : 0;
        }

        String routeAndStatus() {
            return route + ' ' + answer.statusCode();
        }
    }

    @Test
    void resumesTraceOfCallerWithNewSpan() {
        try (var logs = LogCapture.all()) {
            assertThat(traceparent("/", "traceparent", CALLER))
                    .matches("00-" + TRACE + "-[0-9a-f]{16}-01")
                    .isNotEqualTo(CALLER);
            assertThat(logs.events()).extracting(TraceFilterTest::traceId).containsExactly(TRACE);
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "traceparent garbage", "traceparent %1$s traceparent %1$s"})
    void startsTraceWithoutOneValidHeader(String headers) {
        String[] sent = headers.isEmpty() ? new String[0] : headers.formatted(CALLER).split(" ");
        try (var logs = LogCapture.all()) {
            String first = traceparent("/", sent);
            String second = traceparent("/", sent);

            assertThat(List.of(first, second, CALLER))
                    .allMatch(header -> header.matches("00-[0-9a-f]{32}-[0-9a-f]{16}-0[01]"))
                    .extracting(header -> header.split("-")[1])
                    .doesNotHaveDuplicates();
            assertThat(logs.events())
                    .extracting(ILoggingEvent::getLevel, TraceFilterTest::traceId)
                    .containsExactly(
                            tuple(Level.INFO, first.split("-")[1]),
                            tuple(Level.INFO, second.split("-")[1]));
        }
    }

    @Test
    void errorResponseHasTheTrace() {
        assertThat(traceparent("/no/such/path", "traceparent", CALLER)).contains(TRACE);
    }

    @Test
    void removesTraceIdFromThreadsOfServer() throws Exception {
        for (int i = 0; i < 20; i++) {
            Http.get(server.getURI());
        }

        for (EventExecutor thread : eventLoops) {
            assertThat(thread.submit(() -> MDC.get("trace_id")).get()).isNull();
        }
    }

    @Test
    void concurrentRequestsKeepTheirTraces() {
        List<Exchange> exchanges;
        List<ILoggingEvent> events;
        try (var logs = LogCapture.all()) {
            exchanges =
                    IntStream.range(0, 1_000).mapToObj(this::send).toList().stream()
                            .map(CompletableFuture::join)
                            .toList();
            events = logs.events();
        }

        assertThat(events).extracting(TraceFilterTest::traceId).doesNotContainNull();
        Map<String, List<ILoggingEvent>> lines =
                events.stream().collect(Collectors.groupingBy(TraceFilterTest::traceId));
        assertThat(lines).hasSameSizeAs(exchanges);
        assertThat(exchanges)
                .allSatisfy(
                        exchange -> {
                            assertThat(Http.header(exchange.answer(), "traceparent"))
                                    .contains(exchange.traceId());
                            assertThat(lines.get(exchange.traceId()))
                                    .extracting(ILoggingEvent::getFormattedMessage)
                                    .startsWith(exchange.firstLine())
                                    // A failure has a second line.
                                    .hasSize(exchange.answer().statusCode() == 500 ? 2 : 1);
                        });
        expectExemplarsOf(exchanges);
    }

    /** Alternates between a request with a line and a status of its own, and one that waits. */
    private CompletableFuture<Exchange> send(int number) {
        boolean numbered = number % 2 == 0;
        String path = numbered ? "/numbered/" + number : "/heavy-computation";
        String traceId = "%032x".formatted(number + 1);
        String traceparent = "00-" + traceId + "-00f067aa0ba902b7-01";
        long sent = System.nanoTime();
        return Http.getAsync(server.getURI().resolve(path), "traceparent", traceparent)
                .thenApply(
                        answer ->
                                new Exchange(
                                        numbered ? "/numbered/{number}" : path,
                                        numbered
                                                ? "Request " + number
                                                : "Request received on /heavy-computation route",
                                        traceId,
                                        answer,
                                        (System.nanoTime() - sent) / 1e6));
    }

    private void expectExemplarsOf(List<Exchange> exchanges) {
        Map<String, Exchange> byTraceId =
                exchanges.stream()
                        .collect(Collectors.toMap(Exchange::traceId, Function.identity()));
        Map<Map<String, String>, Double> lowerBounds = new HashMap<>();
        Set<String> seen = new HashSet<>();
        Set<String> withExemplar = new HashSet<>();
        for (Sample bucket : buckets()) {
            Map<String, String> series = new HashMap<>(bucket.labels());
            double upper = Double.parseDouble(series.remove("le").replace("+Inf", "Infinity"));
            double lower = Objects.requireNonNullElse(lowerBounds.put(series, upper), 0.0);
            if (bucket.exemplar() != null && byTraceId.containsKey(bucket.exemplar().traceId())) {
                Exchange exchange = byTraceId.get(bucket.exemplar().traceId());
                assertThat(seen.add(exchange.traceId())).as(exchange.traceId()).isTrue();
                assertThat(series.get("route") + ' ' + series.get("status_code"))
                        .isEqualTo(exchange.routeAndStatus());
                assertThat(bucket.exemplar().value())
                        .isGreaterThan(lower)
                        .isLessThanOrEqualTo(upper)
                        .isBetween(exchange.latencyMs(), exchange.tookMs());
                withExemplar.add(exchange.routeAndStatus());
            }
        }
        // The client library keeps about ten exemplars a second, and at least one of each series.
        assertThat(withExemplar)
                .isEqualTo(
                        exchanges.stream()
                                .map(Exchange::routeAndStatus)
                                .collect(Collectors.toSet()));
    }

    private List<Sample> buckets() {
        return new Exposition(
                        Http.get(
                                        server.getURI().resolve("/metrics"),
                                        "Accept",
                                        "application/openmetrics-text")
                                .body())
                .samples("req_response_time_histogram_bucket");
    }

    private String traceparent(String path, String... headers) {
        return Http.header(Http.get(server.getURI().resolve(path), headers), "traceparent");
    }

    private static String traceId(ILoggingEvent event) {
        return event.getMDCPropertyMap().get("trace_id");
    }

    /** With 300 different statuses, an exemplar in a wrong series is unlikely to match it. */
    @Requires(property = "spec.name", value = "TraceFilterTest")
    @Controller("/numbered")
    static final class NumberedController {
        private static final Logger LOG = LoggerFactory.getLogger(NumberedController.class);

        @Get("/{number}")
        io.micronaut.http.HttpResponse<?> answer(int number) {
            LOG.info("Request {}", number);
            return io.micronaut.http.HttpResponse.status(200 + number / 2 % 300, "Custom status");
        }
    }
}
