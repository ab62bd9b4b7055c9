package dev.playground.monitoring.http;

import static org.assertj.core.api.Assertions.assertThat;

import dev.playground.monitoring.testkit.RawHttp;
import dev.playground.monitoring.testkit.RawHttp.Answer;
import io.micronaut.context.annotation.Property;
import io.micronaut.runtime.server.EmbeddedServer;
import io.micronaut.test.extensions.junit5.annotation.MicronautTest;
import jakarta.inject.Inject;
import java.io.IOException;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

@MicronautTest
@Property(name = "spec.faulty", value = "true")
@Property(name = "heavy.latencies-ms", value = "10")
@Property(name = "heavy.error-rate", value = "0")
class ContentHeadersTest {
    @Inject EmbeddedServer server;

    @ParameterizedTest
    @CsvSource({
        "/, */*, 200",
        "/heavy-computation, */*, 200",
        "/health, */*, 200",
        "/health/readiness, */*, 200",
        "/metrics, application/openmetrics-text, 200",
        "/faulty/7, */*, 200",
        "/no/such, */*, 404",
        "/, image/png, 406",
        // playground:start
        "/, text/html, 200",
        "/page/page.css, */*, 200",
        // playground:end
        "/, 'text/plain;q=0, text/html;q=0', 406",
        "/metrics, image/png, 406",
        "/faulty/throws, */*, 500"
    })
    void headHasHeadersOfGet(String path, String accept, int status) throws IOException {
        String get = request(path, accept);
        try (var client = new RawHttp(server.getPort())) {
            client.send(get.replace("GET", "HEAD"));
            Answer head = client.receiveHead();
            client.send(get);
            Answer answer = client.receive();

            assertThat(head.status()).isEqualTo(answer.status()).isEqualTo(status);
            head.headers().keySet().removeIf(ContentHeadersTest::isOfOneResponse);
            answer.headers().keySet().removeIf(ContentHeadersTest::isOfOneResponse);
            if (path.equals("/metrics") && status == 200) {
                assertThat(head.headers().remove("Content-Length")).hasSizeGreaterThan(3);
                answer.headers().remove("Content-Length");
            }
            assertThat(head.headers()).isEqualTo(answer.headers()).isNotEmpty();
        }
    }

    private static boolean isOfOneResponse(String header) {
        return header.equalsIgnoreCase("date") || header.equalsIgnoreCase("traceparent");
    }

    @ParameterizedTest
    @ValueSource(strings = {"text/plain;q=0.5", "text/plain;charset=no-such", "text/plain;a=b"})
    void contentTypeIsNotCopiedFromAccept(String accept) throws IOException {
        assertThat(RawHttp.exchange(server.getPort(), request("/", accept)).headers())
                .containsEntry("Content-Type", "text/plain");
    }

    @ParameterizedTest
    @CsvSource({
        "/heavy-computation, 'application/json;q=0.0, */*', 406",
        "/, 'text/*;q=0, */*', 406",
        "/, */*;q=0, 406",
        "/heavy-computation, application/json;q=0, 406",
        "/health/liveness, 'application/*;q=0,*/*;q=0.1', 406",
        "/no/such, */*;q=0, 404",
        "/, 'text/*;q=0,text/plain', 200",
        "/, 'text/html;q=0,*/*', 200",
        "/, 'text/plain;q=0.001', 200",
        "/, 'text/plain;q=x', 200"
    })
    void excludedTypeIs406(String path, String accept, int status) throws IOException {
        assertThat(RawHttp.exchange(server.getPort(), request(path, accept)).status())
                .isEqualTo(status);
    }

    private static String request(String path, String accept) {
        return RawHttp.get(path).replace("Host", "Accept: " + accept + "\r\nHost");
    }
}
