package dev.playground.monitoring.incidents;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.playground.monitoring.faults.Fault;
import dev.playground.monitoring.faults.Faults;
import dev.playground.monitoring.heavy.HeavyWork;
import dev.playground.monitoring.testkit.Exposition;
import dev.playground.monitoring.testkit.Http;
import dev.playground.monitoring.testkit.Json;
import dev.playground.monitoring.testkit.LogCapture;
import dev.playground.monitoring.testkit.RawHttp;
import dev.playground.monitoring.testkit.RawHttp.Answer;
import io.micrometer.core.instrument.MeterRegistry;
import io.micronaut.context.annotation.Context;
import io.micronaut.context.annotation.Factory;
import io.micronaut.context.annotation.Property;
import io.micronaut.context.annotation.Replaces;
import io.micronaut.context.annotation.Requires;
import io.micronaut.json.tree.JsonNode;
import io.micronaut.runtime.server.EmbeddedServer;
import io.micronaut.test.extensions.junit5.annotation.MicronautTest;
import jakarta.inject.Inject;
import jakarta.inject.Singleton;
import java.io.IOException;
import java.net.http.HttpResponse;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.CompletableFuture;
import java.util.stream.IntStream;
import java.util.stream.LongStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvFileSource;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

@MicronautTest
@Property(name = "faults.enabled", value = "true")
@Property(name = "heavy.latencies-ms", value = "1")
@Property(name = "heavy.error-rate", value = "0.1")
@Property(name = "incidents.clock", value = "test")
class IncidentsControllerTest {
    private static final String JSON = "Content-Type: application/json";
    private static final String WRONG = "{\"causes\": [\"cpu\", \"memory\"]}";
    private static final TestClock CLOCK = new TestClock();

    @Inject EmbeddedServer server;
    @Inject Incidents incidents;
    @Inject Faults faults;

    @Factory
    @Requires(property = "incidents.clock", value = "test")
    static class Clocks {
        @Singleton
        @Replaces(Faults.class)
        Faults faults(HeavyWork work) {
            return new Faults(work.normal(), CLOCK::nanos);
        }

        @Context
        @Replaces(Incidents.class)
        Incidents incidents(Faults faults, MeterRegistry registry) {
            return new Incidents(faults, registry, CLOCK);
        }
    }

    @AfterEach
    void end() {
        incidents.stop();
    }

    @ParameterizedTest
    @CsvFileSource(resources = "/incidents/rejected.csv", delimiter = '|', quoteCharacter = '`')
    void rejectsAndNamesTheField(int status, String named, String path, String body, String headers)
            throws IOException {
        JsonNode before = create(1, 1);
        String target = path.replace("ID", id(before)).replaceFirst("^/$", "");

        Answer answer = post(target, body, headers == null ? JSON : headers);

        assertThat(answer.status()).isEqualTo(status);
        assertThat(Json.string(Json.parse(answer.body()), "error"))
                .startsWith(named.replace("~", "x".repeat(100)) + ": ")
                .contains(": expected ")
                .hasSizeLessThan(600);
        assertThat(get("/incidents")).isEqualTo(JsonNode.createArrayNode(List.of(before)));
    }

    @ParameterizedTest
    @ValueSource(strings = {"GET /incidents", "GET /incidents/ID", "DELETE /incidents/ID"})
    void rejectsRequestsOfOtherPages(String request) throws IOException {
        JsonNode before = create(1, 1);

        Answer answer =
                RawHttp.exchange(
                        server.getPort(),
                        request.replace("ID", id(before))
                                + " HTTP/1.1\r\nHost: x\r\nSec-Fetch-Site: cross-site\r\n\r\n");

        assertThat(answer.status()).isEqualTo(403);
        assertThat(answer.body()).doesNotContain(id(before));
        assertThat(get("/incidents/" + id(before))).isEqualTo(before);
    }

    /** The first seed of level 1 with this fault. */
    private long seed(Fault fault) {
        return LongStream.range(0, 100)
                .filter(seed -> scenario(1, seed).causes().equals(Set.of(fault)))
                .findFirst()
                .orElseThrow();
    }

    private Scenario scenario(int level, long seed) {
        return Scenario.of(level, seed, faults.normal());
    }

    @ParameterizedTest
    @EnumSource
    void nothingNamesTheFaultOrItsStart(Fault fault) throws Exception {
        call(""); // its series exists before
        JsonNode created = create(1, seed(fault));
        String id = id(created);
        assertThat(Instant.parse(Json.string(created, "endsAt")))
                .isEqualTo(CLOCK.instant().plus(Scenario.LASTS));
        post("/" + id + "/answer", WRONG, JSON);
        Map<String, Object> before = snapshot(id);
        assertThat(before).containsEntry("incident_active", Map.of(Map.of(), 1.0));

        try (var logs = LogCapture.all()) {
            CLOCK.move(scenario(1, seed(fault)).delay().plusSeconds(1));
            List<CompletableFuture<HttpResponse<String>>> calls =
                    Stream.generate(
                                    () ->
                                            Http.getAsync(
                                                    server.getURI().resolve("/heavy-computation")))
                            .limit(20)
                            .toList();
            await().until(() -> logs.events().size() >= 20);

            assertThat(snapshot(id)).isEqualTo(before);
            assertThat(calls)
                    .filteredOn(CompletableFuture::isDone)
                    .flatMap(call -> call.join().headers().map().keySet())
                    .isSubsetOf("content-length", "content-type", "date", "traceparent");
            assertThat(text("/logs/recent").split("Incident created: " + id)[1])
                    .doesNotContainPattern("\\b(error_rate|errorRate|cpu|memory|unready|Fault)\\b");
            assertThat(logs.events())
                    .extracting(event -> event.getFormattedMessage().replaceAll(": .*", ""))
                    .isSubsetOf(
                            "Request received on /heavy-computation route",
                            "Request received on / route",
                            "Heavy computation failed");
        }
        incidents.delete(id);
        assertThat(snapshot(id)).containsEntry("incident_active", Map.of(Map.of(), 0.0));
    }

    /** All that could name a fault, but the measurements of its effects. */
    private Map<String, Object> snapshot(String id) throws IOException {
        Map<String, Object> snapshot = new LinkedHashMap<>();
        snapshot.put("fix", post("/" + id + "/fix", WRONG, JSON).body());
        Exposition metrics = new Exposition(text("/metrics"));
        for (String name : List.of("fault_active", "fault_value", "incident_active")) {
            snapshot.put(name, metrics.values(name));
        }
        snapshot.put(
                "series",
                metrics.samples().stream()
                        .filter(
                                sample ->
                                        !sample.name()
                                                .matches(
                                                        "(req_response_time_histogram|jvm|logback|executor)_.*"))
                        .map(sample -> sample.name() + new TreeMap<>(sample.labels()))
                        .toList());
        for (String path :
                List.of(
                        "/faults",
                        "/incidents",
                        "/incidents/" + id,
                        "/health/liveness",
                        "/heavy-computation?latency=0s&fail=false",
                        "/page/page.js",
                        "/page/incidents.js")) {
            HttpResponse<String> response = Http.get(server.getURI().resolve(path));
            snapshot.put(path, response.body().replaceAll("\"fixes\":\\d+", ""));
            Map<String, Object> headers = new TreeMap<>(response.headers().map());
            headers.keySet().removeAll(Set.of("traceparent", "date"));
            snapshot.put(path + " headers", headers);
        }
        snapshot.put("html", Http.get(server.getURI().resolve("/"), "Accept", "text/html").body());
        snapshot.put("readiness", text("/health/readiness").replace("DOWN", "UP"));
        snapshot.put(
                "PUT /faults",
                RawHttp.exchange(
                                server.getPort(),
                                "PUT /faults HTTP/1.1\r\nHost: x\r\n%s\r\nContent-Length: 9\r\n\r\n{\"cpu\":1}"
                                        .formatted(JSON))
                        .body());
        snapshot.put("DELETE /faults", exchange("DELETE /faults").body());
        return snapshot;
    }

    @Test
    void learnerSolvesAnIncidentByHttpAlone() throws IOException {
        long seed = seed(Fault.ERROR_RATE);
        JsonNode created = create(1, seed);
        String path = "/" + id(created);
        CLOCK.move(scenario(1, seed).delay());
        String start = CLOCK.instant().toString();
        String requested = call("?fail=true");
        String failed = Stream.generate(() -> call("")).filter(t -> !t.isEmpty()).findFirst().get();

        String body = "{\"causes\": [\"error_rate\"], \"start\": \"%s\", \"trace_id\": \"%s\"}";
        assertThat(verdict(post(path + "/answer", body.formatted(start, requested), JSON)))
                .isEqualTo("lucky");
        Answer right = post(path + "/answer", body.formatted(start, failed), JSON);
        assertThat(right.body())
                .isEqualTo(
                        "{\"verdict\":\"right\",\"counts\":false,"
                                + "\"causes\":{\"grade\":\"right\",\"reason\":\"These are the causes,"
                                + " and all of them.\"},"
                                + "\"start\":{\"grade\":\"right\",\"reason\":\"Within 30 seconds of"
                                + " the start.\"},"
                                + "\"trace_id\":{\"grade\":\"right\",\"reason\":\"The incident"
                                + " affected this call.\"}}");
        Answer wrongFix = post(path + "/fix", "{\"causes\": [\"cpu\"]}", JSON);
        Answer fix = post(path + "/fix", "{\"causes\": [\"error_rate\"]}", JSON);
        assertThat(fix.body()).isEqualTo(wrongFix.body());
        IntStream.range(0, 30).forEach(i -> call("?fail=true"));
        assertThat(Json.number(get("/incidents" + path), "recovery", "calls")).isZero();
        IntStream.range(0, 60).forEach(i -> call(""));

        JsonNode state = get("/incidents" + path);
        assertThat(Json.at(state, "recovery", "recovered").getBooleanValue()).isTrue();
        assertThat(Json.strings(Json.at(state, "solution", "causes")))
                .containsExactly("error_rate");
        assertThat(Json.string(state, "answer", "verdict")).isEqualTo("lucky");
        // The solution has the same effect as the incident.
        incidents.stop();
        String document = Json.text(Json.at(state, "solution", "faults"));
        assertThat(put(document).status()).isEqualTo(200);
        assertThat(post("", "{\"level\": 1}", JSON).status()).isEqualTo(409);
        exchange("DELETE /faults");
    }

    @Test
    void concurrentRequestsCreateOneIncidentAndCountOneAnswer() throws Exception {
        List<Answer> created = parallel("", "{\"level\": 2}");
        assertThat(created).extracting(Answer::status).containsOnlyOnce(201).contains(409);
        String path = "/" + id(get("/incidents").get(0)) + "/answer";

        List<Answer> answers = parallel(path, "{\"causes\": [\"unready\"]}");

        assertThat(answers).filteredOn(a -> a.body().contains("\"counts\":true")).hasSize(1);
        assertThat(Json.number(get("/incidents").get(0), "answers")).isEqualTo(50);
    }

    private List<Answer> parallel(String path, String body) {
        return IntStream.range(0, 50)
                .parallel()
                .mapToObj(
                        i -> {
                            try {
                                return post(path, body, JSON);
                            } catch (IOException e) {
                                throw new AssertionError(e);
                            }
                        })
                .toList();
    }

    @Test
    void endsByItselfAndLogsNothingElse() throws IOException {
        try (var logs = LogCapture.of(Incidents.class)) {
            String id = id(create(3, 7));
            CLOCK.move(Scenario.LASTS);
            await().until(() -> logs.events().size() == 2); // without a request

            assertThat(logs.events())
                    .extracting(event -> event.getLevel() + " " + event.getFormattedMessage())
                    .containsExactly("INFO Incident created: " + id, "INFO Incident ended: " + id);
            assertThat(Json.string(get("/incidents/" + id), "state")).isEqualTo("ended");
            assertThat(Json.list(get("/incidents/" + id), "solution", "causes")).isNotEmpty();
        }
    }

    private JsonNode create(int level, long seed) throws IOException {
        Answer answer = post("", "{\"level\": %d, \"seed\": %d}".formatted(level, seed), JSON);
        assertThat(answer.status()).isEqualTo(201);
        return Json.parse(answer.body());
    }

    private Answer post(String path, String body, String headers) throws IOException {
        String text = body.replace("~", "x".repeat(200));
        return RawHttp.exchange(
                server.getPort(),
                "POST /incidents%s HTTP/1.1\r\nHost: play.test\r\n%s\r\nContent-Length: %d\r\n\r\n%s"
                        .formatted(
                                path.replace("~", "x".repeat(200)),
                                headers.replace("\\r\\n", "\r\n"),
                                text.length(),
                                text));
    }

    private Answer put(String document) throws IOException {
        return RawHttp.exchange(
                server.getPort(),
                "PUT /faults HTTP/1.1\r\nHost: x\r\n%s\r\nContent-Length: %d\r\n\r\n%s"
                        .formatted(JSON, document.length(), document));
    }

    private Answer exchange(String request) throws IOException {
        return RawHttp.exchange(server.getPort(), request + " HTTP/1.1\r\nHost: x\r\n\r\n");
    }

    /** The trace id if the call fails, otherwise empty. */
    private String call(String query) {
        HttpResponse<String> response =
                Http.get(server.getURI().resolve("/heavy-computation" + query));
        return response.statusCode() == 500
                ? Http.header(response, "traceparent").split("-")[1]
                : "";
    }

    private String text(String path) {
        return Http.get(server.getURI().resolve(path)).body();
    }

    private JsonNode get(String path) {
        return Json.parse(text(path));
    }

    private static String id(JsonNode incident) {
        return Json.string(incident, "id");
    }

    private static String verdict(Answer answer) {
        return Json.string(Json.parse(answer.body()), "verdict");
    }
}
