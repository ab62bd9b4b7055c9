package dev.playground.monitoring.logs;

import static org.assertj.core.api.Assertions.assertThat;

import dev.playground.monitoring.testkit.Http;
import dev.playground.monitoring.testkit.Json;
import io.micronaut.context.annotation.Property;
import io.micronaut.json.tree.JsonNode;
import io.micronaut.runtime.server.EmbeddedServer;
import io.micronaut.test.extensions.junit5.annotation.MicronautTest;
import jakarta.inject.Inject;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

@MicronautTest
@Property(name = "faults.enabled", value = "true")
class RecentLinesTest {
    private static final Logger LOG = LoggerFactory.getLogger(RecentLinesTest.class);

    @Inject EmbeddedServer server;

    @BeforeAll
    static void start() {
        // Its first use logs a line.
        Json.parse("{}");
    }

    @Test
    void returnsTheLatestLinesOldestFirst() {
        IntStream.rangeClosed(1, 300).forEach(i -> LOG.warn("line {}", i));

        assertThat(lines())
                .isEqualTo(lines())
                .hasSize(200)
                .extracting(line -> Json.string(line, "message"))
                .containsExactlyElementsOf(
                        IntStream.rangeClosed(101, 300).mapToObj(i -> "line " + i).toList());
    }

    @Test
    void lineHasTraceIdOfItsRequest() {
        String traceparent = Http.header(Http.get(server.getURI()), "traceparent");

        JsonNode last = last();
        assertThat(Json.string(last, "time")).matches("20\\d\\d-\\d\\d-\\d\\dT[\\d:]{8}\\.\\d{3}Z");
        assertThat(Json.string(last, "level")).isEqualTo("INFO");
        assertThat(Json.string(last, "logger")).endsWith(".HomeController");
        assertThat(Json.string(last, "message")).isEqualTo("Request received on / route");
        assertThat(traceparent).contains(Json.string(last, "trace_id"));
    }

    @Test
    void shortensLongLineWithoutSplittingACharacter() {
        LOG.info("x" + "\ud83d\ude00".repeat(5_000));

        JsonNode last = last();
        assertThat(Json.string(last, "message")).hasSize(2_000).endsWith("\ude00\ufffd");
        assertThat(last.get("trace_id")).isNull();
    }

    private JsonNode last() {
        List<JsonNode> lines = lines();
        return lines.get(lines.size() - 1);
    }

    private List<JsonNode> lines() {
        return Json.list(Json.parse(Http.get(server.getURI().resolve("/logs/recent")).body()));
    }
}
