package dev.playground.monitoring.testkit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.micronaut.json.tree.JsonNode;
import java.net.URI;
import java.net.URLEncoder;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;

/**
 * Client of the HTTP API of Prometheus.
 *
 * @param url without a path
 */
public record PrometheusApi(String url) {
    /** Enough for two scrapes and an evaluation on a machine that is busy. */
    public static final Duration LIMIT = Duration.ofSeconds(60);

    /** That the expression returns at least one series with a number. */
    public void expectData(String where, String expr) {
        expectData(where, expr, LIMIT);
    }

    /** The same, within another time. */
    public void expectData(String where, String expr, Duration limit) {
        await().atMost(limit)
                .pollDelay(Duration.ZERO) // most of it is there at once
                .untilAsserted(
                        () ->
                                assertThat(query(expr))
                                        .as("%s, asked as %s", where, expr)
                                        .isNotEmpty()
                                        .anyMatch(series -> !Double.isNaN(value(series))));
    }

    /** The result of an expression, one entry for each series. */
    public List<JsonNode> query(String expr) {
        return Json.list(get("query?query=" + encode(expr)), "result");
    }

    /** The value of an expression that gives one series. */
    public double scalar(String expr) {
        List<JsonNode> result = query(expr);
        assertThat(result).as(expr).hasSize(1);
        return value(result.get(0));
    }

    public static double value(JsonNode series) {
        String value = series.get("value").get(1).getStringValue();
        return Double.parseDouble(value.replace("Inf", "Infinity"));
    }

    /** All exemplars of these series. */
    public List<JsonNode> exemplars(String selector) {
        return Json.list(
                        get(
                                "query_exemplars?start=0&end=%d&query=%s"
                                        .formatted(
                                                System.currentTimeMillis() / 1000 + 60,
                                                encode(selector))))
                .stream()
                .flatMap(series -> Json.list(series, "exemplars").stream())
                .toList();
    }

    /** The data of the response to this path of the API. */
    public JsonNode get(String path) {
        HttpResponse<String> answer = Http.get(URI.create(url + "/api/v1/" + path));
        JsonNode body = Json.parse(answer.body());
        assertThat(Json.string(body, "status")).as(answer.body()).isEqualTo("success");
        return body.get("data");
    }

    public static String encode(String text) {
        return URLEncoder.encode(text, StandardCharsets.UTF_8);
    }
}
