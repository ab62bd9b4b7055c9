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
 * A link into Grafana's Explore: its panes are JSON, encoded for an address, in which Grafana
 * replaces {@code ${...}} before it is followed.
 */
public record ExploreLink(Map<String, String> parameters, List<JsonNode> panes) {
    private static final String PATH = "/explore?";

    public static boolean isOne(String url) {
        return url.startsWith(PATH);
    }

    /** Those of the dashboards' graphs. */
    public static Stream<ExploreLink> ofGraphs() {
        return Dashboard.all().stream()
                .flatMap(dashboard -> Json.strings(dashboard.json()).stream())
                .filter(ExploreLink::isOne)
                .map(ExploreLink::of);
    }

    /**
     * @throws IllegalArgumentException if it is no address, or a parameter has no value
     */
    public static ExploreLink of(String url) {
        // What Grafana puts in is harmless in an address, unlike the variable itself.
        URI.create(url.replaceAll("\\$\\{[^}]*}", "x"));
        Map<String, String> parameters =
                Arrays.stream(url.substring(PATH.length()).split("&"))
                        .map(parameter -> parameter.split("=", 2))
                        .collect(
                                Collectors.toMap(
                                        parameter -> parameter[0],
                                        parameter ->
                                                URLDecoder.decode(
                                                        parameter[1], StandardCharsets.UTF_8)));
        List<JsonNode> panes = new ArrayList<>();
        Json.parse(parameters.get("panes")).values().forEach(panes::add);
        return new ExploreLink(parameters, panes);
    }

    /** Each query of each pane. */
    public List<JsonNode> queries() {
        return panes.stream().flatMap(pane -> Json.list(pane, "queries").stream()).toList();
    }

    /** The text of each. */
    public Stream<String> expressions() {
        return queries().stream().map(query -> Json.string(query, "expr"));
    }
}
