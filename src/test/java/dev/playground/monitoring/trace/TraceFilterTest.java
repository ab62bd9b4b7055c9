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
import java.util.Set;
import java.util.concurrent.CompletableFuture;
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
    private static final String CALLER = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01";
    private static final String BUCKET = "req_response_time_histogram_bucket";
    private static final Pattern LATENCY = Pattern.compile("in (\\d+)ms");

    @Inject EmbeddedServer server;
    @Inject EventLoopGroup serverThreads;

    /**
     * @param route the template of its path
     * @param firstLine of its log
     * @param longestMs from before the request was sent to after its answer was read
     */
    private record Request(
            String route,
            String firstLine,
            String traceId,
            HttpResponse<String> answer,
            double longestMs) {
        /** What the service waited for, in milliseconds. */
        double shortestMs() {
            Matcher latency = LATENCY.matcher(answer.body());
            return latency.find() ? Double.parseDouble(latency.group(1)) : 0;
        }
    }

    @Test
    void theCallersTraceGoesOnUnderAnotherSpan() {
        try (var logs = LogCapture.all()) {
            String[] answered = traceparent(CALLER).split("-");

            String[] sent = CALLER.split("-");
            assertThat(answered).hasSize(4);
            assertThat(answered[1]).isEqualTo(sent[1]);
            assertThat(answered[2]).isNotEqualTo(sent[2]);
            assertThat(answered[3]).isEqualTo(sent[3]);
            assertThat(logs.events()).extracting(TraceFilterTest::traceId).containsExactly(sent[1]);
        }
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "garbage",
                "00-00000000000000000000000000000000-00f067aa0ba902b7-01",
                "ff-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01",
                "00-4BF92F3577B34DA6A3CE929D0E0E4736-00f067aa0ba902b7-01"
            })
    void aMalformedHeaderBeginsANewTraceAndIsNoError(String header) {
        try (var logs = LogCapture.all()) {
            String answered = traceparent(header);

            assertThat(answered).matches("00-[0-9a-f]{32}-[0-9a-f]{16}-00");
            assertThat(answered).doesNotContainIgnoringCase("4bf92f3577b34da6a3ce929d0e0e4736");
            assertThat(logs.events())
                    .extracting(ILoggingEvent::getLevel, TraceFilterTest::traceId)
                    .containsExactly(tuple(Level.INFO, answered.split("-")[1]));
        }
    }

    @Test
    void ofTwoHeadersNeitherIsGoneOnWith() {
        String other = CALLER.replace("4bf92f35", "aaaaaaaa");

        var answer =
                Http.get(
                        server.getURI(),
                        TraceFilter.TRACEPARENT,
                        CALLER,
                        TraceFilter.TRACEPARENT,
                        other);

        assertThat(answer.headers().firstValue("traceparent").orElseThrow())
                .matches("00-[0-9a-f]{32}-[0-9a-f]{16}-00")
                .doesNotContain("77b34da6a3ce929d0e0e4736");
    }

    @Test
    void withoutAHeaderEachRequestHasATraceOfItsOwn() {
        try (var logs = LogCapture.all()) {
            List<String> answered =
                    IntStream.range(0, 20)
                            .mapToObj(i -> Http.get(server.getURI()))
                            .map(answer -> answer.headers().firstValue("traceparent").orElseThrow())
                            .map(traceparent -> traceparent.split("-")[1])
                            .toList();

            assertThat(answered).doesNotHaveDuplicates();
            assertThat(logs.events())
                    .extracting(TraceFilterTest::traceId)
                    .containsExactlyElementsOf(answered);
        }
    }

    @Test
    void noTraceStaysBehindOnAThreadOfTheServer() throws Exception {
        for (int i = 0; i < 20; i++) {
            Http.get(server.getURI());
        }

        for (EventExecutor thread : serverThreads) {
            assertThat(thread.submit(() -> MDC.get("trace_id")).get()).isNull();
        }
    }

    @Test
    void aRequestThatIsAnErrorHasItsTraceToo() {
        var answer =
                Http.get(server.getURI().resolve("/no/such/path"), TraceFilter.TRACEPARENT, CALLER);

        assertThat(answer.headers().firstValue("traceparent").orElseThrow())
                .contains("4bf92f3577b34da6a3ce929d0e0e4736");
    }

    @Test
    void requestsAtOnceKeepTheirTracesApart() {
        List<Request> requests;
        List<ILoggingEvent> events;
        try (var logs = LogCapture.all()) {
            requests =
                    IntStream.range(0, 2_000).mapToObj(this::send).toList().stream()
                            .map(CompletableFuture::join)
                            .toList();
            events = logs.events();
        }

        assertThat(requests)
                .allSatisfy(
                        request ->
                                assertThat(request.answer().headers().firstValue("traceparent"))
                                        .hasValueSatisfying(
                                                header ->
                                                        assertThat(header)
                                                                .contains(request.traceId())));
        assertThat(events)
                .allSatisfy(event -> assertThat(traceId(event)).as(event.toString()).isNotNull());
        Map<String, List<String>> lines =
                events.stream()
                        .collect(
                                Collectors.groupingBy(
                                        TraceFilterTest::traceId,
                                        Collectors.mapping(
                                                ILoggingEvent::getFormattedMessage,
                                                Collectors.toList())));
        assertThat(lines).hasSameSizeAs(requests);
        assertThat(requests)
                .allSatisfy(
                        request ->
                                assertThat(lines.get(request.traceId()))
                                        .startsWith(request.firstLine())
                                        // A failure has a second line.
                                        .hasSize(request.answer().statusCode() == 500 ? 2 : 1));
        expectExemplarsOf(requests);
    }

    /** By turns one that is told from all others by its line and its status, and one that waits. */
    private CompletableFuture<Request> send(int number) {
        boolean numbered = number % 2 == 0;
        String path = numbered ? "/numbered/" + number : "/heavy-computation";
        String traceId = "%032x".formatted(number + 1);
        long sent = System.nanoTime();
        return Http.getAsync(
                        server.getURI().resolve(path),
                        TraceFilter.TRACEPARENT,
                        "00-" + traceId + "-00f067aa0ba902b7-01")
                .thenApply(
                        answer ->
                                new Request(
                                        numbered ? "/numbered/{number}" : path,
                                        numbered
                                                ? "Request " + number
                                                : "Request received on /heavy-computation route",
                                        traceId,
                                        answer,
                                        (System.nanoTime() - sent) / 1e6));
    }

    private void expectExemplarsOf(List<Request> requests) {
        Map<String, Request> byTraceId =
                requests.stream().collect(Collectors.toMap(Request::traceId, request -> request));
        List<Sample> buckets =
                new Exposition(
                                Http.get(
                                                server.getURI().resolve("/metrics"),
                                                "Accept",
                                                "application/openmetrics-text")
                                        .body())
                        .samples(BUCKET);
        Map<Map<String, String>, Double> lowerBounds = new HashMap<>();
        Set<Map<String, String>> withExemplar = new HashSet<>();
        Set<String> seen = new HashSet<>();
        for (Sample bucket : buckets) {
            Map<String, String> series = new HashMap<>(bucket.labels());
            double upper = Double.parseDouble(series.remove("le").replace("+Inf", "Infinity"));
            double lower = lowerBounds.getOrDefault(series, 0.0);
            lowerBounds.put(series, upper);
            if (bucket.exemplar() != null && byTraceId.containsKey(bucket.exemplar().traceId())) {
                Request request = byTraceId.get(bucket.exemplar().traceId());
                assertThat(seen.add(request.traceId())).as(request.traceId()).isTrue();
                assertThat(series)
                        .containsEntry("route", request.route())
                        .containsEntry(
                                "status_code", Integer.toString(request.answer().statusCode()));
                assertThat(bucket.exemplar().value())
                        .isGreaterThan(lower)
                        .isLessThanOrEqualTo(upper)
                        .isBetween(request.shortestMs(), request.longestMs());
                withExemplar.add(series);
            }
        }
        // Each series has one at least: not more than some ten a second are kept.
        assertThat(withExemplar)
                .extracting(series -> series.get("route") + ' ' + series.get("status_code"))
                .containsExactlyInAnyOrderElementsOf(
                        requests.stream()
                                .map(r -> r.route() + ' ' + r.answer().statusCode())
                                .collect(Collectors.toSet()));
    }

    private String traceparent(String header) {
        return Http.get(server.getURI(), TraceFilter.TRACEPARENT, header)
                .headers()
                .firstValue("traceparent")
                .orElseThrow();
    }

    private static String traceId(ILoggingEvent event) {
        return event.getMDCPropertyMap().get("trace_id");
    }

    /**
     * Answers each request with one of 300 statuses: the exemplar of one can hardly be in the
     * series of another.
     */
    @Requires(property = "spec.name", value = "TraceFilterTest")
    @Controller("/numbered")
    static final class NumberedController {
        private static final Logger LOG = LoggerFactory.getLogger(NumberedController.class);

        @Get("/{number}")
        io.micronaut.http.HttpResponse<?> answer(int number) {
            LOG.info("Request {}", number);
            return io.micronaut.http.HttpResponse.status(
                    200 + number / 2 % 300, "Status of its own");
        }
    }
}
