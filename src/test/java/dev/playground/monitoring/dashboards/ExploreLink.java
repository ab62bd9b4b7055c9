package dev.playground.monitoring.dashboards;

import static org.assertj.core.api.Assertions.assertThat;

import dev.playground.monitoring.testkit.Json;
import io.micronaut.json.tree.JsonNode;
import java.net.URI;
import java.net.URLDecoder;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;

/** A link to Grafana's Explore, in which Grafana replaces {@code ${...}}. */
record ExploreLink(String url) {
    private static final String START = "/explore?schemaVersion=1&orgId=1&panes=";

    /** The links of the dashboards' graphs. */
    static Stream<ExploreLink> ofGraphs() {
        return Dashboard.all().stream()
                .flatMap(dashboard -> Json.strings(dashboard.json()).stream())
                .flatMap(ExploreLink::of);
    }

    /** Empty for a link to another page. */
    static Stream<ExploreLink> of(String url) {
        return Stream.of(url).filter(any -> any.startsWith("/explore")).map(ExploreLink::new);
    }

    /** The expression of the one query, which is to Loki and for the time range of the page. */
    String expr() {
        // A variable is no part of an address; its value is.
        URI.create(url.replaceAll("\\$\\{[^}]*}", "x"));
        assertThat(url).startsWith(START);
        JsonNode panes =
                Json.parse(
                        URLDecoder.decode(url.substring(START.length()), StandardCharsets.UTF_8));
        String expr = Json.string(Json.list(panes, "a", "queries").get(0), "expr");
        Map<String, Object> query =
                Map.of(
                        "refId",
                        "A",
                        "datasource",
                        Map.of("type", "loki", "uid", "loki"),
                        "expr",
                        expr,
                        "queryType",
                        "range");
        Map<String, Object> pane =
                Map.of(
                        "datasource", "loki",
                        "queries", List.of(query),
                        "range", Map.of("from", "${__from}", "to", "${__to}"));
        assertThat(panes).isEqualTo(JsonNode.from(Map.of("a", pane)));
        return expr;
    }

    /** The expression with the values of Grafana's variables. */
    String expr(String instance, String traceId) {
        return expr().replace("${instance:pipe}", instance).replace("${__value.raw}", traceId);
    }
}
