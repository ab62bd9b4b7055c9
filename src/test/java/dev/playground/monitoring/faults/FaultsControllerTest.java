package dev.playground.monitoring.faults;

import static org.assertj.core.api.Assertions.assertThat;

import ch.qos.logback.classic.spi.ILoggingEvent;
import dev.playground.monitoring.testkit.Exposition;
import dev.playground.monitoring.testkit.Http;
import dev.playground.monitoring.testkit.Json;
import dev.playground.monitoring.testkit.LogCapture;
import dev.playground.monitoring.testkit.RawHttp;
import dev.playground.monitoring.testkit.RawHttp.Answer;
import io.micronaut.context.annotation.Property;
import io.micronaut.runtime.server.EmbeddedServer;
import io.micronaut.test.extensions.junit5.annotation.MicronautTest;
import jakarta.inject.Inject;
import java.io.IOException;
import java.net.InetAddress;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvFileSource;
import org.junit.jupiter.params.provider.CsvSource;

@MicronautTest
@Property(name = "faults.enabled", value = "true")
@Property(name = "heavy.latencies-ms", value = "1")
@Property(name = "heavy.error-rate", value = "0")
class FaultsControllerTest {
    private static final String JSON = "Content-Type: application/json";
    private static final String SAME_ORIGIN = "; charset=utf-8\r\nOrigin: http://play.test";
    private static final String BEHIND_PROXY =
            "\r\nSec-Fetch-Site: same-origin\r\nOrigin: http://localhost:8080";

    @Inject EmbeddedServer server;
    @Inject Faults faults;

    @AfterEach
    void reset() {
        faults.delete();
    }

    @ParameterizedTest
    @CsvFileSource(resources = "/faults/rejected.csv", delimiter = '|', quoteCharacter = '`')
    void rejectsAndNamesTheField(int status, String named, String body, String headers)
            throws IOException {
        put("{\"errorRate\": 0.5}", JSON);
        FaultDocument before = faults.effects().document();

        Answer answer = put(body, headers == null ? JSON : headers.replace("\\r\\n", "\r\n"));

        assertThat(answer.status()).isEqualTo(status);
        assertThat(Json.string(Json.parse(answer.body()), "error"))
                .startsWith(named.replace("~", "x".repeat(100)) + ": ")
                .contains(": expected ")
                .hasSizeLessThan(600);
        assertThat(faults.effects().document()).isSameAs(before);
    }

    private Answer put(String body, String headers) throws IOException {
        String text = body.replace("~", "x".repeat(200));
        return RawHttp.exchange(
                server.getPort(),
                "PUT /faults HTTP/1.1\r\nHost: play.test\r\n%s\r\nContent-Length: %d\r\n\r\n%s"
                        .formatted(headers, text.length(), text));
    }

    @ParameterizedTest
    @CsvSource({
        "GET /faults, Sec-Fetch-Site: cross-site",
        "GET /faults, Origin: http://attacker.test",
        "DELETE /faults, Sec-Fetch-Site: cross-site",
        "DELETE /faults, Origin: http://attacker.test",
        "GET /heavy-computation?fail=true, Sec-Fetch-Site: cross-site",
        "GET /heavy-computation?latency=1ms, Origin: http://attacker.test"
    })
    void rejectsCrossSiteRequest(String request, String header) throws IOException {
        put("{\"errorRate\": 0}", JSON);
        FaultDocument before = faults.effects().document();

        Answer answer = exchange(request, header);

        assertThat(answer.status()).isEqualTo(403);
        assertThat(answer.body()).startsWith("{\"error\":\"" + header.split(":")[0] + ": ");
        assertThat(faults.effects().document()).isSameAs(before);
        assertThat(exchange(request, "Sec-Fetch-Site: none").status()).isNotEqualTo(403);
        assertThat(exchange("GET /heavy-computation", header).status()).isEqualTo(200);
    }

    private Answer exchange(String request, String header) throws IOException {
        String text = request + " HTTP/1.1\r\nHost: play.test\r\n" + header + "\r\n\r\n";
        return RawHttp.exchange(server.getPort(), text);
    }

    @Test
    void rejectsLongBodyOfUnknownLength() throws IOException {
        String chunk = "1388\r\n" + " ".repeat(0x1388) + "\r\n0\r\n\r\n";

        Answer answer =
                RawHttp.exchange(
                        server.getPort(),
                        "PUT /faults HTTP/1.1\r\nHost: x\r\n%s\r\nTransfer-Encoding: chunked\r\n\r\n%s"
                                .formatted(JSON, chunk));

        assertThat(answer.status()).isEqualTo(413);
        assertThat(answer.body())
                .isEqualTo("{\"error\":\"body: 5000 bytes: expected at most 4096 bytes\"}");
    }

    @ParameterizedTest
    @CsvSource({
        "latency=2, latency", "latency=51s, latency", "latency=, latency",
        "latency=1s&latency=1s, latency", "latency=%F0%9F%98%80, latency", "fail=yes, fail",
        "fail=, fail", "fail=true&fail=false, fail", "latency=1s&fail=1, fail"
    })
    void rejectsParameterOfCallAndNamesIt(String query, String named) {
        HttpResponse<String> answer = get("/heavy-computation?" + query);

        assertThat(answer.statusCode()).isEqualTo(400);
        assertThat(answer.body()).startsWith("{\"error\":\"" + named + ": ").contains("expected");
    }

    @Test
    void answersWithTheEffectiveStateUntilDeleted() throws IOException {
        String document =
                "{\"errorRate\":0.5,\"latency\":{\"longTail\":{\"median\":\"200ms\",\"p99\":\"5s\"}},"
                        + "\"causes\":[\"DB Server is Down\"],\"cpu\":0.01,\"memory\":1,"
                        + "\"unready\":true}";
        String options = ",\"for\":\"90s\",\"ramp\":\"0ms\",\"seed\":42}";
        String state =
                "{\"active\":true,\"faults\":%s,\"for\":\"90s\",\"ramp\":\"0s\",\"seed\":42,"
                        + "\"secondsLeft\":90,\"instance\":\"%s\"}";
        String instance = InetAddress.getLocalHost().getHostName();

        String body = put(document.replaceFirst("}$", options), JSON + SAME_ORIGIN).body();

        assertThat(body).isEqualTo(state.formatted(document, instance));
        assertThat(
                        get("/faults")
                                .body()
                                .replaceFirst("\"secondsLeft\":[0-9]+", "\"secondsLeft\":90"))
                .isEqualTo(body);
        assertThat(exposed("fault_active").values()).hasSize(6).containsOnly(1.0);
        assertThat(put("{\"cpu\":1}", JSON + BEHIND_PROXY).body())
                .contains("{\"cpu\":1.0}", "\"for\":\"5m\"");

        Answer deleted =
                RawHttp.exchange(server.getPort(), "DELETE /faults HTTP/1.1\r\nHost: x\r\n\r\n");
        assertThat(deleted.body())
                .isEqualTo(
                        "{\"active\":false,\"faults\":{},\"secondsLeft\":0,\"instance\":\"%s\"}"
                                .formatted(instance))
                .isEqualTo(get("/faults").body());
        assertThat(exposed("fault_active").values()).hasSize(6).containsOnly(0.0);
        assertThat(exposed("fault_value").values()).hasSize(6).containsOnly(0.0);
    }

    @Test
    void targetIsThatOfTheDocumentDuringItsRamp() throws IOException {
        String document = "{\"errorRate\":1.0,\"cpu\":0.01,\"memory\":3}";

        String body = put(document.replaceFirst("}$", ",\"ramp\":\"5m\"}"), JSON).body();

        assertThat(body).contains("\"target\":" + document).contains("\"memory\":1}");
    }

    @Test
    void concurrentPutsLeaveOneDocumentAndLogEachOnce() throws Exception {
        try (var logs = LogCapture.of(Faults.class)) {
            ExecutorService clients = Executors.newFixedThreadPool(50);
            List<Callable<Answer>> puts = new ArrayList<>();
            for (int i = 1; i <= 1_000; i++) {
                String body =
                        "{\"errorRate\": 0.%04d, \"causes\": [\"%<d\"], \"memory\": 1, \"seed\": %<d}"
                                .formatted(i);
                puts.add(() -> put(body, JSON));
            }
            for (Future<Answer> answer : clients.invokeAll(puts)) {
                assertThat(answer.get().status()).isEqualTo(200);
            }
            clients.shutdown();

            FaultDocument last = faults.effects().document();
            assertThat(last.causes()).containsExactly(last.seed().toString());
            assertThat(last.errorRate()).isEqualTo(last.seed() / 10_000.0);
            // Started, then for each further document: the previous one ended, the next started.
            List<String> lines =
                    logs.events().stream().map(ILoggingEvent::getFormattedMessage).toList();
            assertThat(lines).hasSize(1_999).doesNotHaveDuplicates();
            for (int i = 1; i < lines.size(); i += 2) {
                assertThat(lines.get(i))
                        .isEqualTo(lines.get(i - 1).replace("started", "ended") + " (replaced)");
            }
            assertThat(lines).last().isEqualTo("Fault started: " + last);
        }
        assertThat(Thread.getAllStackTraces().keySet())
                .filteredOn(thread -> thread.getName().equals("faults"))
                .hasSize(1);
    }

    @Test
    void failsOnlyTheSimulatedWork() throws IOException {
        put("{\"errorRate\": 1, \"causes\": [\"Out of coffee\"], \"unready\": true}", JSON);

        try (var logs = LogCapture.all()) {
            assertThat(get("/heavy-computation").statusCode()).isEqualTo(500);
            assertThat(logs.events())
                    .extracting(ILoggingEvent::getFormattedMessage)
                    .contains("Heavy computation failed: Out of coffee");
        }
        put("{\"latency\": {\"fixed\": \"50s\"}, \"unready\": true}", JSON);
        for (String path : List.of("/", "/metrics", "/health/liveness", "/faults")) {
            assertThat(get(path).statusCode()).as(path).isEqualTo(200);
        }
        assertThat(get("/health/readiness").statusCode()).isEqualTo(503);
        faults.delete();
        assertThat(get("/health/readiness").statusCode()).isEqualTo(200);
    }

    @Test
    void callRequestsItsOwnLatencyAndFailure() {
        faults.start(FaultReader.read("{\"errorRate\": 1}".getBytes(StandardCharsets.UTF_8)));
        long started = System.nanoTime();

        assertThat(get("/heavy-computation?latency=300ms&fail=false").body()).contains("in 300ms");
        assertThat(get("/heavy-computation?latency=300ms").statusCode()).isEqualTo(500);
        faults.delete();
        assertThat(get("/heavy-computation?latency=300ms&fail=true").statusCode()).isEqualTo(500);
        assertThat((System.nanoTime() - started) / 1e6).isGreaterThanOrEqualTo(900);
        assertThat(get("/heavy-computation?fail=true").statusCode()).isEqualTo(500);
        assertThat(exposed("req_response_time_histogram_count").keySet())
                .extracting(labels -> labels.get("route"))
                .contains("/heavy-computation")
                .noneMatch(route -> route.contains("?"));
    }

    private HttpResponse<String> get(String path) {
        return Http.get(server.getURI().resolve(path));
    }

    private Map<Map<String, String>, Double> exposed(String metric) {
        return new Exposition(get("/metrics").body()).values(metric);
    }
}
