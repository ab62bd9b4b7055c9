package dev.playground.monitoring.dashboards;

import dev.playground.monitoring.testkit.Json;
import io.micronaut.json.tree.JsonNode;
import java.net.URI;
import java.net.URLDecoder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * A link to Grafana's Explore, whose panes are JSON in a parameter of the address. Grafana replaces
 * {@code ${...}} in it.
 */
record ExploreLink(Map<String, String> parameters, List<JsonNode> panes) {
    private static final String PATH = "/explore?";

    static boolean isOne(String url) {
        return url.startsWith(PATH);
    }

    /** The links of the dashboards' graphs. */
    static Stream<ExploreLink> ofGraphs() {
        return Dashboard.all().stream()
                .flatMap(dashboard -> Json.strings(dashboard.json()).stream())
                .filter(ExploreLink::isOne)
                .map(ExploreLink::of);
    }

    /**
     * @throws IllegalArgumentException if it is no address, or a parameter has no value
     */
    static ExploreLink of(String url) {
        // A variable is no part of an address; its value is.
        URI.create(url.replaceAll("\\$\\{[^}]*}", "x"));
        Map<String, String> parameters =
                Arrays.stream(url.substring(PATH.length()).split("&"))
                        .map(parameter -> parameter.split("=", 2))
                        .collect(Collectors.toMap(p -> p[0], p -> decode(p[1])));
        List<JsonNode> panes = new ArrayList<>();
        Json.parse(parameters.get("panes")).values().forEach(panes::add);
        return new ExploreLink(parameters, panes);
    }

    private static String decode(String value) {
        return URLDecoder.decode(value, StandardCharsets.UTF_8);
    }

    List<JsonNode> queries() {
        return panes.stream().flatMap(pane -> Json.list(pane, "queries").stream()).toList();
    }

    /** The expression of each query, with Grafana's variables as they stand. */
    Stream<String> expressions() {
        return queries().stream().map(query -> Json.string(query, "expr"));
    }

    /** The expression of each query, with the values of Grafana's variables. */
    Stream<String> expressions(String instance, String traceId) {
        return expressions()
                .map(expr -> expr.replace("${instance:pipe}", instance))
                .map(expr -> expr.replace("${__value.raw}", traceId));
    }
}
