package dev.playground.monitoring.heavy;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.tuple;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.spi.ILoggingEvent;
import dev.playground.monitoring.testkit.Http;
import dev.playground.monitoring.testkit.LogCapture;
import io.micronaut.context.annotation.Property;
import io.micronaut.http.server.HttpServerConfiguration;
import io.micronaut.runtime.server.EmbeddedServer;
import io.micronaut.test.extensions.junit5.annotation.MicronautTest;
import jakarta.inject.Inject;
import java.net.http.HttpResponse;
import java.time.Duration;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

@MicronautTest
@Property(name = "heavy.latencies-ms", value = "20, 30")
@Property(name = "heavy.error-rate", value = "0.5")
@Property(name = "heavy.seed", value = "42")
class HeavyControllerTest {
    @Inject EmbeddedServer server;

    @Test
    void successStatesItsLatencyAndLogsOneLine() {
        try (var logs = LogCapture.all()) {
            HttpResponse<String> answer = next(200);

            assertThat(Http.header(answer, "Content-Type")).isEqualTo("application/json");
            assertThat(answer.body())
                    .matches(
                            "\\{\"status\":\"success\",\"message\":"
                                    + "\"Heavy computation completed successfully in (20|30)ms\"}");
            assertThat(logs.events())
                    .filteredOn(event -> traceId(event).equals(traceId(answer)))
                    .extracting(ILoggingEvent::getLevel, ILoggingEvent::getFormattedMessage)
                    .containsExactly(
                            tuple(Level.INFO, "Request received on /heavy-computation route"));
        }
    }

    @Test
    void failureHidesItsCauseFromTheClientAndLogsIt() {
        try (var logs = LogCapture.all()) {
            HttpResponse<String> answer = next(500);

            assertThat(Http.header(answer, "Content-Type")).isEqualTo("application/json");
            assertThat(answer.body()).isEqualTo("{\"error\":\"Internal server error\"}");
            List<ILoggingEvent> events =
                    logs.events().stream()
                            .filter(event -> traceId(event).equals(traceId(answer)))
                            .toList();
            assertThat(events)
                    .extracting(ILoggingEvent::getLevel)
                    .containsExactly(Level.INFO, Level.ERROR);
            assertThat(events.get(1).getFormattedMessage())
                    .matches(
                            "Heavy computation failed: (DB Payment Failure|DB Server is Down|"
                                    + "Access Denied|Not Found Error)");
            assertThat(events.get(1).getThrowableProxy()).isNull();
        }
    }

    @Test
    void idleTimeoutExceedsTheMaximumLatency(HttpServerConfiguration configuration) {
        assertThat(configuration.getIdleTimeout())
                .isGreaterThan(Duration.ofMillis(Latency.LIMIT_MS));
    }

    private static String traceId(HttpResponse<String> answer) {
        return Http.header(answer, "traceparent").split("-")[1];
    }

    private static String traceId(ILoggingEvent event) {
        return event.getMDCPropertyMap().get("trace_id");
    }

    /** The next answer with that status; at this error rate, one of 100 has it. */
    private HttpResponse<String> next(int status) {
        return Stream.generate(() -> Http.get(server.getURI().resolve("/heavy-computation")))
                .limit(100)
                .filter(answer -> answer.statusCode() == status)
                .findFirst()
                .orElseThrow();
    }
}
