package dev.playground.monitoring;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.playground.monitoring.testkit.FakeLoki;
import dev.playground.monitoring.testkit.Http;
import dev.playground.monitoring.testkit.LogEntry;
import dev.playground.monitoring.testkit.ServiceProcess;
import io.micronaut.core.type.Argument;
import io.micronaut.json.JsonMapper;
import io.micronaut.json.tree.JsonNode;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.http.HttpResponse;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import org.assertj.core.api.InstanceOfAssertFactories;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.parallel.Execution;
import org.junit.jupiter.api.parallel.ExecutionMode;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** The packaged jar, started as a user starts it. */
@Execution(ExecutionMode.CONCURRENT)
class ApplicationIT {
    /** What an operating system makes of a process that ends on SIGTERM. */
    private static final int ENDED_BY_SIGTERM = 143;

    private static final Duration LONGEST_STOP = Duration.ofSeconds(10);
    private static final String TRACE_ID = "4bf92f3577b34da6a3ce929d0e0e4736";

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '`',
            value = {
                "PORT              | abc             | a whole number from 0 to 65535.",
                "PORT              | 70000           | a whole number from 0 to 65535.",
                "LOG_FORMAT        | xml             | \"text\" or \"json\".",
                "LOKI_HOST         | loki:3100       | the base URL of Loki such as",
                "LOKI_HOST         | http://u:p@x    | the base URL of Loki such as",
                "LOKI_HOST         | http://x/       | the base URL of Loki such as",
                "LOKI_HOST         | http://x:99999  | the base URL of Loki such as",
                "SHUTDOWN_DRAIN_MS | -1              | a whole number from 0 to 600000.",
                "SHUTDOWN_PUSH_MS  | 1.5             | a whole number from 0 to 600000.",
                "HEAVY_LATENCIES_MS| 100,slow        | whole numbers of milliseconds from 0 to",
                "HEAVY_ERROR_RATE  | 2               | a number from 0 to 1.",
                "HEAVY_ERROR_CAUSES| costs ${amount} | no \"${\"."
            })
    void aBadSettingStopsTheStartWithOneSentence(String variable, String value, String accepts)
            throws Exception {
        try (var service = service(Map.of(variable, value))) {
            assertThat(service.exitCode()).isEqualTo(1);
            assertThat(service.errors()).hasSize(1);
            assertThat(service.errors().get(0))
                    .startsWith(
                            "The service did not start. %s is \"%s\", but takes %s"
                                    .formatted(variable, value, accepts));
            assertThat(service.output()).isEmpty();
        }
    }

    @Test
    void aTakenPortStopsTheStartWithOneSentence() throws Exception {
        try (var taken = new ServerSocket(0);
                var service = service(Map.of("PORT", Integer.toString(taken.getLocalPort())))) {
            assertThat(service.exitCode()).isEqualTo(1);
            assertThat(service.errors())
                    .containsExactly(
                            "The service did not start. It cannot listen on the port that PORT"
                                    + " names: Address already in use.");
        }
    }

    @Test
    void everyRouteAnswersAndEachLineOfTheJsonLogIsOneEvent() throws Exception {
        try (var service =
                service(
                        Map.of(
                                "LOG_FORMAT",
                                "json",
                                "NODE_NAME",
                                "node-1",
                                "HEAVY_LATENCIES_MS",
                                "1",
                                "HEAVY_ERROR_RATE",
                                "0"))) {
            assertThat(Http.get(service.uri("/"), "traceparent", traceparent()).body())
                    .isEqualTo("Hello World");
            assertThat(Http.get(service.uri("/heavy-computation")).body()).contains("in 1ms");
            assertThat(Http.get(service.uri("/metrics")).statusCode()).isEqualTo(200);
            assertThat(Http.get(service.uri("/health/liveness")).statusCode()).isEqualTo(200);
            assertThat(Http.get(service.uri("/health/readiness")).statusCode()).isEqualTo(200);
            service.terminate();
            assertThat(service.exitCode()).isEqualTo(ENDED_BY_SIGTERM);

            List<Map<String, String>> events = new ArrayList<>();
            for (String line : service.output()) {
                events.add(strings(json(line)));
            }
            assertThat(events)
                    .allSatisfy(
                            event -> {
                                assertThat(event)
                                        .containsKeys("ts", "level", "logger", "thread", "line");
                                assertThat(event.keySet())
                                        .isSubsetOf(
                                                "ts",
                                                "level",
                                                "logger",
                                                "thread",
                                                "trace_id",
                                                "line");
                                assertThat(event.get("ts"))
                                        .matches("\\d{4}-\\d\\d-\\d\\dT[\\d:]{8}\\.\\d{9}Z");
                                assertThat(Instant.parse(event.get("ts")))
                                        .isBetween(Instant.EPOCH, Instant.now());
                            });
            assertThat(events)
                    .filteredOn(event -> TRACE_ID.equals(event.get("trace_id")))
                    .extracting(event -> event.get("level") + " " + event.get("line"))
                    .containsExactly("INFO Request received on / route");
            assertThat(events)
                    .filteredOn(event -> event.get("line").startsWith("Started in "))
                    .singleElement()
                    .extracting("line", InstanceOfAssertFactories.STRING)
                    .endsWith(" on node node-1");
            assertThat(service.errors()).isEmpty();
            assertThat(events).last().extracting("line").isEqualTo("Stopped");
        }
    }

    @Test
    void aRequestInFlightIsAnsweredBeforeTheServiceEnds() throws Exception {
        try (var service = service(Map.of("HEAVY_LATENCIES_MS", "2000", "HEAVY_ERROR_RATE", "0"))) {
            CompletableFuture<HttpResponse<String>> inFlight =
                    Http.getAsync(service.uri("/heavy-computation"));
            await().until(
                            () -> Http.get(service.uri("/metrics")).body(),
                            metrics -> metrics.contains("heavy_computation_in_flight 1.0"));

            expectEndInTime(service);

            assertThat(inFlight.join().statusCode()).isEqualTo(200);
            assertThat(inFlight.join().body()).contains("in 2000ms");
        }
    }

    @Test
    void theServiceStartsServesAndEndsWithLokiAbsent() throws Exception {
        try (var absent = new FakeLoki();
                var service = service(Map.of("LOKI_HOST", absent.url()))) {
            assertThat(Http.get(service.uri("/")).body()).isEqualTo("Hello World");

            expectEndInTime(service);

            assertThat(service.errors()).isEmpty();
        }
    }

    @Test
    void everyEventReachesLokiWithTheLabelsAndMetadataOfTheContract() throws Exception {
        try (var loki = new FakeLoki();
                var service = service(Map.of("LOKI_HOST", loki.url()))) {
            loki.beWell();
            Http.get(service.uri("/"), "traceparent", traceparent());

            expectEndInTime(service);

            List<LogEntry> pushed =
                    loki.kept().stream().sorted(Comparator.comparing(LogEntry::nanos)).toList();
            assertThat(pushed)
                    .allSatisfy(
                            event ->
                                    assertThat(event.labels())
                                            .isEqualTo(
                                                    Map.of(
                                                            "app",
                                                            "loki-backend-monitoring",
                                                            "namespace",
                                                            "local",
                                                            "instance",
                                                            InetAddress.getLocalHost()
                                                                    .getHostName(),
                                                            "level",
                                                            "INFO")));
            assertThat(pushed)
                    .filteredOn(event -> event.line().equals("Request received on / route"))
                    .singleElement()
                    .satisfies(
                            event -> {
                                assertThat(event.metadata())
                                        .containsOnlyKeys("logger", "thread", "trace_id")
                                        .containsEntry("trace_id", TRACE_ID)
                                        .containsEntry(
                                                "logger",
                                                "dev.playground.monitoring.home.HomeController");
                            });
            assertThat(pushed).last().extracting(LogEntry::line).isEqualTo("Stopped");
        }
    }

    private static JsonNode json(String text) throws IOException {
        return JsonMapper.createDefault().readValue(text, Argument.of(JsonNode.class));
    }

    private static Map<String, String> strings(JsonNode object) {
        Map<String, String> strings = new HashMap<>();
        object.entries()
                .forEach(entry -> strings.put(entry.getKey(), entry.getValue().getStringValue()));
        return strings;
    }

    private static String traceparent() {
        return "00-" + TRACE_ID + "-00f067aa0ba902b7-01";
    }

    private static void expectEndInTime(ServiceProcess service) throws InterruptedException {
        long asked = System.nanoTime();
        service.terminate();

        assertThat(service.exitCode()).isEqualTo(ENDED_BY_SIGTERM);
        assertThat(Duration.ofNanos(System.nanoTime() - asked)).isLessThan(LONGEST_STOP);
    }

    private static ServiceProcess service(Map<String, String> settings) throws IOException {
        Map<String, String> environment = new HashMap<>(Map.of("PORT", "0"));
        environment.putAll(settings);
        return new ServiceProcess(environment, "-jar", "target/backend-monitoring.jar");
    }
}
