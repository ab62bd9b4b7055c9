package dev.playground.monitoring.http;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIOException;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.spi.ILoggingEvent;
import dev.playground.monitoring.testkit.LogCapture;
import dev.playground.monitoring.testkit.RawHttp;
import dev.playground.monitoring.testkit.RawHttp.Answer;
import io.micronaut.context.annotation.Property;
import io.micronaut.runtime.server.EmbeddedServer;
import io.micronaut.test.extensions.junit5.annotation.MicronautTest;
import jakarta.inject.Inject;
import java.io.IOException;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.EnumSource.Mode;
import org.junit.jupiter.params.provider.ValueSource;

@MicronautTest
@Property(name = "spec.faulty", value = "true")
@Property(name = "heavy.error-rate", value = "1")
class ErrorResponseTest {
    private static final Map<Integer, String> ERRORS =
            Map.of(
                    400, "Bad Request",
                    404, "Not Found",
                    405, "Method Not Allowed",
                    406, "Not Acceptable",
                    413, "Request Entity Too Large",
                    415, "Unsupported Media Type",
                    500, "Internal server error",
                    505, "HTTP Version Not Supported");

    @Inject EmbeddedServer server;

    @ParameterizedTest
    @EnumSource
    void errorHasStatusAndNoInternalDetail(RawRequest request) throws IOException {
        try (var logs = LogCapture.all()) {
            Answer answer = RawHttp.exchange(server.getPort(), request.text);

            assertThat(answer.status()).isEqualTo(request.status);
            if (request.status != 200 && !request.text.startsWith("HEAD")) {
                expectError(answer, ERRORS.get(request.status));
            }
            assertThat(answer.headers().get("Accept-Encoding"))
                    .isEqualTo(request.status == 415 ? "identity" : null);
            assertThat(answer.headers().keySet())
                    .map(String::toLowerCase)
                    .isSubsetOf(
                            "accept-encoding",
                            "allow",
                            "connection",
                            "content-length",
                            "content-type",
                            "date",
                            "traceparent",
                            "vary");
            Level highest = request.status == 500 ? Level.ERROR : Level.INFO;
            assertThat(logs.events())
                    .allMatch(event -> event.getThrowableProxy() == null)
                    .allMatch(event -> highest.isGreaterOrEqual(event.getLevel()));
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"/faulty/throws", "/faulty/throws-later"})
    void unexpectedExceptionIsLoggedOnceWithTraceId(String route) throws IOException {
        try (var logs = LogCapture.all()) {
            Answer answer = RawHttp.exchange(server.getPort(), RawHttp.get(route));

            assertThat(answer.status()).isEqualTo(500);
            expectError(answer, "Internal server error");
            assertThat(answer.headers().toString()).doesNotContain(FaultyController.SECRET);
            List<ILoggingEvent> withStackTrace =
                    logs.events().stream().filter(e -> e.getThrowableProxy() != null).toList();
            assertThat(withStackTrace).hasSize(1);
            ILoggingEvent event = withStackTrace.get(0);
            assertThat(event.getLevel()).isEqualTo(Level.ERROR);
            assertThat(event.getThrowableProxy().getMessage()).contains(FaultyController.SECRET);
            assertThat(answer.headers().get("traceparent"))
                    .contains(event.getMDCPropertyMap().get("trace_id"));
        }
    }

    @ParameterizedTest
    @EnumSource(
            mode = Mode.MATCH_ALL,
            names = "(GZIP|DEFLATE|SNAPPY|UNKNOWN_C|EXCLUDED|HTTP_1_2).*")
    void keepsConnectionAfter(RawRequest request) throws IOException {
        try (var client = new RawHttp(server.getPort())) {
            client.send(request.text + RawHttp.get("/faulty/7"));

            assertThat(client.receive().status()).isEqualTo(request.status);
            assertThat(client.receive().body()).isEqualTo("7");
        }
    }

    @ParameterizedTest
    @EnumSource(
            mode = Mode.MATCH_ALL,
            names = "MALFORMED_CHUNK|NO_HOST|TWO_HOSTS|.*_TRANSFER_CODING|HTTP_[023].*")
    void closesConnectionAfter(RawRequest request) throws IOException {
        try (var client = new RawHttp(server.getPort())) {
            client.send(request.text + RawHttp.get("/faulty/7"));
            assertThat(client.receive().status()).isEqualTo(request.status);

            assertThatIOException().isThrownBy(client::receive).withMessageContaining("closed");
        }
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "Content-Length: 5\r\n\r\nhello",
                "Transfer-Encoding: chunked\r\n\r\n2\r\nhe\r\n3\r\nllo\r\n0\r\n\r\n"
            })
    void routeReadsBodyWithinLimit(String body) throws IOException {
        String head = "POST /faulty/echo HTTP/1.1\r\nHost: x\r\nContent-Type: text/plain\r\n";

        assertThat(RawHttp.exchange(server.getPort(), head + body).body()).isEqualTo("hello");
    }

    private static void expectError(Answer answer, String error) {
        assertThat(answer.headers()).containsEntry("Content-Type", "application/json");
        assertThat(answer.body()).isEqualTo("{\"error\":\"" + error + "\"}");
    }
}
