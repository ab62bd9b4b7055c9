package dev.playground.monitoring.page;

import static org.assertj.core.api.Assertions.assertThat;

import dev.playground.monitoring.testkit.Exposition;
import dev.playground.monitoring.testkit.Http;
import io.micronaut.context.annotation.Property;
import io.micronaut.runtime.server.EmbeddedServer;
import io.micronaut.test.extensions.junit5.annotation.MicronautTest;
import jakarta.inject.Inject;
import java.net.http.HttpResponse;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

@MicronautTest
@Property(name = "page.grafana-url", value = "https://example.com/a'b&c//")
class PageTest {
    @Inject EmbeddedServer server;

    @Test
    void pageAllowsOnlyItsOwnFiles() {
        HttpResponse<String> page = get("/", "Accept", "text/html");

        assertThat(Http.header(page, "Content-Security-Policy"))
                .isEqualTo(
                        "default-src 'none'; script-src 'self'; style-src 'self'; connect-src"
                                + " 'self'; img-src 'self' data:; base-uri 'none'; form-action"
                                + " 'none'; frame-ancestors 'none'");
        assertThat(Http.header(page, "Referrer-Policy")).isEqualTo("no-referrer");
        assertThat(page.body())
                .contains("href=\"https://example.com/a&#x27;b&amp;c\"")
                .contains("href=\"http://localhost:9090\"")
                .doesNotContain("{{", "<style", "style=", "onclick=");
    }

    @ParameterizedTest
    @CsvSource({
        "/, text/html",
        "/page/page.css, text/css",
        "/page/page.js, application/javascript",
        "/page/chart.js, application/javascript",
        "/page/incidents.js, application/javascript",
        "/page/metrics.js, application/javascript",
        "/page/ledger.js, application/javascript"
    })
    void fileIsSentAgainOnlyIfItHasChanged(String path, String type) {
        HttpResponse<String> first = get(path, "Accept", "text/html,*/*;q=0.1");
        String etag = Http.header(first, "ETag");
        HttpResponse<String> second =
                get(path, "Accept", "text/html,*/*;q=0.1", "If-None-Match", "\"x\", W/" + etag);

        assertThat(first.statusCode()).isEqualTo(200);
        assertThat(Http.header(first, "Content-Type")).isEqualTo(type + ";charset=utf-8");
        assertThat(Http.header(first, "X-Content-Type-Options")).isEqualTo("nosniff");
        assertThat(Http.header(first, "Cache-Control")).isEqualTo("no-cache");
        assertThat(second.statusCode()).isEqualTo(304);
        assertThat(second.body()).isEmpty();
        assertThat(Http.header(second, "ETag")).isEqualTo(etag);
        assertThat(
                        get(path, "Accept", "text/html,*/*;q=0.1", "If-None-Match", "\"x\"")
                                .statusCode())
                .isEqualTo(200);
    }

    @Test
    void filesAreCountedWithTheirRoute() {
        assertThat(get("/page/no-such.js").statusCode()).isEqualTo(404);
        assertThat(get("/page/page.html").statusCode()).isEqualTo(404);
        assertThat(get("/page/page.css").statusCode()).isEqualTo(200);

        assertThat(
                        new Exposition(get("/metrics").body())
                                .samples("req_response_time_histogram_count"))
                .filteredOn(sample -> sample.labels().get("route").equals("/page/{name}"))
                .extracting(sample -> sample.labels().get("status_code"))
                .contains("200", "404");
    }

    private HttpResponse<String> get(String path, String... headers) {
        return Http.get(server.getURI().resolve(path), headers);
    }
}
