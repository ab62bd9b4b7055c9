package dev.playground.monitoring.home;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.tuple;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.spi.ILoggingEvent;
import dev.playground.monitoring.testkit.Http;
import dev.playground.monitoring.testkit.LogCapture;
import dev.playground.monitoring.testkit.RawHttp;
import io.micronaut.runtime.server.EmbeddedServer;
import io.micronaut.test.extensions.junit5.annotation.MicronautTest;
import jakarta.inject.Inject;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

@MicronautTest
class HomeControllerTest {
    @Inject EmbeddedServer server;

    @Test
    void respondsWithText() {
        var answer = Http.get(server.getURI());

        assertThat(answer.statusCode()).isEqualTo(200);
        assertThat(Http.header(answer, "Content-Type")).isEqualTo("text/plain");
        assertThat(Http.header(answer, "Vary")).isEqualTo("Accept");
        assertThat(answer.body()).isEqualTo("Hello World");
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "text/plain | */* ~ text/plain ~ text/html,text/plain ~ text/html;q=0,*/*",
                "text/plain | text/html;q=0.8,*/* ~ text/html;q=0.5,text/plain;q=0.6",
                // playground:start
                "text/plain | text/html;q=0,text/*",
                "text/html  | text/html ~ text/html,*/*;q=0.8 ~ text/html,*/* ~ text/plain;q=0,*/*",
                "text/html  | text/plain;q=0.1,text/* ~ text/html;q=0.2,text/plain;q=0.1",
                "text/html  | text/html,application/xhtml+xml,application/xml;q=0.9,image/avif,*/*;q=0.8",
                // playground:end
            })
    void respondsWithThePreferredTypeAndLogsOneLine(String type, String accept) {
        for (String value : accept.split(" ~ ")) {
            try (var logs = LogCapture.all()) {
                var answer = Http.get(server.getURI(), "Accept", value);

                assertThat(answer.statusCode()).as(value).isEqualTo(200);
                assertThat(Http.header(answer, "Content-Type")).as(value).startsWith(type);
                assertThat(Http.header(answer, "Vary")).isEqualTo("Accept");
                assertThat(logs.events())
                        .extracting(ILoggingEvent::getLevel, ILoggingEvent::getFormattedMessage)
                        .containsExactly(tuple(Level.INFO, "Request received on / route"));
            }
        }
    }

    /** In bytes, by the event loop, with the log line; the JIT compiler saves a part of them. */
    @Test
    void allocatesNoMoreThanBoundPerRequest() throws IOException {
        int requests = 5_000;
        try (RawHttp client = new RawHttp(server.getPort())) {
            exchange(client, requests);
            long before = allocated();
            exchange(client, requests);
            assertThat((allocated() - before) / requests).isBetween(1_000L, 15_000L);
        }
    }

    private static void exchange(RawHttp client, int requests) throws IOException {
        for (int i = 0; i < requests; i++) {
            client.send(RawHttp.get("/"));
            assertThat(client.receive().status()).isEqualTo(200);
        }
    }

    private static long allocated() {
        var threads = (com.sun.management.ThreadMXBean) ManagementFactory.getThreadMXBean();
        return Thread.getAllStackTraces().keySet().stream()
                .filter(thread -> thread.getName().startsWith("default-eventLoopGroup"))
                .mapToLong(thread -> threads.getThreadAllocatedBytes(thread.getId()))
                .sum();
    }
}
