package dev.playground.monitoring.heavy;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.playground.monitoring.testkit.Http;
import dev.playground.monitoring.testkit.RawHttp;
import dev.playground.monitoring.testkit.RawHttp.Answer;
import io.micrometer.core.instrument.MeterRegistry;
import io.micronaut.context.annotation.Property;
import io.micronaut.runtime.server.EmbeddedServer;
import io.micronaut.test.extensions.junit5.annotation.MicronautTest;
import jakarta.inject.Inject;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** As many calls in flight over HTTP as the limit allows. */
@MicronautTest
@Property(name = "heavy.latencies-ms", value = "3000")
@Property(name = "heavy.error-rate", value = "0")
@Property(name = "heavy.max-in-flight", value = "200")
class HeavyLoadTest {
    private static final int LIMIT = 200;
    private static final String CALL = "GET /heavy-computation HTTP/1.1\r\nHost: x\r\n\r\n";

    @Inject EmbeddedServer server;
    @Inject MeterRegistry registry;

    private final List<RawHttp> clients = new ArrayList<>();
    private int threadsBefore;
    private long begun;

    // Sockets of our own: the threads of an HTTP client would count among the service's.
    @BeforeEach
    void fillEveryPlace() throws IOException {
        Http.get(server.getURI());
        threadsBefore = threads();
        begun = System.nanoTime();
        for (int i = 0; i < LIMIT; i++) {
            RawHttp client = new RawHttp(server.getPort());
            clients.add(client);
            client.send(CALL);
        }
        await().until(() -> registry.get("heavy.computation.in.flight").gauge().value() == LIMIT);
    }

    @AfterEach
    void close() throws IOException {
        for (RawHttp client : clients) {
            client.close();
        }
    }

    @Test
    void theCallsTakeNoThreadsAndTheOtherRoutesAnswerMeanwhile() throws IOException {
        assertThat(threads() - threadsBefore).isLessThan(20);
        assertThat(Http.get(server.getURI()).body()).isEqualTo("Hello World");
        assertThat(Http.get(server.getURI().resolve("/metrics")).body())
                .contains("heavy_computation_in_flight 200.0");

        for (RawHttp client : clients) {
            assertThat(client.receive().body()).contains("in 3000ms");
            assertThat((System.nanoTime() - begun) / 1e6).isGreaterThanOrEqualTo(3000);
        }
    }

    @Test
    void aCallAboveTheLimitIsToldWhenToComeBackAndThenFindsAPlace() throws IOException {
        Answer turnedAway = RawHttp.exchange(server.getPort(), CALL);

        assertThat(turnedAway.status()).isEqualTo(503);
        assertThat(turnedAway.headers())
                .containsEntry("Retry-After", "3")
                .containsEntry("Content-Type", "application/json");
        assertThat(turnedAway.body()).isEqualTo("{\"error\":\"Too many computations in flight\"}");

        for (RawHttp client : clients) {
            assertThat(client.receive().status()).isEqualTo(200);
        }
        assertThat(RawHttp.exchange(server.getPort(), CALL).status()).isEqualTo(200);
    }

    private static int threads() {
        return ManagementFactory.getThreadMXBean().getThreadCount();
    }
}
