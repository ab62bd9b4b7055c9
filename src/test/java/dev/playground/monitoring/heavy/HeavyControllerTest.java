package dev.playground.monitoring.heavy;

import static org.assertj.core.api.Assertions.assertThat;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.spi.ILoggingEvent;
import dev.playground.monitoring.testkit.Http;
import dev.playground.monitoring.testkit.LogCapture;
import io.micronaut.context.annotation.Property;
import io.micronaut.context.annotation.Requires;
import io.micronaut.http.annotation.Controller;
import io.micronaut.http.annotation.Get;
import io.micronaut.http.server.HttpServerConfiguration;
import io.micronaut.runtime.server.EmbeddedServer;
import io.micronaut.test.extensions.junit5.annotation.MicronautTest;
import jakarta.inject.Inject;
import java.net.http.HttpResponse;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

@MicronautTest
@Property(name = "spec.name", value = "HeavyControllerTest")
@Property(name = "heavy.latencies-ms", value = "20, 30")
@Property(name = "heavy.error-rate", value = "0.5")
@Property(name = "heavy.seed", value = "42")
class HeavyControllerTest {
    @Inject EmbeddedServer server;
    @Inject HttpServerConfiguration configuration;

    @Test
    void aSuccessSaysHowLongItTook() {
        HttpResponse<String> answer = next(200);

        assertThat(answer.headers().firstValue("Content-Type")).contains("application/json");
        assertThat(answer.body())
                .isIn(
                        "{\"status\":\"success\",\"message\":"
                                + "\"Heavy computation completed successfully in 20ms\"}",
                        "{\"status\":\"success\",\"message\":"
                                + "\"Heavy computation completed successfully in 30ms\"}");
    }

    @Test
    void aConnectionOutlivesTheLongestLatencyThatCanBeAskedFor() {
        assertThat(configuration.getIdleTimeout())
                .isGreaterThan(Duration.ofMillis(HeavySettings.MAX_LATENCY_MS));
    }

    @Test
    void aFailureTellsTheClientNothingAndTheLogItsCauseUnderTheSameTraceId() {
        try (var logs = LogCapture.all()) {
            HttpResponse<String> answer = next(500);

            assertThat(answer.headers().firstValue("Content-Type")).contains("application/json");
            assertThat(answer.body()).isEqualTo("{\"error\":\"Internal server error\"}");
            List<ILoggingEvent> errors =
                    logs.events().stream().filter(e -> e.getLevel() == Level.ERROR).toList();
            assertThat(errors).hasSize(1);
            assertThat(errors.get(0).getFormattedMessage())
                    .isIn(
                            "Heavy computation failed: DB Payment Failure",
                            "Heavy computation failed: DB Server is Down",
                            "Heavy computation failed: Access Denied",
                            "Heavy computation failed: Not Found Error");
            assertThat(errors.get(0).getThrowableProxy()).isNull();
            assertThat(traceId(answer)).isEqualTo(traceId(errors.get(0)));
        }
    }

    @Test
    void eachRequestLogsOneLineAtItsBeginning() {
        try (var logs = LogCapture.all()) {
            for (int i = 0; i < 10; i++) {
                Http.get(server.getURI().resolve("/heavy-computation"));
            }

            assertThat(logs.events())
                    .filteredOn(event -> event.getLevel() == Level.INFO)
                    .hasSize(10)
                    .extracting(ILoggingEvent::getFormattedMessage)
                    .containsOnly("Request received on /heavy-computation route");
        }
    }

    @Test
    void whatIsLoggedAfterTheWaitCarriesTheTraceIdOfItsRequest() {
        try (var logs = LogCapture.of(LoggingAfterTheWait.class)) {
            List<String> answered =
                    IntStream.range(0, 200)
                            .mapToObj(i -> Http.getAsync(server.getURI().resolve("/after/" + i)))
                            .toList()
                            .stream()
                            .map(CompletableFuture::join)
                            .map(answer -> answer.body() + ' ' + traceId(answer))
                            .toList();

            assertThat(logs.events())
                    .extracting(event -> event.getFormattedMessage() + ' ' + traceId(event))
                    .containsExactlyInAnyOrderElementsOf(answered);
        }
    }

    private static String traceId(HttpResponse<String> answer) {
        return answer.headers().firstValue("traceparent").orElseThrow().split("-")[1];
    }

    private static String traceId(ILoggingEvent event) {
        return event.getMDCPropertyMap().get("trace_id");
    }

    /** The next answer with that status; with this error rate one of 100 has it. */
    private HttpResponse<String> next(int status) {
        return Stream.generate(() -> Http.get(server.getURI().resolve("/heavy-computation")))
                .limit(100)
                .filter(answer -> answer.statusCode() == status)
                .findFirst()
                .orElseThrow();
    }

    /** A line behind the wait, which the service itself does not write. */
    @Requires(property = "spec.name", value = "HeavyControllerTest")
    @Controller("/after")
    static final class LoggingAfterTheWait {
        private static final Logger LOG = LoggerFactory.getLogger(LoggingAfterTheWait.class);

        private final HeavyWork work;

        LoggingAfterTheWait(HeavyWork work) {
            this.work = work;
        }

        @Get("/{number}")
        CompletionStage<String> compute(String number) {
            return work.begin()
                    .orElseThrow()
                    .thenApply(
                            outcome -> {
                                LOG.info(number);
                                return number;
                            });
        }
    }
}
