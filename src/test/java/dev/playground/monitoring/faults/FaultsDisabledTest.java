package dev.playground.monitoring.faults;

import static org.assertj.core.api.Assertions.assertThat;

import dev.playground.monitoring.testkit.Http;
import dev.playground.monitoring.testkit.RawHttp;
import dev.playground.monitoring.testkit.RawHttp.Answer;
import io.micronaut.context.annotation.Property;
import io.micronaut.runtime.server.EmbeddedServer;
import io.micronaut.test.extensions.junit5.annotation.MicronautTest;
import jakarta.inject.Inject;
import java.io.IOException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

@MicronautTest
@Property(name = "heavy.error-rate", value = "0")
class FaultsDisabledTest {
    @Inject EmbeddedServer server;

    @ParameterizedTest
    @ValueSource(
            strings = {
                "GET /faults",
                "PUT /faults",
                "DELETE /faults",
                "GET /logs/recent",
                "GET /incidents",
                "POST /incidents",
                "DELETE /incidents/x",
                "POST /incidents/x/answer",
                "POST /incidents/x/fix",
                "POST /ledger",
                "GET /series",
                "PUT /series",
                "DELETE /series",
                "GET /notifications",
                "POST /notifications"
            })
    void routeIsAnUnknownPath(String request) throws IOException {
        String head = " HTTP/1.1\r\nHost: x\r\n\r\n";

        Answer answer = RawHttp.exchange(server.getPort(), request + head);

        assertThat(answer.status()).isEqualTo(404);
        assertThat(answer.body())
                .isEqualTo(RawHttp.exchange(server.getPort(), "GET /no" + head).body());
    }

    @Test
    void exposesNoMetricAndIgnoresParametersOfCalls() {
        assertThat(Http.get(server.getURI().resolve("/metrics")).body())
                .doesNotContain("fault_", "playground_series", "incident_");
        assertThat(
                        Http.get(server.getURI().resolve("/heavy-computation?latency=x&fail=true"))
                                .statusCode())
                .isEqualTo(200);
    }
}
