package dev.playground.monitoring;

import static org.assertj.core.api.Assertions.assertThat;

import dev.playground.monitoring.testkit.Exposition;
import dev.playground.monitoring.testkit.Exposition.Sample;
import dev.playground.monitoring.testkit.Http;
import dev.playground.monitoring.testkit.RawHttp;
import io.micronaut.runtime.server.EmbeddedServer;
import io.micronaut.test.extensions.junit5.annotation.MicronautTest;
import jakarta.inject.Inject;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.HashSet;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

@MicronautTest
class CardinalityTest {
    private static final int WRONG_PATHS = 100_000;

    /** Each has a thread of the service's. */
    private static final int CONNECTIONS = 2;

    /** Sent before the first answer is read; few enough for the buffers of the sockets. */
    private static final int PIPELINED = 200;

    @Inject EmbeddedServer server;

    @Test
    void wrongPathsHoweverManyMakeOneSeries() throws IOException {
        RawHttp.exchange(server.getPort(), wrongPath(0));
        series();
        Set<String> afterOne = series();

        Set<Integer> statuses =
                IntStream.range(0, CONNECTIONS)
                        .parallel()
                        .boxed()
                        .flatMap(connection -> flood(connection).stream())
                        .collect(Collectors.toSet());

        assertThat(statuses).containsExactly(404);
        assertThat(series()).containsExactlyInAnyOrderElementsOf(afterOne);
    }

    /** A connection's share of the wrong paths; which statuses they were answered with. */
    private Set<Integer> flood(int connection) {
        Set<Integer> statuses = new HashSet<>();
        try (var client = new RawHttp(server.getPort())) {
            for (int sent = connection; sent < WRONG_PATHS; ) {
                StringBuilder requests = new StringBuilder();
                for (int i = 0; i < PIPELINED; i++, sent += CONNECTIONS) {
                    requests.append(wrongPath(sent));
                }
                client.send(requests.toString());
                for (int i = 0; i < PIPELINED; i++) {
                    statuses.add(client.receive().status());
                }
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return statuses;
    }

    private static String wrongPath(int number) {
        return "GET /no/such/path/" + number + " HTTP/1.1\r\nHost: x\r\n\r\n";
    }

    /**
     * Without those that come with the garbage collector's first work of a kind, and with a log
     * appender's first trouble: they are the whole process', whatever else runs in it.
     */
    private Set<String> series() {
        return new Exposition(Http.get(server.getURI().resolve("/metrics")).body())
                .samples().stream()
                        .filter(sample -> !sample.name().matches("(jvm_gc|loki4j)_.*"))
                        .map(CardinalityTest::series)
                        .collect(Collectors.toSet());
    }

    private static String series(Sample sample) {
        return sample.name() + sample.labels();
    }
}
