package dev.playground.monitoring.home;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.tuple;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.spi.ILoggingEvent;
import dev.playground.monitoring.testkit.Http;
import dev.playground.monitoring.testkit.LogCapture;
import io.micronaut.runtime.server.EmbeddedServer;
import io.micronaut.test.extensions.junit5.annotation.MicronautTest;
import org.junit.jupiter.api.Test;

@MicronautTest
class HomeControllerTest {
    @Test
    void respondsWithTextAndLogsOneLine(EmbeddedServer server) {
        try (var logs = LogCapture.all()) {
            var answer = Http.get(server.getURI());

            assertThat(answer.statusCode()).isEqualTo(200);
            assertThat(Http.header(answer, "Content-Type")).isEqualTo("text/plain");
            assertThat(answer.body()).isEqualTo("Hello World");
            assertThat(logs.events())
                    .extracting(ILoggingEvent::getLevel, ILoggingEvent::getFormattedMessage)
                    .containsExactly(tuple(Level.INFO, "Request received on / route"));
        }
    }
}
