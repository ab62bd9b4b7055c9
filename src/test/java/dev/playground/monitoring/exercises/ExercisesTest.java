package dev.playground.monitoring.exercises;

import static org.assertj.core.api.Assertions.assertThat;

import ch.qos.logback.classic.spi.ILoggingEvent;
import dev.playground.monitoring.testkit.Exposition;
import dev.playground.monitoring.testkit.Http;
import dev.playground.monitoring.testkit.Json;
import dev.playground.monitoring.testkit.LogCapture;
import dev.playground.monitoring.testkit.RawHttp;
import dev.playground.monitoring.testkit.RawHttp.Answer;
import io.micronaut.context.annotation.Property;
import io.micronaut.json.tree.JsonNode;
import io.micronaut.runtime.server.EmbeddedServer;
import io.micronaut.test.extensions.junit5.annotation.MicronautTest;
import jakarta.inject.Inject;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

@MicronautTest
@Property(name = "faults.enabled", value = "true")
class ExercisesTest {
    private static final String JSON = "Content-Type: application/json";
    private static final String TRACE = "4bf92f3577b34da6a3ce929d0e0e4736";

    @Inject EmbeddedServer server;

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '`',
            value = {
                "POST /ledger | {\"lines\": 0}    | lines: invalid value 0: expected a whole number from 1 to 2000",
                "POST /ledger | {\"lines\": 2001} | lines: invalid value 2001: expected",
                "POST /ledger | {\"lines\": 1.5}  | lines: invalid value 1.5: expected",
                "POST /ledger | {\"lines\": \"5\"} | lines: invalid value \"5\": expected",
                "POST /ledger | {\"lines\": null} | lines: invalid value null: expected",
                "POST /ledger | {}                | lines: missing: expected",
                "POST /ledger | {\"line\": 1}     | line: unknown field: expected",
                "POST /ledger | {\"lines\": 1     | lines: invalid JSON at line 1",
                "PUT /series  | {\"series\": -1}  | series: invalid value -1: expected a whole number from 0 to 2000",
                "PUT /series  | {\"series\": 2001} | series: invalid value 2001: expected",
                "PUT /series  | 7                 | body: invalid value 7: expected",
            })
    void rejectsAndNamesTheField(String request, String body, String error) throws IOException {
        Answer answer = send(request, body, JSON);

        assertThat(answer.status()).isEqualTo(400);
        assertThat(Json.string(Json.parse(answer.body()), "error")).startsWith(error);
        assertThat(exposed()).isEmpty();
    }

    @ParameterizedTest
    @CsvSource({
        "POST /ledger, text/plain, 415", "PUT /series, text/plain, 415",
        "POST /notifications, text/plain, 415", "POST /ledger, cross-site, 403",
        "PUT /series, cross-site, 403", "GET /series, cross-site, 403",
        "DELETE /series, cross-site, 403", "POST /notifications, cross-site, 403",
        "GET /notifications, cross-site, 403"
    })
    void rejectsOtherTypesAndOrigins(String request, String value, int status) throws IOException {
        String header =
                value.equals("cross-site")
                        ? JSON + "\r\nSec-Fetch-Site: cross-site"
                        : "Content-Type: " + value;

        assertThat(send(request, "{\"alerts\":[]}", header).status()).isEqualTo(status);
    }

    @Test
    void ledgersHaveTheirOwnIdAndEachNumberOnceInOrder() throws Exception {
        try (var logs = LogCapture.of(LedgerController.class)) {
            ExecutorService clients = Executors.newFixedThreadPool(8);
            List<Callable<Answer>> posts = new ArrayList<>();
            for (int i = 0; i < 8; i++) {
                String trace = "\r\ntraceparent: 00-%s-0000000000000001-01".formatted(TRACE);
                posts.add(() -> send("POST /ledger", "{\"lines\": 2000}", JSON + trace));
            }
            List<String> expected = new ArrayList<>();
            for (Future<Answer> answer : clients.invokeAll(posts)) {
                assertThat(answer.get().status()).isEqualTo(201);
                JsonNode ledger = Json.parse(answer.get().body());
                String id = Json.string(ledger, "id");
                assertThat(id).matches("[0-9a-z]{5}");
                assertThat(Json.number(ledger, "lines")).isEqualTo(2_000);
                assertThat(Json.string(ledger, "count")).isEqualTo("src/ledger/count " + id);
                List<String> lines =
                        IntStream.rangeClosed(1, 2_000)
                                .mapToObj(i -> "Ledger %s: line %d of 2000".formatted(id, i))
                                .toList();
                assertThat(messages(logs)).containsSubsequence(lines);
                expected.addAll(lines);
            }
            clients.shutdown();
            assertThat(messages(logs)).containsExactlyInAnyOrderElementsOf(expected);
            assertThat(logs.events())
                    .allMatch(event -> TRACE.equals(event.getMDCPropertyMap().get("trace_id")));
        }
    }

    private static List<String> messages(LogCapture logs) {
        return logs.events().stream().map(ILoggingEvent::getFormattedMessage).toList();
    }

    @Test
    void exposesAsManySeriesAsRequestedUntilDeleted() throws Exception {
        for (int count : new int[] {2_000, 0, 3}) {
            String state = "{\"series\":%d}".formatted(count);
            assertThat(send("PUT /series", state, JSON).body()).isEqualTo(state);
            assertThat(send("GET /series", "", JSON).body()).isEqualTo(state);
            assertThat(exposed()).hasSize(count);
        }
        assertThat(exposed()).containsOnlyKeys(number("0001"), number("0002"), number("0003"));
        assertThat(Set.copyOf(exposed().values())).containsExactly(1.0);

        assertThat(send("DELETE /series", "", JSON).body()).isEqualTo("{\"series\":0}");
        assertThat(Http.get(server.getURI().resolve("/metrics")).body())
                .doesNotContain("playground_series");
    }

    private static Map<String, String> number(String number) {
        return Map.of("number", number);
    }

    private Map<Map<String, String>, Double> exposed() {
        return new Exposition(Http.get(server.getURI().resolve("/metrics")).body())
                .values("playground_series");
    }

    @Test
    void keepsTheLatestAlertsOfNotifications() throws IOException {
        String alert = "{\"status\":\"%s\",\"labels\":{\"alertname\":\"%s\"}}";
        String ignored =
                "{},null,{\"status\":\"firing\",\"labels\":{\"alertname\":null}},"
                        + alert.formatted("other", "A")
                        + ","
                        + alert.formatted("firing", "<");
        for (int i = 1; i <= 20; i++) {
            String alerts = "{\"version\":\"4\",\"alerts\":[%s,%s]}";
            String body = alerts.formatted(ignored, alert.formatted("firing", "A" + i));
            assertThat(send("POST /notifications", body, JSON).status()).isEqualTo(200);
        }
        String last = "{\"alerts\":[" + alert.formatted("resolved", "A1") + "]}";
        send("POST /notifications", last, JSON);

        List<JsonNode> kept = Json.list(Json.parse(send("GET /notifications", "", JSON).body()));

        assertThat(kept).hasSize(20).extracting(one -> Json.string(one, "alert")).startsWith("A2");
        assertThat(Json.string(kept.get(19), "status")).isEqualTo("resolved");
        assertThat(Json.string(kept.get(19), "time")).matches("\\d{4}-\\d\\d-\\d\\dT[\\d:]{8}Z");
        assertThat(send("POST /notifications", "{}", JSON).status()).isLessThan(500);
    }

    private Answer send(String request, String body, String headers) throws IOException {
        return RawHttp.exchange(
                server.getPort(),
                "%s HTTP/1.1\r\nHost: x\r\n%s\r\nContent-Length: %d\r\n\r\n%s"
                        .formatted(request, headers, body.length(), body));
    }
}
