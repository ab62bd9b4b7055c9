package dev.playground.monitoring.metrics;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.playground.monitoring.testkit.Exposition;
import dev.playground.monitoring.testkit.Exposition.Exemplar;
import dev.playground.monitoring.testkit.Exposition.Family;
import dev.playground.monitoring.testkit.Exposition.Sample;
import dev.playground.monitoring.testkit.Http;
import io.micronaut.runtime.server.EmbeddedServer;
import io.micronaut.test.extensions.junit5.annotation.MicronautTest;
import jakarta.inject.Inject;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.util.Set;
import java.util.stream.Collectors;
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
    void aClientThatStatesNoWishGetsTheText() {
        assertThat(contentType(Http.get(metrics))).isEqualTo(TEXT);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "*/*",
                "text/*",
                "text/plain",
                "text/plain;version=0.0.4",
                "text/plain; version=0.0.4; charset=utf-8",
                "application/openmetrics-text;q=0,text/plain",
                "application/openmetrics-text;q=0,*/*",
                "application/openmetrics-text;q=0.1,text/plain;q=0.9",
                "application/openmetrics-text;version=9.0.0,text/plain;q=0.1",
                "text/html,*/*;q=0.8"
            })
    void theTextIsAnsweredWhere(String accept) {
        assertThat(contentType(Http.get(metrics, "Accept", accept))).isEqualTo(TEXT);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                PROMETHEUS_3,
                "application/*",
                "application/openmetrics-text",
                "application/openmetrics-text;version=1.0.0",
                "application/openmetrics-text; version=1.0.0; charset=utf-8",
                "application/openmetrics-text,text/plain",
                "text/plain,application/openmetrics-text",
                "text/plain;q=0.1,application/openmetrics-text;q=0.9",
                "text/plain;q=0,*/*",
                "*/*,application/openmetrics-text"
            })
    void openMetricsIsAnsweredWhere(String accept) {
        assertThat(contentType(Http.get(metrics, "Accept", accept))).isEqualTo(OPENMETRICS);
    }

    @Test
    void theWishesOfSeveralAcceptHeadersCountTogether() {
        var answer =
                Http.get(
                        metrics,
                        "Accept",
                        "text/plain;q=0.1",
                        "Accept",
                        "application/openmetrics-text;q=0.9");

        assertThat(contentType(answer)).isEqualTo(OPENMETRICS);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "application/json",
                "image/*",
                "application/openmetrics-text;version=9.0.0",
                "text/plain;version=9",
                "text/plain;q=0",
                "text/plain;q=0,application/openmetrics-text;q=0",
                "*/*;q=0"
            })
    void aClientThatTakesNeitherFormatGets406InJson(String accept) {
        var answer = Http.get(metrics, "Accept", accept);

        assertThat(answer.statusCode()).isEqualTo(406);
        assertThat(contentType(answer)).isEqualTo("application/json");
        assertThat(answer.body()).isEqualTo("{\"error\":\"Not Acceptable\"}");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "garbage",
                "/",
                ",,,",
                ";",
                "text/plain;q=x",
                "text/plain;q=",
                "text/plain;version",
                "text/plain;q=-1",
                "a/b/c;;;q=0.1.2",
                "text/plain;q=99999999999999999999",
                "\"",
            })
    void aMalformedAcceptIsNoErrorOfTheService(String accept) {
        assertThat(Http.get(metrics, "Accept", accept).statusCode()).isIn(200, 400, 406);
    }

    @ParameterizedTest
    @EnumSource
    void bothFormatsAreCompressedWhenTheClientTakesIt(ExpositionFormat format) throws IOException {
        var answer =
                Http.getBytes(
                        metrics,
                        "Accept",
                        format.contentType(),
                        "Accept-Encoding",
                        "deflate, gzip");

        assertThat(answer.headers().firstValue("Content-Encoding")).contains("gzip");
        assertThat(contentType(answer)).isEqualTo(format.contentType());
        try (var content = new GZIPInputStream(new ByteArrayInputStream(answer.body()))) {
            String text = new String(content.readAllBytes(), StandardCharsets.UTF_8);
            assertThat(new Exposition(text).families()).isNotEmpty();
        }
    }

    @ParameterizedTest
    @CsvSource(
            quoteCharacter = '"',
            value = {
                "Accept-Encoding, identity",
                "Accept-Encoding, gzip;q=0",
                "X-No-Accept-Encoding, at all"
            })
    void nothingIsCompressedWhenTheClientDoesNotTakeIt(String header, String value) {
        var answer = Http.get(metrics, header, value);

        assertThat(answer.headers().firstValue("Content-Encoding")).isEmpty();
        assertThat(answer.body()).startsWith("# HELP");
    }

    @Test
    void openMetricsEndsWithItsEndMark() {
        assertThat(openMetrics().text()).endsWith("# EOF\n");
        assertThat(text().text()).doesNotContain("# EOF");
    }

    @Test
    void anExemplarCarriesTheTraceIdThatTheCallerSent() {
        String traceId = "4bf92f3577b34da6a3ce929d0e0e4736";

        // Not each request leaves an exemplar: the client library takes some ten a second.
        await().untilAsserted(
                        () -> {
                            Http.get(
                                    server.getURI(),
                                    "traceparent",
                                    "00-" + traceId + "-00f067aa0ba902b7-01");
                            assertThat(openMetrics().samples("req_response_time_histogram_bucket"))
                                    .filteredOn(bucket -> bucket.exemplar() != null)
                                    .extracting(Sample::exemplar)
                                    .extracting(Exemplar::traceId)
                                    .contains(traceId);
                        });
        assertThat(text().text()).doesNotContain(traceId);
    }

    @ParameterizedTest
    @EnumSource
    void noMetricNameAndNoSeriesIsThereTwice(ExpositionFormat format) {
        Exposition exposition = scrape(format.contentType());

        assertThat(exposition.families()).extracting(Family::name).doesNotHaveDuplicates();
        assertThat(exposition.samples())
                .extracting(sample -> sample.name() + sample.labels())
                .doesNotHaveDuplicates();
    }

    @Test
    void theProcessHasTheStandardNamesOfPrometheus() {
        assertThat(names())
                .contains(
                        "process_cpu_seconds_total",
                        "process_resident_memory_bytes",
                        "process_virtual_memory_bytes",
                        "process_open_fds",
                        "process_max_fds",
                        "process_start_time_seconds");
    }

    @Test
    void theHistogramIsTheOneTruthOfResponseTimes() {
        Http.get(server.getURI());

        assertThat(names())
                .contains("req_response_time_histogram")
                .noneMatch(name -> name.startsWith("http_"));
    }

    private Set<String> names() {
        return text().families().stream().map(Family::name).collect(Collectors.toSet());
    }

    private Exposition text() {
        return scrape(TEXT);
    }

    private Exposition openMetrics() {
        return scrape(OPENMETRICS);
    }

    private Exposition scrape(String contentType) {
        return new Exposition(Http.get(metrics, "Accept", contentType).body());
    }

    private static String contentType(HttpResponse<?> answer) {
        return answer.headers().firstValue("Content-Type").orElseThrow();
    }
}
