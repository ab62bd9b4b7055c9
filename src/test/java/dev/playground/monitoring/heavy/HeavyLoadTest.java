package dev.playground.monitoring.heavy;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.playground.monitoring.testkit.Http;
import dev.playground.monitoring.testkit.RawHttp;
import dev.playground.monitoring.testkit.RawHttp.Answer;
import io.micrometer.core.instrument.MeterRegistry;
import io.micronaut.context.annotation.Property;
import io.micronaut.context.annotation.Requires;
import io.micronaut.http.HttpRequest;
import io.micronaut.runtime.server.EmbeddedServer;
import io.micronaut.test.extensions.junit5.annotation.MicronautTest;
import jakarta.inject.Inject;
import jakarta.inject.Singleton;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import org.junit.jupiter.api.Test;

/** As many calls in flight as the limit allows. */
@MicronautTest
@Property(name = "heavy.latencies-ms", value = "2000")
@Property(name = "heavy.error-rate", value = "0")
@Property(name = "heavy.max-in-flight", value = "200")
@Property(name = "heavy.change", value = "slower")
class HeavyLoadTest {
    private static final int LIMIT = 200;
    private static final String CALL = RawHttp.get("/heavy-computation");

    @Inject EmbeddedServer server;
    @Inject MeterRegistry registry;
    @Inject Slower change;

    @Singleton
    @Requires(property = "heavy.change", value = "slower")
    static class Slower implements BehaviourChange {
        private final List<Outcome> outcomes = new CopyOnWriteArrayList<>();

        @Override
        public Behaviour apply(Behaviour normal, HttpRequest<?> call) {
            return new Behaviour(0, List.of(), new Latency.AnyOf(List.of(10_000)), 0, null);
        }

        @Override
        public void ended(HttpRequest<?> call, Outcome outcome) {
            outcomes.add(outcome);
        }
    }

    @Test
    void callsUseNoThreadsAndFurtherCallsAreRejected() throws IOException {
        Http.get(server.getURI());
        int threadsBefore = threads();
        long started = System.nanoTime();
        // Sockets: the threads of an HTTP client would count as the service's.
        List<RawHttp> clients = new ArrayList<>();
        for (int i = 0; i < LIMIT; i++) {
            clients.add(new RawHttp(server.getPort()));
            clients.get(i).send(CALL);
        }
        await().until(() -> inFlight() == LIMIT);

        assertThat(threads() - threadsBefore).isLessThan(20);
        for (int i = 0; i < 5; i++) {
            Answer rejected = RawHttp.exchange(server.getPort(), CALL);
            assertThat(rejected.status()).isEqualTo(503);
            assertThat(rejected.headers())
                    .containsEntry("Retry-After", "2") // by the settings
                    .containsEntry("Content-Type", "application/json");
            assertThat(rejected.body())
                    .isEqualTo("{\"error\":\"Too many computations in flight\"}");
        }
        assertThat(change.outcomes).hasSize(5).containsOnly(new Outcome.Rejected());
        assertThat(Http.get(server.getURI()).body()).isEqualTo("Hello World");
        assertThat(Http.get(server.getURI().resolve("/metrics")).body())
                .contains("heavy_computation_in_flight 200.0");

        for (RawHttp client : clients) {
            assertThat(client.receive().body()).contains("in 10000ms");
            assertThat((System.nanoTime() - started) / 1e6).isGreaterThanOrEqualTo(10_000);
            client.close();
        }
        assertThat(inFlight()).isZero();
        assertThat(RawHttp.exchange(server.getPort(), CALL).status()).isEqualTo(200);
    }

    private double inFlight() {
        return registry.get("heavy.computation.in.flight").gauge().value();
    }

    private static int threads() {
        return ManagementFactory.getThreadMXBean().getThreadCount();
    }
}
