package dev.playground.monitoring;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.playground.monitoring.testkit.FakeLoki;
import dev.playground.monitoring.testkit.Http;
import dev.playground.monitoring.testkit.Json;
import dev.playground.monitoring.testkit.LogEntry;
import dev.playground.monitoring.testkit.ServiceProcess;
import io.micronaut.json.tree.JsonNode;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.http.HttpResponse;
import java.time.Duration;
import java.time.Instant;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.parallel.Execution;
import org.junit.jupiter.api.parallel.ExecutionMode;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** The packaged jar in a process, as a user starts it. */
@Execution(ExecutionMode.CONCURRENT)
class ApplicationIT {
    /** The exit code of a process that SIGTERM ends. */
    private static final int SIGTERM = 143;

    private static final Duration LONGEST_STOP = Duration.ofSeconds(10);
    private static final String TRACE_ID = "4bf92f3577b34da6a3ce929d0e0e4736";
    private static final String TRACEPARENT = "00-" + TRACE_ID + "-00f067aa0ba902b7-01";

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '`',
            value = {
                "PORT              | abc             | a whole number from 0 to 65535",
                "PORT              | ${HOME}         | a value without \"${\"",
                "LOG_FORMAT        | xml             | \"text\" or \"json\"",
                "LOKI_HOST         | loki:3100       | the base URL of Loki, such as",
                "LOKI_HOST         | http://u:p@x    | the base URL of Loki, such as",
                "LOKI_HOST         | http://x/       | the base URL of Loki, such as",
                "LOKI_HOST         | http://x:99999  | the base URL of Loki, such as",
                "SHUTDOWN_DRAIN_MS | -1              | a whole number from 0 to 600000",
                "SHUTDOWN_PUSH_MS  | 1.5             | a whole number from 0 to 600000",
                "HEAVY_LATENCIES_MS| 100,slow        | whole numbers of milliseconds from 0 to",
                "HEAVY_ERROR_RATE  | 2               | a number from 0 to 1",
                "HEAVY_ERROR_RATE  | ``              | a number from 0 to 1",
                "HEAVY_ERROR_CAUSES| costs ${amount} | a value without \"${\"",
                "HEAVY_SEED        | random          | a whole number or nothing"
            })
    void rejectsInvalidSetting(String variable, String value, String expected) throws Exception {
        try (var service = service(Map.of(variable, value))) {
            assertThat(service.exitCode()).isEqualTo(1);
            assertThat(service.errors())
                    .singleElement()
                    .asString()
                    .startsWith(
                            variable + ": invalid value \"" + value + "\": expected " + expected);
            assertThat(service.output()).isEmpty();
        }
    }

    @Test
    void reportsPortInUse() throws Exception {
        try (var used = new ServerSocket(0);
                var service = service(Map.of("PORT", Integer.toString(used.getLocalPort())))) {
            assertThat(service.exitCode()).isEqualTo(1);
            assertThat(service.errors())
                    .containsExactly("PORT: cannot listen on this port: Address already in use");
        }
    }

    @Test
    void servesEachRouteAndLogsOneJsonObjectPerEvent() throws Exception {
        Map<String, String> settings =
                Map.of("LOG_FORMAT", "json", "NODE_NAME", "node-1", "HEAVY_LATENCIES_MS", "1");
        try (var service = service(settings)) {
            Http.get(service.uri("/"), "traceparent", TRACEPARENT);
            assertThat(Http.get(service.uri("/")).body()).isEqualTo("Hello World");
            assertThat(Http.get(service.uri("/heavy-computation")).body()).contains("in 1ms");
            for (String path : List.of("/metrics", "/health/liveness", "/health/readiness")) {
                assertThat(Http.get(service.uri(path)).statusCode()).as(path).isEqualTo(200);
            }
            expectStopInTime(service);

            List<Map<String, String>> events =
                    service.output().stream().map(ApplicationIT::fields).toList();
            assertThat(events).allSatisfy(ApplicationIT::expectFieldsOfContract);
            assertThat(events)
                    .filteredOn(event -> TRACE_ID.equals(event.get("trace_id")))
                    .extracting(event -> event.get("level") + " " + event.get("line"))
                    .containsExactly("INFO Request received on / route");
            assertThat(events)
                    .extracting(event -> event.get("line"))
                    .filteredOn(line -> line.matches("Started in .* on node node-1"))
                    .hasSize(1);
            assertThat(events).last().extracting("line").isEqualTo("Stopped");
            assertThat(service.errors()).isEmpty();
        }
    }

    private static Map<String, String> fields(String line) {
        Map<String, String> fields = new HashMap<>();
        for (Map.Entry<String, JsonNode> field : Json.parse(line).entries()) {
            fields.put(field.getKey(), field.getValue().getStringValue());
        }
        return fields;
    }

    private static void expectFieldsOfContract(Map<String, String> event) {
        assertThat(event).containsKeys("ts", "level", "logger", "thread", "line");
        assertThat(event.keySet())
                .isSubsetOf("ts", "level", "logger", "thread", "trace_id", "line");
        assertThat(event.get("ts")).matches("\\d{4}-\\d\\d-\\d\\dT[\\d:]{8}\\.\\d{9}Z");
        assertThat(Instant.parse(event.get("ts"))).isBetween(Instant.EPOCH, Instant.now());
    }

    @Test
    void answersRequestInFlightBeforeItStops() throws Exception {
        try (var service = service(Map.of("HEAVY_LATENCIES_MS", "2000"))) {
            CompletableFuture<HttpResponse<String>> inFlight =
                    Http.getAsync(service.uri("/heavy-computation"));
            await().until(
                            () -> Http.get(service.uri("/metrics")).body(),
                            metrics -> metrics.contains("heavy_computation_in_flight 1.0"));

            expectStopInTime(service);

            assertThat(inFlight.join().statusCode()).isEqualTo(200);
            assertThat(inFlight.join().body()).contains("in 2000ms");
        }
    }

    @Test
    void pushesEachEventWithLabelsAndMetadataOfContract() throws Exception {
        try (var loki = new FakeLoki();
                var service = service(Map.of("LOKI_HOST", loki.url()))) {
            loki.accept();
            Http.get(service.uri("/"), "traceparent", TRACEPARENT);

            expectStopInTime(service);

            List<LogEntry> pushed =
                    loki.entries().stream().sorted(Comparator.comparing(LogEntry::nanos)).toList();
            assertThat(pushed)
                    .extracting(LogEntry::labels)
                    .containsOnly(
                            Map.of(
                                    "app", "loki-backend-monitoring",
                                    "namespace", "local",
                                    "instance", InetAddress.getLocalHost().getHostName(),
                                    "level", "INFO"));
            assertThat(pushed)
                    .filteredOn(event -> event.line().equals("Request received on / route"))
                    .singleElement()
                    .satisfies(
                            event ->
                                    assertThat(event.metadata())
                                            .containsOnlyKeys("logger", "thread", "trace_id")
                                            .containsEntry("trace_id", TRACE_ID)
                                            .containsEntry(
                                                    "logger",
                                                    "dev.playground.monitoring.home.HomeController"));
            assertThat(pushed).last().extracting(LogEntry::line).isEqualTo("Stopped");
        }
    }

    private static void expectStopInTime(ServiceProcess service) throws InterruptedException {
        long asked = System.nanoTime();
        service.terminate();

        assertThat(service.exitCode()).isEqualTo(SIGTERM);
        assertThat(Duration.ofNanos(System.nanoTime() - asked)).isLessThan(LONGEST_STOP);
    }

    private static ServiceProcess service(Map<String, String> settings) throws IOException {
        Map<String, String> environment =
                new HashMap<>(Map.of("PORT", "0", "HEAVY_ERROR_RATE", "0"));
        environment.putAll(settings);
        return new ServiceProcess(environment, "-jar", "target/backend-monitoring.jar");
    }
}
