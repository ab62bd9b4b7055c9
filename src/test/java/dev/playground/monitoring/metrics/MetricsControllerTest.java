package dev.playground.monitoring.metrics;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.playground.monitoring.testkit.Exposition;
import dev.playground.monitoring.testkit.Exposition.Family;
import dev.playground.monitoring.testkit.Http;
import io.micronaut.runtime.server.EmbeddedServer;
import io.micronaut.test.extensions.junit5.annotation.MicronautTest;
import jakarta.inject.Inject;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.util.Objects;
import java.util.zip.GZIPInputStream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

@MicronautTest
class MetricsControllerTest {
    private static final String TEXT = "text/plain; version=0.0.4; charset=utf-8";
    private static final String OPENMETRICS =
            "application/openmetrics-text; version=1.0.0; charset=utf-8";
    private static final String PROMETHEUS_3 =
            "application/openmetrics-text;version=1.0.0;escaping=allow-utf-8;q=0.6,"
                    + "application/openmetrics-text;version=0.0.1;q=0.5,"
                    + "text/plain;version=1.0.0;escaping=allow-utf-8;q=0.4,"
                    + "text/plain;version=0.0.4;q=0.3,*/*;q=0.2";

    @Inject EmbeddedServer server;

    private URI metrics;

    @BeforeEach
    void findMetrics() {
        metrics = server.getURI().resolve("/metrics");
    }

    @Test
    void respondsWithTextWithoutAccept() {
        assertThat(Http.header(Http.get(metrics), "Content-Type")).isEqualTo(TEXT);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "*/* | text/* | text/html,*/*;q=0.8 | application/openmetrics-text;q=0,*/*",
                "text/plain | text/plain;version=0.0.4 | text/plain; version=0.0.4; charset=utf-8",
                "application/openmetrics-text;q=0,text/plain",
                "application/openmetrics-text;q=0.1,text/plain;q=0.9",
                "application/openmetrics-text;version=9.0.0,text/plain;q=0.1"
            })
    void respondsWithTextFor(String accept) {
        assertThat(accept.split(" \\| ")).extracting(this::contentType).containsOnly(TEXT);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                PROMETHEUS_3,
                "application/* | text/plain;q=0,*/* | */*,application/openmetrics-text",
                "application/openmetrics-text | application/openmetrics-text;version=1.0.0",
                "application/openmetrics-text; version=1.0.0; charset=utf-8",
                "application/openmetrics-text,text/plain | text/plain,application/openmetrics-text",
                "text/plain;q=0.1,application/openmetrics-text;q=0.9"
            })
    void respondsWithOpenMetricsFor(String accept) {
        assertThat(accept.split(" \\| ")).extracting(this::contentType).containsOnly(OPENMETRICS);
    }

    @Test
    void combinesSeveralAcceptHeaders() {
        String[] accept = {"text/plain;q=0.1", "application/openmetrics-text;q=0.9"};

        assertThat(Http.get(metrics, "Accept", accept[0], "Accept", accept[1]))
                .extracting(answer -> Http.header(answer, "Content-Type"))
                .isEqualTo(OPENMETRICS);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "application/json | image/* | */*;q=0 | text/plain;q=0 | text/plain;version=9",
                "text/plain;version=1.0.0 | text/plain;version=1.0.0,application/json",
                "application/openmetrics-text;version=9.0.0",
                "text/plain;q=0,application/openmetrics-text;q=0"
            })
    void respondsWith406WhenNeitherFormatIsAccepted(String accept) {
        assertThat(accept.split(" \\| "))
                .extracting(value -> Http.get(metrics, "Accept", value))
                .allSatisfy(
                        answer -> {
                            assertThat(answer.statusCode()).isEqualTo(406);
                            assertThat(Http.header(answer, "Content-Type"))
                                    .isEqualTo("application/json");
                            assertThat(answer.body()).isEqualTo("{\"error\":\"Not Acceptable\"}");
                        });
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "garbage | / | ,,, | ; | text/plain;q=x | text/plain;q= | text/plain;version | \"",
                "text/plain;q=-1 | a/b/c;;;q=0.1.2 | text/plain;q=99999999999999999999"
            })
    void malformedAcceptIsNoServerError(String accept) {
        assertThat(accept.split(" \\| "))
                .extracting(value -> Http.get(metrics, "Accept", value).statusCode())
                .isSubsetOf(200, 400, 406);
    }

    @ParameterizedTest
    @EnumSource
    void compressesEachFormatWhenAccepted(ExpositionFormat format) throws IOException {
        String type = format.contentType();
        var answer = Http.getBytes(metrics, "Accept", type, "Accept-Encoding", "deflate, gzip");

        assertThat(Http.header(answer, "Content-Encoding")).isEqualTo("gzip");
        assertThat(Http.header(answer, "Content-Type")).isEqualTo(type);
        try (var content = new GZIPInputStream(new ByteArrayInputStream(answer.body()))) {
            String text = new String(content.readAllBytes(), StandardCharsets.UTF_8);
            assertThat(new Exposition(text).families()).isNotEmpty();
        }
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "gzip  | * ~ *;q=0.5 ~ GZIP ~ x-gzip ~ deflate, gzip;q=1.0 ~ snappy,gzip;q=0.001",
                "gzip  | gzip, identity ~ identity;q=0.5, gzip ~ br,*;q=0.1 ~ identity;q=0,*",
                "''    | identity ~ br ~ deflate ~ snappy ~ zstd ~ no-such ~ gzipped ~ ; ~ ,",
                "''    | gzip;q=0 ~ gzip;q=0.000, br ~ gzip;q=0, * ~ gzip;q=x ~ identity, gzip;q=0.5",
                "error | identity;q=0 ~ *;q=0 ~ gzip;q=0, *;q=0 ~ br, identity;q=0.0"
            })
    void codingFor(String coding, String acceptEncoding) {
        for (String value : acceptEncoding.split(" ~ ")) {
            var answer = Http.getBytes(metrics, "Accept-Encoding", value);

            assertThat(answer.statusCode()).as(value).isEqualTo(coding.equals("error") ? 406 : 200);
            assertThat(answer.headers().firstValue("Content-Encoding").orElse(""))
                    .as(value)
                    .isEqualTo(coding.replace("error", ""));
        }
    }

    @Test
    void doesNotCompressWithoutAcceptEncoding() {
        HttpResponse<String> answer = Http.get(metrics);

        assertThat(Http.header(answer, "Vary")).isEqualTo("Accept, Accept-Encoding");
        assertThat(answer.headers().firstValue("Content-Encoding")).isEmpty();
        assertThat(answer.body()).startsWith("# HELP");
    }

    @Test
    void onlyOpenMetricsHasExemplarsAndEndMark() {
        String trace = "4bf92f3577b34da6a3ce929d0e0e4736";
        String traceparent = "00-" + trace + "-00f067aa0ba902b7-01";

        // The client library keeps about ten exemplars a second.
        await().untilAsserted(
                        () -> {
                            Http.get(server.getURI(), "traceparent", traceparent);
                            assertThat(scrape(ExpositionFormat.OPENMETRICS).samples())
                                    .extracting(Exposition.Sample::exemplar)
                                    .filteredOn(Objects::nonNull)
                                    .extracting(Exposition.Exemplar::traceId)
                                    .contains(trace);
                        });
        assertThat(scrape(ExpositionFormat.OPENMETRICS).text()).endsWith("# EOF\n");
        assertThat(scrape(ExpositionFormat.PROMETHEUS_TEXT).text()).doesNotContain(trace, "# EOF");
    }

    @ParameterizedTest
    @EnumSource
    void exposesEachFamilyAndSeriesOnce(ExpositionFormat format) {
        Exposition exposition = scrape(format);

        assertThat(exposition.families()).extracting(Family::name).doesNotHaveDuplicates();
        assertThat(exposition.samples())
                .extracting(sample -> sample.name() + sample.labels())
                .doesNotHaveDuplicates();
    }

    private Exposition scrape(ExpositionFormat format) {
        return new Exposition(Http.get(metrics, "Accept", format.contentType()).body());
    }

    private String contentType(String accept) {
        return Http.header(Http.get(metrics, "Accept", accept), "Content-Type");
    }
}
